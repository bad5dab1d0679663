//! Blocks between markers in Markdown files.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use tiermod::docs::{
    Block, MarkerProblem, Replacement, TierStatus, Transformed, registry, status, update,
};

fn updated(text: &str) -> String {
    update(text, |block| format!("new {block}\nsecond line\n")).unwrap()
}

fn problem(text: &str) -> (usize, MarkerProblem) {
    let error = update(text, |_| "new".to_owned()).unwrap_err();
    (error.line, error.problem)
}

#[test]
fn only_the_text_between_markers_changes() {
    let text = "# Title  \n\ntext\t\n  <!-- tiermod:registry -->\nold\n<!-- /tiermod:registry -->  \n\
        between\n<!--tiermod:status-->\n<!-- /tiermod:status -->\nno line end";
    let expected = "# Title  \n\ntext\t\n  <!-- tiermod:registry -->\n\nnew registry\nsecond line\n\n\
        <!-- /tiermod:registry -->  \nbetween\n<!--tiermod:status-->\n\nnew status\nsecond line\n\n\
        <!-- /tiermod:status -->\nno line end";
    assert_eq!(updated(text), expected);
    assert_eq!(updated(expected), expected, "a second time changes nothing");
}

#[test]
fn line_endings_stay() {
    let text = "\u{feff}a\r\n<!-- tiermod:status -->\r\nold\n<!-- /tiermod:status -->\r\nb\nc\r\n";
    let expected = "\u{feff}a\r\n<!-- tiermod:status -->\r\n\r\nnew status\r\nsecond line\r\n\r\n\
        <!-- /tiermod:status -->\r\nb\nc\r\n";
    assert_eq!(updated(text), expected);
    assert_eq!(updated(expected), expected);
    let first = "\u{feff}<!-- tiermod:status -->\n<!-- /tiermod:status -->";
    assert!(updated(first).starts_with("\u{feff}<!-- tiermod:status -->\n\nnew status\n"));
}

#[test]
fn what_only_looks_like_a_marker_is_text() {
    let text = "Write `<!-- tiermod:status -->` there, or <!-- /tiermod:status --> here.\n\
        ```html\n<!-- tiermod:status -->\n```\n\
        ~~~~\n```\n~~~\n<!-- /tiermod:registry -->\n~~~~~\n\
        \x20   <!-- tiermod:status -->\n\
        <!-- tiermod:status --> x\n\
        <!-- other:status -->\n\
        ``` `x`\n\
        <!-- tiermod:status -->\nold ```\n```\n<!-- /tiermod:status -->\n";
    let new = updated(text);
    assert_eq!(new.matches("new status").count(), 1);
    assert!(new.contains("``` `x`\n<!-- tiermod:status -->\n\nnew status"), "{new}");
    assert_eq!(updated(&new), new);
}

#[test]
fn markers_that_do_not_fit_are_errors_with_their_line() {
    let (status, registry) = (Block::Status, Block::Registry);
    for (text, line, expected) in [
        ("", 1, MarkerProblem::None),
        ("text\n", 1, MarkerProblem::None),
        ("```\n<!-- tiermod:status -->\n<!-- /tiermod:status -->\n", 1, MarkerProblem::None),
        ("a\n<!-- tiermod:status -->\nb\n", 2, MarkerProblem::NotEnded(status)),
        ("a\n<!-- /tiermod:status -->\nb\n", 2, MarkerProblem::NotBegun(status)),
        (
            "<!-- tiermod:status -->\n<!-- /tiermod:registry -->\n",
            2,
            MarkerProblem::NotBegun(registry),
        ),
        (
            "<!-- tiermod:status -->\n\n<!-- tiermod:registry -->\n<!-- /tiermod:registry -->\n",
            3,
            MarkerProblem::Nested { inner: registry, outer: status, begun: 1 },
        ),
        (
            "<!-- tiermod:status -->\n<!-- tiermod:status -->\n",
            2,
            MarkerProblem::Duplicate { block: status, first: 1 },
        ),
        (
            "\n<!-- tiermod:status -->\n<!-- /tiermod:status -->\n<!-- tiermod:status -->\n",
            4,
            MarkerProblem::Duplicate { block: status, first: 2 },
        ),
        ("<!-- tiermod:statuss -->\n", 1, MarkerProblem::Unknown("statuss".to_owned())),
    ] {
        assert_eq!(problem(text), (line, expected), "{text}");
    }
    let error = update("x\n<!-- tiermod:status -->", |_| String::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2: `status` does not end; put `<!-- /tiermod:status -->` on a line after it"
    );
}

#[test]
fn the_registry_tells_what_to_import_and_what_to_write() {
    let text = registry(&[Transformed {
        name: "redis-singleton".to_owned(),
        summary: "Use the shared Redis manager".to_owned(),
        replacements: vec![Replacement {
            symbol: "app.redis_manager:RedisManager".to_owned(),
            import: "from app.redis_manager import redis_manager".to_owned(),
            correct: "from app.redis_manager import redis_manager\n\nredis_manager.get(key)\n"
                .to_owned(),
            wrong: "RedisManager().get(key)".to_owned(),
        }],
    }]);
    assert_eq!(
        text,
        "**redis-singleton**: Use the shared Redis manager\n\n\
         | class | import |\n| --- | --- |\n\
         | `app.redis_manager:RedisManager` | `from app.redis_manager import redis_manager` |\n\n\
         Do:\n\n```python\nfrom app.redis_manager import redis_manager\n\nredis_manager.get(key)\n```\n\n\
         Do not:\n\n```python\nRedisManager().get(key)\n```\n"
    );
    assert_eq!(registry(&[]), "There are no transforms.\n");
    let marked = "<!-- tiermod:registry -->\n<!-- /tiermod:registry -->\n";
    let once = update(marked, |_| text.clone()).unwrap();
    assert_eq!(update(&once, |_| text.clone()).unwrap(), once);
}

#[test]
fn a_registry_of_several_transforms_is_kept_apart() {
    let replacement = Replacement {
        symbol: String::new(),
        import: String::new(),
        correct: "datetime.now(UTC)".to_owned(),
        wrong: "datetime.utcnow()".to_owned(),
    };
    let transform = |name: &str, count| Transformed {
        name: name.to_owned(),
        summary: "a | b".to_owned(),
        replacements: vec![replacement.clone(); count],
    };
    let text = registry(&[transform("one", 2), transform("two", 1)]);
    assert!(!text.contains("| class |"));
    assert!(text.contains("\n```\n\n**two**: a \\| b\n\nDo:\n\n```python\n"), "{text}");
    assert!(text.contains("utcnow()\n```\n\nDo:\n"), "{text}");
}

#[test]
fn the_status_is_a_table_of_the_tiers() {
    let applied = "2025-03-09T23:30:00-05:00".parse().unwrap();
    let gates = |verdicts: &[(&str, &str)]| {
        verdicts.iter().map(|(name, verdict)| ((*name).to_owned(), (*verdict).to_owned())).collect()
    };
    let text = status(&[
        TierStatus {
            name: "websocket".to_owned(),
            summary: "WebSocket core".to_owned(),
            state: "applied".to_owned(),
            gates: gates(&[("a", "passed"), ("b", "known failing"), ("c", "passed")]),
            applied: Some(applied),
            ..TierStatus::default()
        },
        TierStatus {
            name: "agents".to_owned(),
            state: "pending".to_owned(),
            sites_left: 12,
            to_review: 3,
            gates: gates(&[("a", "failed"), ("b", "failed")]),
            ..TierStatus::default()
        },
    ]);
    assert_eq!(
        text,
        "| tier | | state | sites left | to review | gates | applied | rolled back |\n\
         | --- | --- | --- | ---: | ---: | --- | --- | --- |\n\
         | websocket | WebSocket core | applied | 0 | 0 | 1 known failing (b), 2 passed | 2025-03-10 |  |\n\
         | agents |  | pending | 12 | 3 | 2 failed (a, b) |  |  |\n\
         \n\
         12 sites left, 3 of them to review.\n"
    );
}
