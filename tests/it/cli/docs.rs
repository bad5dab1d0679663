//! `docs`: blocks between markers, written, written again, and checked.

use super::support::project;

const PAGE: &str = "# Ours\r\n\r\n<!-- tiermod:registry -->\r\n<!-- /tiermod:registry -->\r\n\
                    between\r\n<!-- tiermod:status -->\r\nold\r\n<!-- /tiermod:status -->\r\nend";

#[test]
fn the_blocks_are_written_and_nothing_else_is() {
    let sandbox = project();
    sandbox.does("apply --tier 1").ok();
    sandbox.write("docs/page.md", PAGE);
    sandbox.does("docs --check docs/page.md").exits(1).says(&["docs/page.md: is out of date"]);
    assert_eq!(sandbox.read("docs/page.md"), PAGE);
    sandbox.does("docs docs/page.md").ok().says(&["wrote docs/page.md"]);
    let page = sandbox.read("docs/page.md");
    for words in ["from app.redis import redis_manager", "WebSocket core", "applied"] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    assert!(page.starts_with("# Ours\r\n\r\n<!-- tiermod:registry -->\r\n"));
    assert!(page.contains("between\r\n") && page.ends_with("<!-- /tiermod:status -->\r\nend"));
    assert!(!page.contains("old\r\n") && !page.replace("\r\n", "").contains('\n'));
    // Twice changes nothing.
    sandbox.does("docs docs/page.md").ok().says(&["nothing to change"]);
    sandbox.does("docs --check docs/page.md").ok();
    assert_eq!(sandbox.read("docs/page.md"), page);
    // What has changed is seen.
    sandbox.does("apply --tier 2").ok();
    sandbox.does("docs --check docs/page.md").exits(1);
}

#[test]
fn what_is_wrong_with_a_page_is_said_and_no_page_is_written() {
    let sandbox = project();
    sandbox.write("good.md", PAGE);
    let table: [(&str, &str); 3] = [
        ("<!-- tiermod:status -->\n", "bad.md:1: "),
        ("x\n<!-- tiermod:zap -->\n<!-- /tiermod:zap -->\n", "bad.md:2: "),
        ("nothing to see\n", "bad.md"),
    ];
    for (text, words) in table {
        sandbox.write("bad.md", text);
        sandbox.refuses("docs good.md bad.md", 2, &[words]);
    }
    sandbox.refuses("docs good.md none.md", 2, &["none.md"]);
    sandbox.refuses("docs", 2, &["FILE"]);
}
