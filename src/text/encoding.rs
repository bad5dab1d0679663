//! Bytes of a Python file to text, and back to the same bytes.
//!
//! Invariant: [`Encoding::encode`] of what [`decode`] returned gives the very bytes that were
//! decoded; where that cannot be had, decoding fails.
//!
//! The rules are those of PEP 263 and of `tokenize.detect_encoding`.

use std::borrow::Cow;

use encoding_rs::Encoding as Codec;

/// The largest file that is read, in bytes. CPython has no limit; text offsets here have 32 bits,
/// and no source that a person wrote comes near it.
pub const MAX_BYTES: usize = 64 << 20;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// How a file's text is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    codec: Charset,
    bom: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Utf8,
    Ascii,
    /// ISO 8859-1 proper: every byte is the character of that number. The WHATWG's label of the
    /// same name means windows-1252, which Python's does not.
    Latin1,
    Other(&'static Codec),
}

/// Why the bytes of a file are not text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The file is larger than [`MAX_BYTES`].
    #[error("the file has {bytes} bytes, more than the {MAX_BYTES} that are read")]
    TooLarge {
        /// The file's size.
        bytes: usize,
    },
    /// UTF-16, which Python does not read either.
    #[error("the file is UTF-16, which is no encoding of Python source: save it as UTF-8")]
    Utf16,
    /// A byte of value 0, which no Python source may hold.
    #[error("source code cannot contain null bytes (line {line})")]
    Null {
        /// Where the first one is, counted from 1.
        line: u32,
    },
    /// The declared encoding is not one that is known.
    #[error("unknown encoding `{name}`")]
    Unknown {
        /// As the cookie gives it.
        name: String,
    },
    /// There is a UTF-8 byte order mark and a cookie that says something else.
    #[error("the file starts with a UTF-8 byte order mark but declares the encoding `{name}`")]
    BomAndCookie {
        /// As the cookie gives it.
        name: String,
    },
    /// Some bytes mean nothing in the declared encoding.
    #[error("line {line} is not valid {encoding}")]
    Invalid {
        /// The declared encoding.
        encoding: String,
        /// The first line that is wrong, counted from 1.
        line: u32,
    },
}

impl DecodeError {
    /// The line that is to blame, counted from 1.
    pub fn line(&self) -> u32 {
        match self {
            Self::Null { line } | Self::Invalid { line, .. } => *line,
            Self::TooLarge { .. }
            | Self::Utf16
            | Self::Unknown { .. }
            | Self::BomAndCookie { .. } => 1,
        }
    }
}

/// The text of a Python file, without a byte order mark, and how to store it.
///
/// # Errors
/// The bytes are not Python source text; see [`DecodeError`].
pub fn decode(bytes: &[u8]) -> Result<(String, Encoding), DecodeError> {
    if bytes.len() > MAX_BYTES {
        return Err(DecodeError::TooLarge { bytes: bytes.len() });
    }
    if utf16_codec(bytes).is_some() {
        return Err(DecodeError::Utf16);
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(DecodeError::Null { line: line_of(bytes, at) });
    }
    let (bom, body) = match bytes.strip_prefix(BOM) {
        Some(body) => (true, body),
        None => (false, bytes),
    };
    let cookie = cookie(body);
    let codec = match &cookie {
        None => Charset::Utf8,
        Some(name) => charset(name).ok_or_else(|| DecodeError::Unknown { name: name.clone() })?,
    };
    if bom && codec != Charset::Utf8 {
        return Err(DecodeError::BomAndCookie { name: cookie.unwrap_or_default() });
    }
    let encoding = Encoding { codec, bom };
    let invalid = |at| DecodeError::Invalid { encoding: encoding.name(), line: line_of(body, at) };
    let text = match codec {
        Charset::Utf8 => match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(error) => return Err(invalid(error.valid_up_to())),
        },
        Charset::Ascii => match body.iter().position(|byte| !byte.is_ascii()) {
            None => body.iter().map(|&byte| char::from(byte)).collect(),
            Some(at) => return Err(invalid(at)),
        },
        Charset::Latin1 => body.iter().map(|&byte| char::from(byte)).collect(),
        Charset::Other(codec) => {
            match codec.decode_without_bom_handling_and_without_replacement(body) {
                Some(text) => text.into_owned(),
                None => return Err(invalid(first_invalid(codec, body))),
            }
        }
    };
    // Some multi-byte encodings have several spellings of one character.
    if !matches!(codec, Charset::Utf8) && encoding.encode(&text).as_deref() != Some(bytes) {
        return Err(invalid(0));
    }
    Ok((text, encoding))
}

/// The bytes in which names are looked for: those of the file, or, where it begins with the byte
/// order mark of UTF-16, of its text as UTF-8.
pub fn searchable(bytes: &[u8]) -> Cow<'_, [u8]> {
    match utf16_codec(bytes) {
        Some(codec) => match codec.decode_with_bom_removal(bytes).0 {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        },
        None => Cow::Borrowed(bytes),
    }
}

fn utf16_codec(bytes: &[u8]) -> Option<&'static Codec> {
    let codec = match bytes {
        [0xff, 0xfe, ..] => encoding_rs::UTF_16LE,
        [0xfe, 0xff, ..] => encoding_rs::UTF_16BE,
        _ => return None,
    };
    // The mark is text in other encodings, where no byte is 0.
    memchr::memchr(0, bytes).map(|_| codec)
}

impl Encoding {
    /// UTF-8 without a byte order mark.
    pub const UTF_8: Self = Self { codec: Charset::Utf8, bom: false };

    /// The bytes of `text`, or `None` where it holds a character that this encoding has not.
    pub fn encode<'t>(&self, text: &'t str) -> Option<Cow<'t, [u8]>> {
        let body = match self.codec {
            Charset::Utf8 => Cow::Borrowed(text.as_bytes()),
            Charset::Ascii if text.is_ascii() => Cow::Borrowed(text.as_bytes()),
            Charset::Ascii => return None,
            Charset::Latin1 => text
                .chars()
                .map(|char| u8::try_from(u32::from(char)).ok())
                .collect::<Option<Vec<u8>>>()?
                .into(),
            Charset::Other(codec) => {
                let (bytes, _, unmappable) = codec.encode(text);
                if unmappable {
                    return None;
                }
                bytes
            }
        };
        Some(if self.bom { Cow::Owned([BOM, &body].concat()) } else { body })
    }

    /// Python's name of the encoding.
    pub fn name(&self) -> String {
        match self.codec {
            Charset::Utf8 => "utf-8".to_owned(),
            Charset::Ascii => "ascii".to_owned(),
            Charset::Latin1 => "iso-8859-1".to_owned(),
            Charset::Other(codec) => codec.name().to_lowercase(),
        }
    }

    /// How many bytes of the file come before its text: 3 with a byte order mark, otherwise 0.
    pub fn prefix_len(&self) -> usize {
        if self.bom { BOM.len() } else { 0 }
    }
}

/// The encoding that a cookie in one of the first two lines declares (PEP 263).
fn cookie(bytes: &[u8]) -> Option<String> {
    let mut lines = bytes.split(|&byte| byte == b'\n' || byte == b'\r');
    let first = lines.next()?;
    if let Some(name) = cookie_in(first) {
        return Some(name);
    }
    if !is_blank_or_comment(first) {
        return None;
    }
    let mut second = lines.next()?;
    if second.is_empty() && bytes.get(first.len()..first.len() + 2) == Some(b"\r\n") {
        second = lines.next()?;
    }
    cookie_in(second)
}

/// `^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)`
fn cookie_in(line: &[u8]) -> Option<String> {
    let start = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'))?;
    let comment = line.get(start..)?.strip_prefix(b"#")?;
    let mut rest = comment;
    while let Some(at) = memchr::memmem::find(rest, b"coding") {
        rest = rest.get(at + b"coding".len()..)?;
        if let Some((b':' | b'=', value)) = rest.split_first() {
            let skipped = value.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let name: String = value
                .iter()
                .skip(skipped)
                .take_while(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
                })
                .map(|&byte| char::from(byte))
                .collect();
            if !name.is_empty() {
                return Some(name);
            }
        }
    }
    None
}

fn is_blank_or_comment(line: &[u8]) -> bool {
    match line.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c')) {
        None => true,
        Some(&byte) => byte == b'#',
    }
}

/// Python's codec name as a charset, where the two agree on every byte.
fn charset(name: &str) -> Option<Charset> {
    let normal = name.to_ascii_lowercase().replace('_', "-");
    // `get_normal_name` of CPython's tokenizer: only the first 12 characters are looked at.
    let head = normal.get(..12).unwrap_or(&normal);
    if head == "utf-8" || head.starts_with("utf-8-") || matches!(head, "utf8" | "u8" | "cp65001") {
        return Some(Charset::Utf8);
    }
    for latin in ["latin-1", "iso-8859-1", "iso-latin-1"] {
        if head == latin || head.strip_prefix(latin).is_some_and(|rest| rest.starts_with('-')) {
            return Some(Charset::Latin1);
        }
    }
    match normal.as_str() {
        "latin1" | "iso8859-1" | "8859" | "cp819" | "l1" => return Some(Charset::Latin1),
        "ascii" | "us-ascii" | "646" => return Some(Charset::Ascii),
        _ => {}
    }
    let label = match normal.as_str() {
        "cp932" | "ms932" | "mskanji" | "shift-jis" | "sjis" | "s-jis" => "shift_jis",
        "cp949" | "ms949" | "uhc" | "euckr" => "euc-kr",
        "cp936" | "ms936" | "gb2312" | "euc-cn" | "eucgb2312-cn" => "gbk",
        "cp950" | "ms950" => "big5",
        "eucjp" | "ujis" | "u-jis" => "euc-jp",
        "mac-roman" | "macroman" => "macintosh",
        other => other,
    };
    let codec = Codec::for_label(label.as_bytes())?;
    // windows-1252 is also what unrelated labels ("ascii", "latin1") lead to there.
    let is_ascii_compatible = codec.is_ascii_compatible() && codec != encoding_rs::UTF_8;
    is_ascii_compatible.then_some(Charset::Other(codec))
}

fn line_of(bytes: &[u8], at: usize) -> u32 {
    let before = bytes.get(..at).unwrap_or(bytes);
    u32::try_from(memchr::memchr_iter(b'\n', before).count()).unwrap_or(u32::MAX - 1) + 1
}

fn first_invalid(codec: &'static Codec, bytes: &[u8]) -> usize {
    let mut decoder = codec.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() * 3 + 16);
    let (_, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bytes: &[u8]) -> Result<String, DecodeError> {
        decode(bytes).map(|(_, encoding)| encoding.name())
    }

    #[test]
    fn names_are_found_in_utf_16_which_is_no_source() {
        let text = "x = RedisManager()\n";
        for (mark, wide) in [
            (&[0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            (&[0xfe, 0xff], text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ] {
            let bytes = [&mark[..], &wide].concat();
            assert_eq!(&*searchable(&bytes), text.as_bytes());
            assert_eq!(decode(&bytes), Err(DecodeError::Utf16));
            assert_eq!(&*searchable(&wide), &wide[..]);
        }
        // Not everything that begins so is.
        let other = b"\xff\xfe = RedisManager()\n";
        assert!(matches!(decode(other), Err(DecodeError::Invalid { .. })));
        assert_eq!(&*searchable(other), &other[..]);
    }

    #[test]
    fn a_cookie_is_read_from_the_first_two_lines_only() {
        assert_eq!(name(b"# -*- coding: latin-1 -*-\n\xe9").unwrap(), "iso-8859-1");
        assert_eq!(
            name(b"#!/usr/bin/python\r\n# vim: fileencoding=cp1252 :\r\n\xe9").unwrap(),
            "windows-1252"
        );
        assert_eq!(name(b"\n\n# coding: latin-1\n").unwrap(), "utf-8");
        assert_eq!(name(b"import os\n# coding: latin-1\n").unwrap(), "utf-8");
        assert_eq!(name(b"\x0c# coding=koi8_r\n\xc1").unwrap(), "koi8-r");
        assert_eq!(name(b"x = 1 # coding: latin-1\n").unwrap(), "utf-8");
        assert_eq!(name(b"# recoding, coding:utf8\n").unwrap(), "utf-8");
        assert_eq!(name(b"").unwrap(), "utf-8");
        assert_eq!(name(b"\r# coding: latin-1\r\xe9").unwrap(), "iso-8859-1");
    }

    #[test]
    fn what_python_refuses_is_refused() {
        assert_eq!(name(b"a\n\n\xe9").unwrap_err().line(), 3);
        assert!(matches!(
            name(b"\xef\xbb\xbf# coding: latin-1\n"),
            Err(DecodeError::BomAndCookie { .. })
        ));
        assert!(matches!(name(b"# coding: klingon\n"), Err(DecodeError::Unknown { .. })));
        assert!(matches!(name(b"# coding: utf-16\n"), Err(DecodeError::Unknown { .. })));
        assert!(matches!(name(b"a\nb\0"), Err(DecodeError::Null { line: 2 })));
        assert!(matches!(
            name(b"# coding: ascii\n\xe9"),
            Err(DecodeError::Invalid { line: 2, .. })
        ));
    }

    #[test]
    fn encoding_gives_the_same_bytes_back() {
        let all: Vec<u8> = (1..=255).collect();
        for head in ["# coding: latin-1\n", "# coding: iso-8859-15\n", "# coding: cp1251\n"] {
            let bytes = [head.as_bytes(), &all].concat();
            let (text, encoding) = decode(&bytes).unwrap();
            assert_eq!(encoding.encode(&text).unwrap(), bytes, "{head}");
        }
        let bytes = b"\xef\xbb\xbfx = 'caf\xc3\xa9'\r\n";
        let (text, encoding) = decode(bytes).unwrap();
        assert_eq!(text, "x = 'café'\r\n");
        assert_eq!(*encoding.encode(&text).unwrap(), bytes[..]);
        assert_eq!(encoding.prefix_len(), 3);
    }

    #[test]
    fn a_character_that_the_encoding_has_not_is_not_written() {
        let (_, encoding) = decode(b"# coding: latin-1\n").unwrap();
        assert_eq!(encoding.encode("€"), None);
    }
}
