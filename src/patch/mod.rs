//! Changes of files as patches that `git apply` takes.
