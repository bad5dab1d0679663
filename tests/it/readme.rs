//! README.md: its console blocks are what the binary prints at the repository's root, and its links
//! lead somewhere.

use std::fs;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The commands of `console` blocks, each with the output that is shown.
fn sessions(text: &str) -> Vec<(String, Vec<String>)> {
    let mut sessions: Vec<(String, Vec<String>)> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_open = line == "```console";
        } else if is_open && let Some(command) = line.strip_prefix("$ ") {
            sessions.push((command.to_owned(), Vec::new()));
        } else if is_open && let Some((_, shown)) = sessions.last_mut() {
            shown.push(line.to_owned());
        }
    }
    sessions
}

/// Whether `shown` is `printed`, where a line `...` stands for any number of lines.
fn matches(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line == "..." => {
            (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..]))
        }
        Some((line, rest)) => {
            printed.split_first().is_some_and(|(first, left)| line == first && matches(rest, left))
        }
    }
}

#[test]
fn its_sessions_are_what_the_binary_prints() {
    let sessions = sessions(&fs::read_to_string(root().join("README.md")).unwrap());
    assert!(sessions.len() > 1, "the sessions are found");
    for (command, shown) in sessions {
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("tiermod"), "{command}");
        let mut run = Command::new(env!("CARGO_BIN_EXE_tiermod"));
        let output = run.args(words).current_dir(root()).env("COLUMNS", "100").output().unwrap();
        let printed: Vec<String> =
            String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        assert!(matches(&shown, &printed), "`{command}` prints\n{}", printed.join("\n"));
    }
}

#[test]
fn its_links_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#:]+)\)").unwrap();
    let mut found = 0;
    for page in ["README.md", "examples/chat/README.md", "tests/corpus/README.md"] {
        let path = root().join(page);
        let text = fs::read_to_string(&path).unwrap();
        for target in link.captures_iter(&text) {
            found += 1;
            let file = path.parent().unwrap().join(&target[1]);
            assert!(file.exists(), "{page}: {}", &target[1]);
        }
    }
    assert!(found > 5, "the links are found");
}
