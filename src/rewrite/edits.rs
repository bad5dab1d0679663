//! Decisions to edits.

use super::draft::Draft;
use super::leftovers::{Leftover, has_noqa};
use crate::imports::{
    Import, ImportPlan, ImportRequest, ModuleRef, Place, Removal, StatementRemoval,
};
use crate::semantic::{BindingId, BindingKind};
use crate::text::{Edit, OverlapError, TextEdit, TextRange};

/// The edits of one file, with what each is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileEdits {
    /// All of them.
    pub edits: TextEdit,
    /// The same, each with its purpose.
    pub labelled: Vec<LabelledEdit>,
    /// Why the imports are where they are, a sentence each.
    pub why: Vec<String>,
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
        let (Some((range, text)), Some(spelling)) = (&decision.replacement, &decision.spelling)
        else {
            continue;
        };
        requests.extend(spelling.requests.iter().cloned());
        result.why.extend(spelling.why.iter().cloned());
        if let Some(statement) = spelling.replaces_statement {
            statements.push(StatementRemoval { statement });
        } else if !is_inside_another(draft, index, *range) {
            let edit = Edit::replace(*range, text.clone());
            result.labelled.push(LabelledEdit { edit, decision: Some(index) });
        }
    }
    let mut removals = Vec::new();
    for leftover in &draft.leftovers {
        let stays = leftover
            .stays
            .clone()
            .or_else(|| is_needed(leftover.binding))
            .or_else(|| guards(leftover, &requests));
        match stays {
            None => {
                removals.push(Removal { statement: leftover.statement, alias: leftover.alias });
                take_over(&mut requests, leftover);
            }
            Some(why) => {
                result.why.push(format!("the class's import stays: {why}"));
                if let Some(request) = explicit(draft, leftover) {
                    removals.push(Removal { statement: leftover.statement, alias: leftover.alias });
                    requests.push(request);
                }
            }
        }
    }
    requests.sort();
    requests.dedup();
    statements.dedup();
    let plan = plan_imports(&requests, &removals, &statements).map_err(EditError::Imports)?;
    result.why.extend(plan.placed.iter().map(|placed| placed.why.clone()));
    result
        .labelled
        .extend(plan.edits.into_iter().map(|edit| LabelledEdit { edit, decision: None }));
    result.labelled.sort_by_key(|labelled| {
        (labelled.edit.range.start(), labelled.edit.range.end(), labelled.decision)
    });
    result.why.dedup();
    let edits = result.labelled.iter().map(|labelled| labelled.edit.clone()).collect();
    result.edits = TextEdit::new(edits)?;
    Ok(result)
}

/// Why an import stays that alone makes a `try` worth its while.
fn guards(leftover: &Leftover, requests: &[ImportRequest]) -> Option<String> {
    let is_replaced = requests.iter().any(|request| {
        matches!(request.place, Place::Statement { statement, .. } if statement == leftover.statement)
    });
    (leftover.guards && !is_replaced)
        .then(|| "the `try` around it asks whether it can be imported".to_owned())
}

/// Whether a larger rewritten site holds this one.
fn is_inside_another(draft: &Draft, index: usize, range: TextRange) -> bool {
    draft.decisions.iter().enumerate().any(|(other, decision)| {
        other != index
            && decision.replacement.as_ref().is_some_and(|(around, _)| {
                around.contains_range(range) && (*around != range || other < index)
            })
    })
}

/// The new import may have the place of the one that goes.
fn take_over(requests: &mut [ImportRequest], leftover: &Leftover) {
    for request in requests {
        match &mut request.place {
            Place::Statement { statement, replaces } if *statement == leftover.statement => {
                *replaces = Some(leftover.alias);
            }
            Place::Module { instead_of, .. } if instead_of.is_none() => {
                *instead_of = Some(leftover.statement);
            }
            Place::Beside { statement, replaces_it } if *statement == leftover.statement => {
                *replaces_it = true;
            }
            _ => {}
        }
    }
}

/// An import that stays although no code uses it is written `C as C`, which says that it is there
/// for others (PEP 484) and which linters know. One that is listed in `__all__`, or has a `noqa`,
/// says so already.
fn explicit(draft: &Draft, leftover: &Leftover) -> Option<ImportRequest> {
    let analysis = &draft.analysis;
    let names = &analysis.names;
    let binding = names.binding(leftover.binding);
    let BindingKind::ImportFrom { level, module, member, alias } = &binding.kind else {
        return None;
    };
    let name = names.text(binding.name);
    let is_plain = *alias == binding.range && name == member;
    if !is_plain
        || binding.scope != crate::semantic::ScopeId::MODULE
        || names.dunder_all().lists(name)
        || has_noqa(analysis, leftover.statement)
    {
        return None;
    }
    Some(ImportRequest {
        import: Import::From {
            module: ModuleRef { level: *level, name: module.clone() },
            member: member.clone(),
            alias: Some(name.to_owned()),
        },
        place: Place::Statement { statement: leftover.statement, replaces: Some(leftover.alias) },
    })
}
