//! Which top-level modules come with Python, by version.

use std::collections::HashMap;
use std::sync::LazyLock;

use rustc_hash::FxBuildHasher;

/// The version whose library counts where none is configured: ruff's default.
const DEFAULT_MINOR: u8 = 11;

static MODULES: LazyLock<HashMap<&'static str, (u8, u8), FxBuildHasher>> = LazyLock::new(|| {
    include_str!("stdlib.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut parts = line.split(' ');
            let name = parts.next().filter(|name| !name.is_empty())?;
            let mut minor = |default| parts.next().and_then(|n| n.parse().ok()).unwrap_or(default);
            Some((name, (minor(8), minor(14))))
        })
        .collect()
});

/// `module` is a top-level module of the standard library of Python 3.`minor`.
///
/// Versions before 3.8 and after 3.14 count as these.
pub fn contains(module: &str, minor: Option<u8>) -> bool {
    let minor = minor.unwrap_or(DEFAULT_MINOR).clamp(8, 14);
    MODULES.get(module).is_some_and(|(first, last)| (*first..=*last).contains(&minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_come_and_go_with_versions() {
        assert!(contains("os", None) && contains("os", Some(2)) && contains("os", Some(40)));
        assert!(!contains("tomllib", Some(10)) && contains("tomllib", Some(11)));
        assert!(contains("distutils", Some(11)) && !contains("distutils", Some(12)));
        assert!(!contains("requests", None) && !contains("", None));
        assert!(MODULES.len() > 300);
    }
}
