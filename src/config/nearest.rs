//! The word that was probably meant.

use std::cmp::Reverse;

/// The candidate that `word` is most likely a misspelling of, where there is a likely one.
///
/// Case and the choice between `_` and `-` do not count. A third of the letters may be wrong, and
/// two letters that changed places count as one.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let word = plain(word);
    let allowed = |candidate: &str| {
        let longest = word.chars().count().max(candidate.chars().count());
        (longest / 3).max(usize::from(longest > 1))
    };
    candidates
        .into_iter()
        .map(|candidate| {
            let other = plain(candidate);
            let is_start = word.chars().count() > 2 && other.starts_with(&word);
            let distance = if is_start { 1 } else { strsim::damerau_levenshtein(&word, &other) };
            // Of two that are as near, the one that starts the same for longer.
            let shared = word.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
            (distance, Reverse(shared), candidate)
        })
        .filter(|(distance, _, candidate)| *distance <= allowed(candidate))
        .min_by_key(|&(distance, shared, _)| (distance, shared))
        .map(|(_, _, candidate)| candidate)
}

/// `candidates` as a sentence lists them: "`a`, `b` or `c`".
pub fn alternatives<'a>(candidates: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = candidates.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_its_word_and_another_word_finds_none() {
        let keys =
            ["name", "summary", "paths", "accept", "commit-body", "commit-subject", "source-roots"];
        for (word, meant) in [
            ("path", Some("paths")),
            ("pahts", Some("paths")),
            ("commit_subject", Some("commit-subject")),
            ("Source_Root", Some("source-roots")),
            ("sumary", Some("summary")),
            ("accepts", Some("accept")),
            ("sum", Some("summary")),
            ("commit-bodj", Some("commit-body")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, keys), meant, "{word}");
        }
    }

    #[test]
    fn alternatives_read_as_a_sentence() {
        assert_eq!(alternatives([]), "");
        assert_eq!(alternatives(["a"]), "`a`");
        assert_eq!(alternatives(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
