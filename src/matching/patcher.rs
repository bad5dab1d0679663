//! Callees that replace something in a test, by their names.

/// A callee that replaces something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patcher {
    Patch,
    Object,
    Multiple,
    SetAttribute,
    /// `patch.dict`
    Dict,
    /// `monkeypatch.setitem`
    SetItem,
}

/// What a callee of these last two names does.
pub(super) fn classify(last: &str, before: Option<&str>) -> Option<Patcher> {
    match (last, before) {
        ("patch", _) => Some(Patcher::Patch),
        ("object", Some("patch")) | ("spy", Some(_)) => Some(Patcher::Object),
        ("multiple", Some("patch")) => Some(Patcher::Multiple),
        ("setattr" | "delattr", _) => Some(Patcher::SetAttribute),
        ("dict", Some("patch")) => Some(Patcher::Dict),
        ("setitem" | "delitem", Some(_)) => Some(Patcher::SetItem),
        _ => None,
    }
}
