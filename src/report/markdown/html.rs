//! Markdown as HTML that can stand inside a page of ours.
//!
//! HTML inside the Markdown becomes text, images become their description, and links lead to
//! other pages only by `http`, `https` and `mailto`: the page loads nothing and runs nothing that
//! a document brings.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Renders `markdown`, its headings lowered by `lowered` levels.
pub fn render(markdown: &str, lowered: usize) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let events = events.filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, id, .. }) => {
            let dest_url = if leads_out_safely(&dest_url) { dest_url } else { CowStr::from("#") };
            let title = CowStr::from("");
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        Event::Start(Tag::Heading { level, .. }) => Some(Event::Start(Tag::Heading {
            level: lower(level, lowered),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        })),
        Event::End(TagEnd::Heading(level)) => {
            Some(Event::End(TagEnd::Heading(lower(level, lowered))))
        }
        other => Some(other),
    });
    let mut text = String::new();
    html::push_html(&mut text, events);
    text
}

fn leads_out_safely(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
    matches!(&*scheme, "http" | "https" | "mailto") || url.starts_with('#')
}

fn lower(level: HeadingLevel, by: usize) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + by).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_brings_no_markup_of_its_own() {
        let hostile = "# a <b>\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) \
                       ![i](http://x/y.png) [ok](https://x \"t\") `<i>`\n";
        let html = render(hostile, 2);
        assert_eq!(
            html,
            "<h3>a &lt;b&gt;</h3>\n&lt;script&gt;alert(1)&lt;/script&gt;\n<p><a href=\"#\">x</a> i \
             <a href=\"https://x\">ok</a> <code>&lt;i&gt;</code></p>\n"
        );
    }
}
