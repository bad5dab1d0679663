//! One transaction: what it writes, what it leaves alone, what it refuses and what it says.

use tiermod::transaction::Outcome;

use crate::sandbox::Sandbox;

#[test]
fn a_tier_is_one_commit_of_its_files_and_of_nothing_else() {
    let sandbox = Sandbox::with(&[("a.py", "x = R()\n"), ("b.py", "y = R()\n"), ("c.py", "z\n")]);
    let before = sandbox.head();
    let changes = sandbox.changes(&[("a.py", "R()", "r"), ("b.py", "R()", "r")]);
    let outcome = sandbox.apply(sandbox.request(changes)).unwrap();
    let Outcome::Done(done) = outcome else { panic!("nothing was done") };
    assert_eq!(done.id, sandbox.head());
    assert_eq!(done.warnings, Vec::<String>::new());
    assert_eq!(sandbox.read("a.py"), "x = r\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    assert_eq!(sandbox.run_git(&["diff", "--name-only", &before, "HEAD"]), "a.py\nb.py\n");
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
    println!("{}", sandbox.run_git(&["log", "-1", "--format=%B"]));
}
