//! The outline of a result: its text without the functions that no edit concerns, of which it
//! keeps the decorators and the name, or without their bodies alone.
//!
//! A result is the old text but for a few statements, and most of what a proof would read in it is
//! as it was. Where the outline has the place of a body as the body of a function, the result has
//! the old body there, byte for byte and at the same depth: it parses as it did before. And its
//! names mean what they meant, unless a name that it takes from outside got another meaning. So
//! what holds of the outline holds of the whole, if every place is such a body, and no body that
//! was cut out says anything about a name whose bindings differ. The same is true of a body with
//! its parameters before it, as no edit adds or takes a jump: the statement is reached as it was.
//! `Outline::covers` asks that of the finished analyses, and takes nothing from how the places
//! were chosen.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::project::Analysis;
use crate::semantic::{Binding, BindingKind, NameId, Names, Reference, ScopeId, ScopeKind};
use crate::syntax::ast::{AnyNodeRef, Stmt, StmtFunctionDef};
use crate::syntax::suite::suites;
use crate::text::{Edit, OverlapError, Ranged, TextEdit, TextLen, TextRange, TextSize};

/// From when on an outline is worth its while: it costs a walk over the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// How many bytes a body has at least that is cut out, with its parameters or without.
    pub body: u32,
    /// How many percent of the text are spared at least.
    pub percent: usize,
}

impl Worth {
    /// Whatever there is to cut.
    pub const ANY: Self = Self { body: 0, percent: 0 };
}

impl Default for Worth {
    fn default() -> Self {
        Self { body: 40, percent: 30 }
    }
}

/// What stands in the place of a body.
const BODY: &str = "...";

/// What stands in the place of a function from its parameters on.
const FROM_PARAMETERS: &str = "(): ...";

/// The old text's way to the outline of a result.
pub(super) struct Outline {
    /// The edits of the result, and those that cut functions out.
    pub(super) edits: TextEdit,
    /// What is cut out of the old text, sorted.
    cuts: Vec<Cut>,
}

/// A piece of the old text that is cut out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cut {
    range: TextRange,
    /// [`BODY`] or [`FROM_PARAMETERS`].
    in_place: &'static str,
}

impl Outline {
    /// The outline of the result that `edits` make of `old`; `None` where it is not worth it.
    pub(super) fn new(old: &Analysis, edits: &TextEdit, worth: Worth) -> Option<Self> {
        let concerned = Concerned::new(old, edits);
        let mut cuts = Vec::new();
        functions(old.module.body(), &mut |function| {
            let cut = Cut::of(function, |range| !concerned.touches(range));
            let cut = cut.filter(|cut| cut.range.len() >= worth.body.into());
            cuts.extend(cut);
            cut.is_some()
        });
        let spared: usize = cuts.iter().map(|cut| usize::from(cut.range.len())).sum();
        if spared == 0 || spared * 100 < old.source.text.len() * worth.percent {
            return None;
        }
        let edits = with_cuts(edits, &cuts).ok()?;
        Some(Self { edits, cuts })
    }

    /// The place in [`Self::edits`] of an edit of the result that begins at `start`, which is the
    /// `place`th of the result's.
    pub(super) fn place(&self, place: usize, start: TextSize) -> usize {
        place + self.cuts.partition_point(|cut| cut.range.start() < start)
    }

    /// Whether what is proven of the outline, `new`, holds of the whole result.
    ///
    /// It does if what stands in the place of each cut is the body of a function, or what follows
    /// a function's name; the names that a cut uses and does not bind itself have the same bindings
    /// in both; and no cut binds a name of the module or of a scope around it.
    pub(super) fn covers(&self, old: &Analysis, new: &Analysis) -> bool {
        let names = &old.names;
        if !self.are_functions(&new.names) {
            return false;
        }
        let binds_outside = names.bindings().any(|(_, binding)| {
            let inside = self.cut_around(binding.range);
            inside.is_some_and(|cut| !cut.range.contains_range(names.scope(binding.scope).body))
        });
        if binds_outside {
            return false;
        }
        let Some(differing) = self.differing(names, &new.names) else { return false };
        !names.references().any(|(_, reference)| {
            differing.concerns(reference) && self.cut_around(reference.range).is_some()
        })
    }

    /// Whether each place is where `new` has a function's body, or a function from its parameters
    /// on: what stands between the name of a `def` and its body `...` can only be those.
    fn are_functions(&self, new: &Names) -> bool {
        let functions = new.scopes().filter(|(_, scope)| scope.kind == ScopeKind::Function);
        let bodies: FxHashSet<TextRange> = functions.map(|(_, scope)| scope.body).collect();
        let named = new.bindings().filter(|(_, binding)| binding.kind == BindingKind::Function);
        let name_ends: FxHashSet<TextSize> = named.map(|(_, named)| named.range.end()).collect();
        self.edits.edits().iter().zip(self.edits.new_ranges()).all(|(edit, place)| {
            let Some(cut) = self.cut_around(edit.range).filter(|cut| cut.range == edit.range)
            else {
                return true;
            };
            let body = TextRange::new(place.end() - BODY.text_len(), place.end());
            bodies.contains(&body) && (cut.in_place == BODY || name_ends.contains(&place.start()))
        })
    }

    /// The names whose bindings outside the cuts are not the same in the outline; `None` where
    /// that may be any name.
    fn differing(&self, old: &Names, new: &Names) -> Option<Differing> {
        let mut differing = Differing::default();
        // An `except … as x` binds and deletes the name in one place.
        let key = |binding: &Binding, range| (range, binding.kind == BindingKind::Deletion);
        let mut left: FxHashMap<(TextRange, bool), &Binding> =
            new.bindings().map(|(_, binding)| (key(binding, binding.range), binding)).collect();
        let is_star = |binding: &Binding| matches!(binding.kind, BindingKind::StarImport { .. });
        for (_, binding) in old.bindings() {
            if self.cut_around(binding.range).is_some() {
                continue;
            }
            let place = self.edits.map_range(binding.range).map(|range| key(binding, range));
            let image = place.and_then(|place| left.get(&place)).filter(|image| {
                new.text(image.name) == old.text(binding.name)
                    && self.is_same_scope(old, binding.scope, new, image.scope)
            });
            if !image.is_some_and(|image| self.is_same(binding, image)) {
                if is_star(binding) {
                    return None;
                }
                differing.in_scope.insert((binding.scope, binding.name));
            }
            if image.is_some()
                && let Some(place) = place
            {
                left.remove(&place);
            }
        }
        if left.values().any(|binding| is_star(binding)) {
            return None;
        }
        let known = left.values().filter_map(|binding| old.id(new.text(binding.name)));
        differing.anywhere = known.collect();
        Some(differing)
    }

    fn is_same_scope(&self, old: &Names, before: ScopeId, new: &Names, after: ScopeId) -> bool {
        let (before, after) = (old.scope(before), new.scope(after));
        before.kind == after.kind
            && (before.kind == ScopeKind::Module
                || self.edits.map_offset(before.node.start()) == Some(after.node.start()))
    }

    /// Whether two bindings of one name of one scope say the same.
    fn is_same(&self, before: &Binding, after: &Binding) -> bool {
        let same_kind = match (&before.kind, &after.kind) {
            (
                BindingKind::Import { module, renamed, .. },
                BindingKind::Import { module: new_module, renamed: newly_renamed, .. },
            ) => (module, renamed) == (new_module, newly_renamed),
            (
                BindingKind::ImportFrom { level, module, member, .. },
                BindingKind::ImportFrom {
                    level: new_level,
                    module: new_module,
                    member: new_member,
                    ..
                },
            ) => (level, module, member) == (new_level, new_module, new_member),
            (
                BindingKind::Assignment { value, .. },
                BindingKind::Assignment { value: new_value, .. },
            ) => value.map(|range| self.edits.map_range(range)) == new_value.map(Some),
            (before, after) => before == after,
        };
        same_kind && before.typing_only == after.typing_only
    }

    /// The cut in which a range of the old text is.
    fn cut_around(&self, range: TextRange) -> Option<&Cut> {
        let next = self.cuts.partition_point(|cut| cut.range.start() <= range.start());
        let cut = self.cuts.get(next.checked_sub(1)?)?;
        cut.range.contains_range(range).then_some(cut)
    }
}

impl Cut {
    /// The most of a function that may be cut out, as `may_go` says of its pieces.
    fn of(function: &StmtFunctionDef, may_go: impl Fn(TextRange) -> bool) -> Option<Self> {
        let (first, last) = (function.body.first()?, function.body.last()?);
        let body = TextRange::new(first.start(), last.end());
        let from_parameters = TextRange::new(function.parameters.start(), last.end());
        if function.name.end() == from_parameters.start() && may_go(from_parameters) {
            return Some(Self { range: from_parameters, in_place: FROM_PARAMETERS });
        }
        may_go(body).then_some(Self { range: body, in_place: BODY })
    }
}

fn with_cuts(edits: &TextEdit, cuts: &[Cut]) -> Result<TextEdit, OverlapError> {
    let cuts = cuts.iter().map(|cut| Edit::replace(cut.range, cut.in_place));
    TextEdit::new(edits.edits().iter().cloned().chain(cuts).collect())
}

/// Gives the functions to `take`, from outside inwards; not those inside of one that it takes.
fn functions(statements: &[Stmt], take: &mut dyn FnMut(&StmtFunctionDef) -> bool) {
    for statement in statements {
        if let Stmt::FunctionDef(function) = statement
            && take(function)
        {
            continue;
        }
        for suite in suites(AnyNodeRef::from(statement)) {
            functions(suite, take);
        }
    }
}

/// Names whose bindings are not the same in two texts.
#[derive(Default)]
struct Differing {
    /// Those of one scope.
    in_scope: FxHashSet<(ScopeId, NameId)>,
    /// Those that are new somewhere, and may hide others.
    anywhere: FxHashSet<NameId>,
}

impl Differing {
    fn concerns(&self, reference: &Reference) -> bool {
        self.anywhere.contains(&reference.name)
            || reference.owner.is_some_and(|owner| self.in_scope.contains(&(owner, reference.name)))
    }
}

/// What the edits concern: their places, and those where names are used whose meaning may change.
struct Concerned {
    /// The edits, sorted.
    edits: Vec<TextRange>,
    /// The uses, sorted.
    uses: Vec<TextSize>,
}

impl Concerned {
    fn new(old: &Analysis, edits: &TextEdit) -> Self {
        let names = &old.names;
        let edits: Vec<TextRange> = edits.edits().iter().map(|edit| edit.range).collect();
        let is_edited = |range: TextRange| {
            let next = edits.partition_point(|edit| edit.end() < range.start());
            edits.get(next).is_some_and(|edit| edit.start() <= range.end())
        };
        // A class or function is what it was, whatever is done inside of it.
        let changed: FxHashSet<(ScopeId, NameId)> = names
            .bindings()
            .filter(|(_, binding)| match binding.kind {
                BindingKind::Class | BindingKind::Function => is_edited(binding.range),
                _ => is_edited(binding.statement),
            })
            .map(|(_, binding)| (binding.scope, binding.name))
            .collect();
        let is_changed = |reference: &Reference| {
            reference.owner.is_some_and(|owner| changed.contains(&(owner, reference.name)))
        };
        let mut uses: Vec<TextSize> = names
            .references()
            .filter(|(_, reference)| is_changed(reference))
            .map(|(_, reference)| reference.range.start())
            .collect();
        uses.sort_unstable();
        Self { edits, uses }
    }

    /// Whether an edit stands in `piece` or beside it, or a name is used in it whose meaning may
    /// change.
    fn touches(&self, piece: TextRange) -> bool {
        let next = self.edits.partition_point(|edit| edit.end() < piece.start());
        let is_edited = self.edits.get(next).is_some_and(|edit| edit.start() <= piece.end());
        let next = self.uses.partition_point(|&used| used < piece.start());
        is_edited || self.uses.get(next).is_some_and(|&used| used < piece.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::ProjectPath;

    fn analysis(text: &str) -> Analysis {
        let path = ProjectPath::new("m.py").unwrap();
        Analysis::new(&path, text.as_bytes()).unwrap()
    }

    fn range_of(text: &str, part: &str) -> TextRange {
        let start = text.find(part).unwrap();
        TextRange::at(crate::text::size(start), crate::text::size(part.len()))
    }

    /// Whether the outline without the body `cut`, or without `cut` where it begins with
    /// parameters, covers the text in which `old` is `new`.
    fn covers(text: &str, (old, new): (&str, &str), cut: &str) -> bool {
        let before = analysis(text);
        let edits = TextEdit::new(vec![Edit::replace(range_of(text, old), new)]).unwrap();
        let in_place = if cut.starts_with('(') { FROM_PARAMETERS } else { BODY };
        let cuts = vec![Cut { range: range_of(text, cut), in_place }];
        let outline = Outline { edits: with_cuts(&edits, &cuts).unwrap(), cuts };
        outline.covers(&before, &analysis(&outline.edits.apply(text)))
    }

    #[test]
    fn a_body_that_uses_nothing_that_differs_is_covered() {
        let text = "import a\nimport b\nx = a.C()\n\n\ndef f(y):\n    return b.d(y)\n";
        assert!(covers(text, ("a.C()", "a.c"), "return b.d(y)"));
        assert!(covers(text, ("import a\n", "from a import c\n"), "return b.d(y)"));
        assert!(covers(text, ("a.C()", "a.c"), "(y):\n    return b.d(y)"));
    }

    #[test]
    fn parameters_that_use_what_differs_are_not_covered() {
        for (function, cut) in [
            ("def f(y=a.b): return y\n", "(y=a.b): return y"),
            ("def f(y: a.B): return y\n", "(y: a.B): return y"),
            ("def f(y) -> a.B: return y\n", "(y) -> a.B: return y"),
            ("def f(y) -> 'a.B': return y\n", "(y) -> 'a.B': return y"),
            ("class D:\n    def f(self, y=a.b): return y\n", "(self, y=a.b): return y"),
        ] {
            let text = format!("import a\nx = 1\n\n{function}");
            assert!(!covers(&text, ("import a", "import c as a"), cut), "{text}");
            assert!(covers(&text, ("x = 1", "x = 2"), cut), "{text}");
        }
        // The default's name is the module's, and the class hides it now.
        let text = "a = 1\n\nclass D:\n    b = 1\n    def f(self, y=a): return y\n";
        assert!(!covers(text, ("b = 1", "a = 1"), "(self, y=a): return y"));
        // A default binds a name of the module.
        let text = "x = 1\n\ndef f(y=(z := 2)): return y\n";
        assert!(!covers(text, ("x = 1", "x = 2"), "(y=(z := 2)): return y"));
    }

    #[test]
    fn a_name_of_another_scope_is_another_name() {
        let text = "def f():\n    x = 1\n    return x\n\n\ndef g(x):\n    return x + 2\n";
        assert!(covers(text, ("= 1", "= 2"), "return x + 2"));
    }

    #[test]
    fn a_body_that_uses_what_differs_is_not_covered() {
        for (text, edit, cut) in [
            // An import brings something else, goes, or comes.
            ("import a\n\ndef f():\n    return a.b\n", ("import a", "import c as a"), "return a.b"),
            ("import a\n\ndef f():\n    return a.b\n", ("import a\n", ""), "return a.b"),
            ("x = 1\n\ndef f():\n    return a\n", ("x = 1", "import a"), "return a"),
            ("x = 1\n\ndef f():\n    return a\n", ("x = 1", "from m import *"), "return a"),
            ("from m import *\n\ndef f():\n    return a\n", ("from m import *\n", ""), "return a"),
            // Text of an annotation uses names as well.
            ("import a\n\ndef f():\n    x: 'a.B'\n", ("import a", "import c"), "x: 'a.B'"),
            // Another value, another kind, another time.
            ("a = 1\n\ndef f():\n    return a\n", ("= 1", "= 2"), "return a"),
            ("a = 1\n\ndef f():\n    return a\n", ("= 1", "+= 1"), "return a"),
            ("if X:\n    a = 1\n\ndef f():\n    return a\n", ("X", "TYPE_CHECKING"), "return a"),
            // A scope around hides the name now.
            (
                "a = 1\n\ndef f():\n    b = 1\n    def g():\n        return a\n",
                ("b = 1", "a = 1"),
                "return a",
            ),
            (
                "def f():\n    a = 1\n    def g():\n        return a\n",
                ("a = 1", "a = 2"),
                "return a",
            ),
        ] {
            assert!(!covers(text, edit, cut), "{text}{edit:?}");
        }
    }

    #[test]
    fn a_body_that_binds_names_outside_is_not_covered() {
        for (text, cut) in [
            ("x = 1\n\ndef f():\n    global y\n    y = 2\n", "global y\n    y = 2"),
            ("x = 1\n\ndef f():\n    global y\n    import y\n", "global y\n    import y"),
            (
                "x = 1\n\ndef f():\n    y = 1\n    def g():\n        nonlocal y\n        y = 2\n",
                "nonlocal y\n        y = 2",
            ),
        ] {
            assert!(!covers(text, ("x = 1", "x = 2"), cut), "{text}");
        }
    }

    #[test]
    fn a_place_that_is_no_body_is_not_covered() {
        // The outline parses, but the function is text of a string.
        let text = "x = 1\n\ndef f(y):\n    return y\n\n# \"\"\"\n";
        assert!(covers(text, ("= 1", "= 2"), "return y"));
        assert!(!covers(text, ("= 1", "= \"\"\""), "return y"));
        // What stands before the body is not all that follows the function's name.
        let text = "x = 1\n\ndef f(y) -> g(1): return y\n";
        assert!(covers(text, ("= 1", "= 2"), "(y) -> g(1): return y"));
        assert!(!covers(text, ("= 1", "= 2"), "(1): return y"));
    }

    #[test]
    fn what_is_beside_edits_or_has_names_that_change_is_not_cut() {
        let text =
            "import a\n\n\ndef f():\n    return a.b + 1\n\n\ndef g(x) -> int:\n    return x + 1\n";
        let old = analysis(text);
        let edits = |range, new: &str| TextEdit::new(vec![Edit::replace(range, new)]).unwrap();
        let cut = |edits: &TextEdit| {
            let outline = Outline::new(&old, edits, Worth::ANY);
            let cuts = outline.map_or_else(Vec::new, |outline| outline.cuts);
            cuts.iter().map(|cut| cut.range).collect::<Vec<_>>()
        };
        let f = range_of(text, "():\n    return a.b + 1");
        let g = range_of(text, "(x) -> int:\n    return x + 1");
        let body = range_of(text, "return x + 1");
        assert_eq!(cut(&edits(range_of(text, "import a"), "import c")), [g]);
        assert_eq!(cut(&edits(range_of(text, "x + 1"), "x")), [f]);
        assert_eq!(cut(&edits(TextRange::empty(body.start()), "pass; ")), [f]);
        assert_eq!(cut(&edits(TextRange::empty(g.end()), "; pass")), [f]);
        assert_eq!(cut(&edits(range_of(text, "\n\ndef"), "\ndef")), [f, g]);
        // What stands before the body is not as it was; the body is.
        assert_eq!(cut(&edits(range_of(text, "int"), "str")), [f, body]);
    }
}
