//! Scopes, bindings and references of one file, as CPython has them.
