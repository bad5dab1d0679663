//! Text that is put into Markdown so that it stays what it is.

/// `text` in a table's cell.
pub(super) fn cell(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;")
}

/// `code` in a table's cell, as code.
pub(super) fn cell_code(code: &str) -> String {
    let code = code.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&code) + 1);
    if ticks.len() > 1 { format!("{ticks} {code} {ticks}") } else { format!("`{code}`") }
}

/// `code` as a fenced block of Python, with a line break at its end.
pub(super) fn fenced(code: &str) -> String {
    let ticks = "`".repeat(longest_run(code).max(2) + 1);
    format!("{ticks}python\n{}\n{ticks}\n", code.trim_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_what_it_is() {
        assert_eq!(cell("a | b\n<!-- c --> \\"), "a \\| b &lt;!-- c --> \\\\");
        assert_eq!(cell_code("x | y"), "`x \\| y`");
        assert_eq!(cell_code("a `b` c"), "`` a `b` c ``");
        assert_eq!(fenced("x = 1\n"), "```python\nx = 1\n```\n");
        assert_eq!(fenced("'''```'''"), "````python\n'''```'''\n````\n");
    }
}
