//! The tables, one for each subject.

use super::{Files, plan, result, table, transform};

#[test]
fn metavariables_stand_for_expressions_and_arguments() {
    table(include_str!("metavariables.txt"));
}

#[test]
fn arguments_keep_their_layout_and_comments() {
    table(include_str!("layout.txt"));
}

#[test]
fn parentheses_are_written_where_they_are_needed_and_only_there() {
    table(include_str!("precedence.txt"));
}

#[test]
fn a_pattern_is_found_wherever_python_has_expressions() {
    table(include_str!("places.txt"));
}

#[test]
fn a_name_is_followed_and_nothing_else_is_touched() {
    table(include_str!("names.txt"));
}

#[test]
fn a_symbol_moves_with_its_imports() {
    table(include_str!("symbols.txt"));
}

#[test]
fn matches_inside_and_upon_each_other() {
    table(include_str!("nested.txt"));
}

#[test]
fn statements() {
    table(include_str!("statements.txt"));
}

#[test]
fn between_transforms_the_first_is_made() {
    let first = transform(&[("from lib import f\nf()\n", "from lib import g\ng()\n", None)]);
    let mut second = transform(&[("from lib import f\nf()\n", "from lib import h\nh()\n", None)]);
    "other".clone_into(&mut second.name);
    let files = Files::from([("use.py".to_owned(), "from lib import f\n\nf()\n".to_owned())]);
    let plan = plan(&files, &[first, second]);
    assert_eq!(result(&files, &plan)["use.py"], "from lib import g\n\ng()\n");
    assert!(plan.sites.iter().any(|site| site.message == "the transform `case` rewrites this"));
}
