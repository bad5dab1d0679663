//! Bytes in JSON: as text where they are UTF-8, in hexadecimal otherwise.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use serde::{Deserialize, Serialize};

use crate::fs::ProjectPath;
use crate::patch::digest::hex;

/// Bytes as a JSON value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bytes {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Hex {
        /// Two digits a byte.
        hex: String,
    },
}

impl Bytes {
    /// The value of `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Hex { hex: hex(bytes) },
        }
    }

    /// The value of a path.
    pub fn of_path(path: &ProjectPath) -> Self {
        Self::new(path.as_path().as_os_str().as_bytes())
    }

    /// The bytes, or `None` where the digits are not hexadecimal.
    pub fn to_vec(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Hex { hex } => {
                let digits = hex.as_bytes().chunks(2);
                digits
                    .map(|pair| {
                        let text = str::from_utf8(pair).ok().filter(|text| text.len() == 2)?;
                        u8::from_str_radix(text, 16).ok()
                    })
                    .collect()
            }
        }
    }

    /// The path, or `None` where it is none inside a project.
    pub fn to_path(&self) -> Option<ProjectPath> {
        ProjectPath::new(OsStr::from_bytes(&self.to_vec()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        for bytes in [b"plain".as_slice(), b"", b"\xff\x00", "é".as_bytes()] {
            let json = serde_json::to_string(&Bytes::new(bytes)).unwrap();
            let back: Bytes = serde_json::from_str(&json).unwrap();
            assert_eq!(back.to_vec().unwrap(), bytes, "{json}");
        }
        for broken in [r#"{"hex":"f"}"#, r#"{"hex":"zz"}"#] {
            assert_eq!(serde_json::from_str::<Bytes>(broken).unwrap().to_vec(), None);
        }
    }
}
