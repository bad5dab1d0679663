//! What the exit codes of each command mean, as its help says it.

/// Of `init`.
pub const INIT: &str =
    "Exit codes: 0 done, or nothing found; 2 a file is there already, or another error of use";
/// Of `check`.
pub const CHECK: &str = "Exit codes: 0 nothing is to be rewritten or decided; 1 something is; 2 an error of \
     use.\nWith --ratchet: 1 where a number rose";
/// Of `diff`.
pub const DIFF: &str = "Exit codes: 0 the patch is whole, also where it is empty; 2 an error of use, or a file \
     whose planned result was not proven and is left out";
/// Of `apply`.
pub const APPLY: &str = "Exit codes: 0 done, or nothing to do; 1 a gate or hook failed, or Ctrl-C: the tree is as \
     before; 2 an error of use: nothing was written";
/// Of `rollback`.
pub const ROLLBACK: &str = "Exit codes: 0 done, or nothing to do; 1 a conflict, a gate or hook that failed, or Ctrl-C: \
     the tree is as before; 2 an error of use, or a tier that was never applied: nothing was \
     written";
/// Of `status`.
pub const STATUS: &str = "Exit codes: 0 whatever it shows; 2 an error of use";
/// Of `gate`.
pub const GATE: &str =
    "Exit codes: 0 every gate holds; 1 one does not, or Ctrl-C; 2 an error of use";
/// Of `probe`.
pub const PROBE: &str = "Exit codes: those of CMD; 2 an error of use";
/// Of `watch`.
pub const WATCH: &str = "Exit codes: 0 no alert; 1 an alert, or Ctrl-C; 2 an error of use";
/// Of `docs`.
pub const DOCS: &str = "Exit codes: 0 done, or nothing to change; 1 with --check, where something would change; 2 \
     an error of use";
/// Of `explain`.
pub const EXPLAIN: &str =
    "Exit codes: 0 explained; 2 there is nothing of that name, or no site at that place";
/// Of `test`.
pub const TEST: &str = "Exit codes: 0 every example passes; 1 one fails, or a kind of example is missing; 2 an \
     error of use";
