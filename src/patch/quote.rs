//! File names as git writes them in patches and takes them back.

use std::fmt::Write as _;

/// `prefix` and `path`, in double quotes where git would quote them (with `core.quotePath`, which
/// is its default): control characters, quotes, backslashes and every byte that is not ASCII.
pub fn name(prefix: &[u8], path: &[u8]) -> String {
    let mut text = String::new();
    let mut quoted = false;
    for byte in prefix.iter().chain(path) {
        let escape = match byte {
            0x07 => "\\a",
            0x08 => "\\b",
            b'\t' => "\\t",
            b'\n' => "\\n",
            0x0b => "\\v",
            0x0c => "\\f",
            b'\r' => "\\r",
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b' '..=b'~' => {
                text.push(char::from(*byte));
                continue;
            }
            _ => {
                // Writing to a string cannot fail.
                let _infallible = write!(text, "\\{byte:03o}");
                quoted = true;
                continue;
            }
        };
        text.push_str(escape);
        quoted = true;
    }
    if quoted { format!("\"{text}\"") } else { text }
}

/// The bytes that [`name`] wrote, or `None` where `text` is no such name.
pub fn unquote(text: &str) -> Option<Vec<u8>> {
    let Some(inner) = text.strip_prefix('"') else { return Some(text.as_bytes().to_vec()) };
    let inner = inner.strip_suffix('"')?.as_bytes();
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter();
    while let Some(byte) = rest.next() {
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'a' => 0x07,
            b'b' => 0x08,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 0x0b,
            b'f' => 0x0c,
            b'r' => b'\r',
            b'"' => b'"',
            b'\\' => b'\\',
            first @ b'0'..=b'3' => {
                let (second, third) = (rest.next()?, rest.next()?);
                if !(b'0'..=b'7').contains(second) || !(b'0'..=b'7').contains(third) {
                    return None;
                }
                (first - b'0') * 64 + (second - b'0') * 8 + (third - b'0')
            }
            _ => return None,
        });
    }
    Some(bytes)
}

/// A name at the end of a `---` or `+++` line: one with a space in it gets a tab, or else readers
/// would look for a time after the space.
pub fn ended(name: &str) -> String {
    if name.contains(' ') { format!("{name}\t") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_git_does() {
        let cases: [(&[u8], &str); 6] = [
            (b"app/x.py", "a/app/x.py"),
            (b"a b.py", "a/a b.py"),
            (b"q\"\\.py", r#""a/q\"\\.py""#),
            (b"nl\n\t.py", r#""a/nl\n\t.py""#),
            ("é.py".as_bytes(), r#""a/\303\251.py""#),
            (b"\xff\x01.py", r#""a/\377\001.py""#),
        ];
        for (path, expected) in cases {
            assert_eq!(name(b"a/", path), expected);
            let prefixed = [b"a/", path].concat();
            assert_eq!(unquote(expected).unwrap(), prefixed);
        }
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (1..=255).collect();
        assert_eq!(unquote(&name(b"", &all)).unwrap(), all);
        for broken in ["\"", "\"a\\\"", "\"\\9\"", "\"\\08x\"", "\"\\400\""] {
            assert_eq!(unquote(broken), None, "{broken}");
        }
    }
}
