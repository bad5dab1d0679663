//! Names for contents: git's object names, and digests of changed lines.

use std::fmt::Write as _;

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// How a repository names its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ObjectFormat {
    /// SHA-1, git's default.
    #[default]
    Sha1,
    /// SHA-256.
    Sha256,
}

impl ObjectFormat {
    /// The name that git gives to a blob of these bytes.
    pub fn blob(self, bytes: &[u8]) -> String {
        let head = format!("blob {}\0", bytes.len());
        match self {
            Self::Sha1 => hex(&Sha1::new().chain_update(head).chain_update(bytes).finalize()),
            Self::Sha256 => hex(&Sha256::new().chain_update(head).chain_update(bytes).finalize()),
        }
    }
}

/// The SHA-256 of `bytes` in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Recognises one changed block wherever it stands: a short digest of the lines that go and the
/// lines that come.
pub fn block(removed: &[u8], added: &[u8]) -> String {
    let length = format!("{}\0", removed.len());
    let digest = Sha256::new().chain_update(length).chain_update(removed).chain_update(added);
    let mut text = hex(&digest.finalize());
    text.truncate(10);
    text
}

/// `bytes` in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_named_as_git_names_them() {
        assert_eq!(ObjectFormat::Sha1.blob(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(
            ObjectFormat::Sha256.blob(b""),
            "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
        );
    }

    #[test]
    fn a_block_is_more_than_its_lines_in_a_row() {
        assert_ne!(block(b"a", b"b"), block(b"ab", b""));
        assert_ne!(block(b"", b"ab"), block(b"ab", b""));
    }
}
