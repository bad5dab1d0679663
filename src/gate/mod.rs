//! Gates: commands that must succeed, and figures that they must print.
