//! Scopes and the kinds of names are CPython's own, on a sample whose table CPython 3.11 recorded.
//!
//! `tests/corpus/symtable/compare.py` does the same over any code base, and records the table with
//! `--record`.

#[path = "../corpus/symtable/table.rs"]
mod table;

#[test]
fn the_sample_has_cpythons_scopes_and_names() {
    let source = include_str!("../corpus/symtable/samples/scopes.py");
    let recorded = include_str!("../corpus/symtable/samples/scopes.table");
    let ours = table::table(source).unwrap();
    let ours: Vec<&str> = ours.lines().collect();
    let recorded: Vec<&str> = recorded.lines().collect();
    assert!(recorded.len() > 200, "the table is there");
    let missing: Vec<_> = recorded.iter().filter(|row| !ours.contains(row)).collect();
    let surplus: Vec<_> = ours.iter().filter(|row| !recorded.contains(row)).collect();
    assert!(
        missing.is_empty() && surplus.is_empty() && ours.len() == recorded.len(),
        "CPython has {missing:#?}, tiermod has {surplus:#?}"
    );
}
