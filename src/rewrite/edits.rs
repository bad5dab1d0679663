//! Decisions to edits.

use super::decide::{Change, Part};
use super::draft::Draft;
use super::leftovers::Leftover;
use super::{kept, once};
use crate::imports::{ImportPlan, ImportRequest, Place, Removal, StatementRemoval};
use crate::semantic::{BindingId, BindingKind};
use crate::site::Reason;
use crate::text::{Edit, OverlapError, TextEdit, TextRange, size, slice};

/// The edits of one file, with what each is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileEdits {
    /// All of them.
    pub edits: TextEdit,
    /// The same, each with its purpose.
    pub labelled: Vec<LabelledEdit>,
    /// The pieces of old text that an edit moved.
    pub copies: Vec<Copied>,
    /// Why the imports are where they are, a sentence each.
    pub why: Vec<String>,
}

/// A piece of the old text that stands elsewhere in the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Where it was.
    pub old: TextRange,
    /// The edit that holds it, by its place in [`FileEdits::labelled`].
    pub edit: usize,
    /// Where it is in that edit's text.
    pub new: TextRange,
}

/// An edit and the decision that it carries out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledEdit {
    /// The edit.
    pub edit: Edit,
    /// The decision, by its place in the draft; `None` for a change of imports.
    pub decision: Option<usize>,
}

/// Why a file's edits cannot be made. Each is a fault of an assumption, not of the input; the file
/// is left alone and the run says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The imports cannot be planned.
    #[error("the imports cannot be changed: {0}")]
    Imports(String),
    /// Two edits want the same bytes.
    #[error(transparent)]
    Overlap(#[from] OverlapError),
}

/// Plans a file's imports: what to bring, what to drop, which statements to replace.
pub type ImportPlanner<'a> =
    dyn Fn(&[ImportRequest], &[Removal], &[StatementRemoval]) -> Result<ImportPlan, String> + 'a;

/// Makes the edits of a draft. `is_needed` says of an import that the file no longer needs
/// whether something outside does, and why.
///
/// # Errors
/// An assumption failed; see [`EditError`].
pub fn edits(
    draft: &Draft,
    is_needed: &dyn Fn(BindingId) -> Option<String>,
    plan_imports: &ImportPlanner<'_>,
) -> Result<FileEdits, EditError> {
    let mut result = FileEdits::default();
    let mut requests: Vec<ImportRequest> = Vec::new();
    let mut statements: Vec<StatementRemoval> = Vec::new();
    for (index, decision) in draft.decisions.iter().enumerate() {
        let Some(change) = &decision.change else { continue };
        requests.extend(change.requests.iter().cloned());
        result.why.extend(change.why.iter().cloned());
        if let Some(statement) = change.replaces_statement {
            statements.push(StatementRemoval { statement });
        } else if !is_inside_another(draft, index, change) {
            replace(draft, index, change, &mut result);
        }
    }
    once::import_once(&draft.analysis, &mut requests);
    for retarget in &draft.retargets {
        let mut decisions = draft.decisions.iter();
        let decision = decisions.position(|decision| {
            decision.range == retarget.site && decision.reason == Reason::MockTarget
        });
        let edit = result.labelled.len();
        let copied = retarget.copy.map(|(old, new)| Copied { old, edit, new });
        result.copies.extend(copied);
        result.labelled.push(LabelledEdit { edit: retarget.edit.clone(), decision });
    }
    let mut removals = Vec::new();
    let (mut vacant, mut silent) = (Vec::new(), Vec::new());
    for leftover in &draft.leftovers {
        let removal = Removal { statement: leftover.statement, alias: leftover.alias };
        if leftover.keeps_name() {
            removals.push(removal);
            vacant.push(leftover);
            continue;
        }
        let stays = leftover
            .stays
            .clone()
            .or_else(|| is_needed(leftover.binding))
            .or_else(|| guards(leftover, &requests));
        match (stays, &leftover.migration) {
            (Some(why), Some(migration)) => {
                result.why.push(format!("the old name stays: {why}"));
                removals.push(removal);
                requests.extend(migration.kept.iter().cloned());
                vacant.push(leftover);
            }
            (None, migration) => {
                removals.push(removal);
                if let Some((name, plain)) =
                    migration.as_ref().and_then(|migration| migration.renamed.as_ref())
                {
                    requests.extend(plain.iter().cloned());
                    rename_in_dunder_all(draft, leftover, name, &mut result);
                }
                vacant.push(leftover);
            }
            (Some(why), None) => {
                result.why.push(format!("the old import stays: {why}"));
                if let Some(request) = kept::explicit(draft, leftover) {
                    removals.push(removal);
                    requests.push(request);
                } else {
                    silent.push(leftover);
                }
            }
        }
    }
    for leftover in vacant {
        let is_emptied = is_emptied(draft, leftover.statement, &removals);
        take_over(&mut requests, leftover, is_emptied);
    }
    requests.sort();
    requests.dedup();
    statements.dedup();
    let plan = plan_imports(&requests, &removals, &statements).map_err(EditError::Imports)?;
    result.why.extend(plan.placed.iter().map(|placed| placed.why.clone()));
    let comments =
        silent.iter().filter_map(|leftover| kept::silenced(draft, leftover, &plan.edits));
    let comments: Vec<Edit> = comments.collect();
    result.labelled.extend(
        plan.edits.into_iter().chain(comments).map(|edit| LabelledEdit { edit, decision: None }),
    );
    sort(&mut result);
    result.why.dedup();
    let edits = result.labelled.iter().map(|labelled| labelled.edit.clone()).collect();
    result.edits = TextEdit::new(edits)?;
    Ok(result)
}

/// Puts the edits into the order of the text; what was moved stays with its edit.
fn sort(result: &mut FileEdits) {
    let mut order: Vec<usize> = (0..result.labelled.len()).collect();
    // Edits at one place are made in the order in which they were found, from outside inwards.
    let key = |labelled: &LabelledEdit| (labelled.edit.range.start(), labelled.edit.range.end());
    order.sort_by_key(|&index| result.labelled.get(index).map(key));
    let mut places = vec![0; order.len()];
    for (place, &index) in order.iter().enumerate() {
        if let Some(slot) = places.get_mut(index) {
            *slot = place;
        }
    }
    for copy in &mut result.copies {
        copy.edit = places.get(copy.edit).copied().unwrap_or_default();
    }
    let mut sorted: Vec<_> = std::mem::take(&mut result.labelled).into_iter().zip(places).collect();
    sorted.sort_by_key(|(_, place)| *place);
    result.labelled = sorted.into_iter().map(|(labelled, _)| labelled).collect();
}

/// Why an import stays that alone makes a `try` worth its while.
fn guards(leftover: &Leftover, requests: &[ImportRequest]) -> Option<String> {
    let is_replaced = requests.iter().any(|request| {
        matches!(request.place,
            Place::Statement { statement, .. } | Place::Beside { statement, .. }
                if statement == leftover.statement)
    });
    (leftover.guards && !is_replaced)
        .then(|| "the `try` around it asks whether it can be imported".to_owned())
}

/// Whether the change is made as part of a larger one.
fn is_inside_another(draft: &Draft, index: usize, change: &Change) -> bool {
    draft.decisions.iter().enumerate().any(|(other, decision)| {
        other != index
            && decision.change.as_ref().is_some_and(|around| {
                around.range.contains_range(change.range)
                    && (around.range != change.range || other < index)
            })
    })
}

/// Makes the edits of a change, in as little of the text as there is something new: pieces that
/// are copied in their order stay where they are.
fn replace(draft: &Draft, index: usize, change: &Change, result: &mut FileEdits) {
    let mut at = change.range.start();
    let in_order = change.copies().all(|copy| {
        let follows = copy.start() >= at;
        at = copy.end();
        follows
    });
    if !in_order {
        let mut text = String::new();
        for part in &change.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Copy(range) => copy(draft, index, *range, &mut text, result),
            }
        }
        let edit = Edit::replace(change.range, text);
        result.labelled.push(LabelledEdit { edit, decision: Some(index) });
        return;
    }
    let mut start = change.range.start();
    let mut literal = String::new();
    let put = |start, end, text: &mut String, result: &mut FileEdits| {
        let range = TextRange::new(start, end);
        let text = std::mem::take(text);
        if slice(&draft.analysis.source.text, range) != text {
            let edit = Edit::replace(range, text);
            result.labelled.push(LabelledEdit { edit, decision: Some(index) });
        }
    };
    for part in &change.parts {
        match part {
            Part::Literal(text) => literal.push_str(text),
            Part::Copy(range) => {
                put(start, range.start(), &mut literal, result);
                start = range.end();
                inner(draft, index, *range, result);
            }
        }
    }
    put(start, change.range.end(), &mut literal, result);
}

/// Makes the edits of the outermost changes inside a piece that the change `of` keeps.
fn inner(draft: &Draft, of: usize, piece: TextRange, result: &mut FileEdits) {
    for (index, change) in inside(draft, of, piece) {
        replace(draft, index, change, result);
    }
}

/// The outermost changes inside a piece that the change `of` keeps, which may be all of it.
fn inside(draft: &Draft, of: usize, piece: TextRange) -> Vec<(usize, &Change)> {
    let own = draft.decisions.get(of).and_then(|decision| decision.change.as_ref());
    let mut found: Vec<(usize, &Change)> = draft
        .decisions
        .iter()
        .enumerate()
        .filter_map(|(index, decision)| Some((index, decision.change.as_ref()?)))
        .filter(|(_, change)| piece.contains_range(change.range))
        .filter(|(index, change)| *index > of || own.is_none_or(|own| own.range != change.range))
        .filter(|(index, _)| *index != of)
        .collect();
    let all = found.clone();
    found.retain(|(index, change)| {
        !all.iter().any(|(other, around)| {
            other != index
                && around.range.contains_range(change.range)
                && (around.range != change.range || other < index)
        })
    });
    found
}

/// Adds a piece of the old text that the change `of` keeps, with the changes inside it made, to the text of the next edit.
fn copy(draft: &Draft, of: usize, piece: TextRange, text: &mut String, result: &mut FileEdits) {
    let mut nested = FileEdits::default();
    inner(draft, of, piece, &mut nested);
    let edit = result.labelled.len();
    let mut keep = |range: TextRange, text: &mut String| {
        let start = size(text.len());
        text.push_str(slice(&draft.analysis.source.text, range));
        result.copies.push(Copied { old: range, edit, new: TextRange::at(start, range.len()) });
    };
    let mut at = piece.start();
    sort(&mut nested);
    let mut moved = Vec::new();
    for (place, labelled) in nested.labelled.iter().enumerate() {
        keep(TextRange::new(at, labelled.edit.range.start()), text);
        let start = size(text.len());
        let within = nested.copies.iter().filter(|copied| copied.edit == place);
        moved.extend(within.map(|copied| Copied { edit, new: copied.new + start, ..*copied }));
        text.push_str(&labelled.edit.text);
        at = labelled.edit.range.end();
    }
    keep(TextRange::new(at, piece.end()), text);
    result.copies.append(&mut moved);
}

/// Whether every name of the import statement goes.
fn is_emptied(draft: &Draft, statement: TextRange, removals: &[Removal]) -> bool {
    draft.analysis.names.bindings().filter(|(_, binding)| binding.statement == statement).all(
        |(_, binding)| match &binding.kind {
            BindingKind::Import { alias, .. } | BindingKind::ImportFrom { alias, .. } => {
                removals.iter().any(|removal| removal.alias == *alias)
            }
            _ => false,
        },
    )
}

/// The new import may have the place of the name that goes, and that of its statement where all
/// names of that go.
fn take_over(requests: &mut [ImportRequest], leftover: &Leftover, is_emptied: bool) {
    for request in requests {
        match &mut request.place {
            Place::Statement { statement, replaces } if *statement == leftover.statement => {
                *replaces = Some(leftover.alias);
            }
            Place::Module { instead_of, .. } if is_emptied && instead_of.is_none() => {
                *instead_of = Some(leftover.statement);
            }
            Place::Beside { statement, replaces_it }
                if is_emptied && *statement == leftover.statement =>
            {
                *replaces_it = true;
            }
            _ => {}
        }
    }
}

/// `__all__` lists a name that moves under its new name.
fn rename_in_dunder_all(draft: &Draft, leftover: &Leftover, name: &str, result: &mut FileEdits) {
    let names = &draft.analysis.names;
    let binding = names.binding(leftover.binding);
    if binding.scope != crate::semantic::ScopeId::MODULE {
        return;
    }
    let old = names.text(binding.name);
    let decision = draft.decisions.iter().position(|decision| {
        decision.change.is_some()
            && decision.migrations.iter().any(|one| one.binding == leftover.binding)
    });
    for (listed, range) in &names.dunder_all().names {
        if listed == old && slice(&draft.analysis.source.text, *range) == old {
            let edit = Edit::replace(*range, name);
            result.labelled.push(LabelledEdit { edit, decision });
        }
    }
}
