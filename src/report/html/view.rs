//! What the template is given.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::TransformInfo;
use super::hunks::{self, Hunk, Size};
use crate::fs::ProjectPath;
use crate::plan::FilePlan;
use crate::report::excerpt::excerpt;
use crate::report::markdown::html;
use crate::report::outcome::{
    Finding, Group, Isolation, Outcome, end_column, is_accepted, is_ignored,
};
use crate::report::{suggestion, visible};
use crate::site::{Reason, Site, Verdict};
use crate::text::LineColumn;

/// Levels by which headings of documents inside the page are lowered.
const LOWERED: usize = 2;

/// The page.
#[derive(Serialize)]
pub(super) struct View {
    totals: CountsView,
    searched: usize,
    parsed: usize,
    size: Size,
    file_count: usize,
    transforms: Vec<TransformView>,
    tiers: Vec<TierView>,
    finding_sums: Vec<(String, usize)>,
    findings: Vec<FindingView>,
    errors: Vec<ErrorView>,
    warnings: Vec<String>,
    reasons: Vec<ReasonView>,
}

#[derive(Serialize)]
struct CountsView {
    rewrite: usize,
    review: usize,
    keep: usize,
}

#[derive(Serialize)]
struct TransformView {
    name: String,
    summary: String,
    docs: String,
}

#[derive(Serialize)]
struct TierView {
    /// `tier-1`; `tier-0` for what belongs to none.
    id: String,
    number: Option<usize>,
    name: String,
    summary: String,
    risk: Option<String>,
    counts: CountsView,
    files: Vec<FileView>,
    held: Vec<SiteView>,
    kept: Vec<SiteView>,
}

#[derive(Serialize)]
struct FileView {
    id: String,
    path: String,
    size: Size,
    hunks: Vec<HunkView>,
    /// Why the imports are where they are.
    why: Vec<String>,
}

#[derive(Serialize)]
struct HunkView {
    id: String,
    #[serde(flatten)]
    hunk: Hunk,
    /// What the hunk carries out.
    labels: Vec<Label>,
    /// Remarks of the plan that say more than the labels do.
    notes: Vec<String>,
}

#[derive(Serialize, PartialEq, Eq)]
struct Label {
    transform: String,
    verdict: &'static str,
    code: &'static str,
    title: &'static str,
    message: String,
    is_accepted: bool,
}

#[derive(Serialize)]
struct SiteView {
    id: String,
    path: String,
    line: u32,
    column: u32,
    /// The source line before, at and after the site.
    source: [String; 3],
    code: &'static str,
    title: &'static str,
    symbol: String,
    transform: String,
    message: String,
    is_ignored: bool,
    chain: Vec<String>,
    help: Option<String>,
    /// The line as the suggestion would make it.
    suggested: Option<String>,
}

#[derive(Serialize)]
struct FindingView {
    path: String,
    line: u32,
    column: u32,
    source: [String; 3],
    symbol: String,
    verdict: &'static str,
    message: String,
    denied: bool,
}

#[derive(Serialize)]
struct ErrorView {
    place: String,
    message: String,
}

#[derive(Serialize)]
struct ReasonView {
    code: &'static str,
    title: &'static str,
    verdict: &'static str,
    page: String,
}

impl View {
    pub(super) fn new(
        outcome: &Outcome<'_>,
        files: &[&FilePlan],
        transforms: &[TransformInfo<'_>],
    ) -> Self {
        let mut numbered = Numbered { files: 0, sites: 0 };
        let tiers: Vec<TierView> =
            outcome.groups.iter().map(|group| numbered.tier(group, files)).collect();
        // A file can change without a site of its own: it takes what another one offers.
        let orphans = files.iter().filter(|file| !is_shown(outcome, file));
        let orphans: Vec<FileView> = orphans.map(|file| numbered.file(file, &[])).collect();
        let tiers = with_orphans(tiers, orphans);
        let sizes = tiers.iter().flat_map(|tier| &tier.files).map(|file| file.size);
        let size = sizes.fold(Size::default(), |sum, size| Size {
            added: sum.added + size.added,
            removed: sum.removed + size.removed,
        });
        Self {
            totals: CountsView {
                rewrite: outcome.totals.rewrite,
                review: outcome.totals.review,
                keep: outcome.totals.keep,
            },
            searched: outcome.searched,
            parsed: outcome.parsed,
            size,
            file_count: files.len(),
            transforms: transforms.iter().map(TransformView::of).collect(),
            tiers,
            finding_sums: Isolation::ALL
                .iter()
                .map(|&verdict| (verdict.name().to_owned(), outcome.found(verdict)))
                .collect(),
            findings: outcome.findings.iter().map(FindingView::of).collect(),
            errors: errors(outcome),
            warnings: outcome.warnings.iter().map(|warning| visible::line(warning)).collect(),
            reasons: reasons(outcome),
        }
    }
}

/// Whether a file's tier is a group of the outcome.
fn is_shown(outcome: &Outcome<'_>, file: &FilePlan) -> bool {
    outcome.groups.iter().any(|group| owns(group, file))
}

fn owns(group: &Group<'_>, file: &FilePlan) -> bool {
    group.tier.map(|(number, _)| number - 1) == file.tier
}

fn with_orphans(mut tiers: Vec<TierView>, orphans: Vec<FileView>) -> Vec<TierView> {
    if !orphans.is_empty() {
        tiers.push(TierView {
            id: "tier-0".to_owned(),
            number: None,
            name: "in no tier".to_owned(),
            summary: String::new(),
            risk: None,
            counts: CountsView { rewrite: 0, review: 0, keep: 0 },
            files: orphans,
            held: Vec::new(),
            kept: Vec::new(),
        });
    }
    tiers
}

/// Numbers what can be linked to, across tiers.
struct Numbered {
    files: usize,
    sites: usize,
}

impl Numbered {
    fn tier(&mut self, group: &Group<'_>, files: &[&FilePlan]) -> TierView {
        let mut by_path: BTreeMap<&ProjectPath, Vec<&Site>> = BTreeMap::new();
        for site in &group.sites {
            by_path.entry(&site.path).or_default().push(site);
        }
        let own = files.iter().filter(|file| owns(group, file));
        let sites = |file: &FilePlan| by_path.get(file.path()).map_or(&[][..], Vec::as_slice);
        let files = own.map(|file| self.file(file, sites(file))).collect();
        let held = group.with(Verdict::Review).map(|site| self.site(site)).collect();
        let kept = group.with(Verdict::Keep).map(|site| self.site(site)).collect();
        let (number, tier) = group.tier.unzip();
        TierView {
            id: format!("tier-{}", number.unwrap_or(0)),
            number,
            name: tier.map_or("in no tier".to_owned(), |tier| visible::line(tier.name)),
            summary: tier.map_or(String::new(), |tier| visible::line(tier.summary)),
            risk: tier.and_then(|tier| tier.risk).map(visible::line),
            counts: CountsView {
                rewrite: group.counts.rewrite,
                review: group.counts.review,
                keep: group.counts.keep,
            },
            files,
            held,
            kept,
        }
    }

    /// `sites` are the file's own.
    fn file(&mut self, file: &FilePlan, sites: &[&Site]) -> FileView {
        self.files += 1;
        let id = format!("file-{}", self.files);
        let hunks = hunks::hunks(&file.old(), &file.new);
        FileView {
            path: visible::line(&file.path().to_slash()),
            size: hunks::size(&hunks),
            hunks: hunks
                .into_iter()
                .enumerate()
                .map(|(at, hunk)| hunk_view(format!("{id}-hunk-{}", at + 1), hunk, file, sites))
                .collect(),
            why: file.why.iter().map(|why| visible::line(why)).collect(),
            id,
        }
    }

    fn site(&mut self, site: &Site) -> SiteView {
        self.sites += 1;
        SiteView {
            id: format!("site-{}", self.sites),
            path: visible::line(&site.path.to_slash()),
            line: site.start.line,
            column: site.start.column,
            source: source(&site.source_line, site.start, site.end),
            code: site.reason.code(),
            title: site.title(),
            symbol: visible::line(&site.symbol),
            transform: visible::line(&site.transform),
            message: visible::line(&site.message),
            is_ignored: is_ignored(site),
            chain: site.chain.iter().map(|step| visible::line(step)).collect(),
            help: site.suggestion.as_ref().map(|one| visible::line(&one.message)),
            suggested: suggested(site),
        }
    }
}

fn hunk_view(id: String, hunk: Hunk, file: &FilePlan, sites: &[&Site]) -> HunkView {
    let (first, last) = hunk.old;
    let mut labels: Vec<Label> = Vec::new();
    for site in sites {
        let is_here = site.start.line <= last && site.end.line >= first;
        if site.verdict == Verdict::Rewrite && is_here {
            let label = Label::of(site);
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    let said: BTreeSet<&str> = labels
        .iter()
        .flat_map(|label| {
            let accepted = if label.is_accepted { "accepted" } else { "" };
            [&*label.transform, label.verdict, label.code, accepted]
        })
        .collect();
    let mut notes: Vec<String> = Vec::new();
    for (lines, note) in &file.notes {
        let is_here = lines.start <= last && lines.end > first;
        let is_said =
            note.split([' ', ',', ':']).all(|word| word.is_empty() || said.contains(word));
        let note = visible::line(note);
        if is_here && !is_said && !notes.contains(&note) {
            notes.push(note);
        }
    }
    HunkView { id, hunk, labels, notes }
}

impl Label {
    fn of(site: &Site) -> Self {
        Self {
            transform: visible::line(&site.transform),
            verdict: site.verdict.name(),
            code: site.reason.code(),
            title: site.title(),
            message: visible::line(&site.message),
            is_accepted: is_accepted(site),
        }
    }
}

/// The whole source line in three parts.
fn source(line: &str, start: LineColumn, end: LineColumn) -> [String; 3] {
    let parts = excerpt(line, start.column, end_column(start, end), usize::MAX);
    [parts.before, parts.site, parts.after]
}

fn suggested(site: &Site) -> Option<String> {
    let edits = suggestion::on_the_line(site)?;
    let mut line = site.source_line.clone();
    for edit in edits.iter().rev() {
        line.replace_range(edit.start..edit.end, edit.text);
    }
    Some(visible::line(line.trim()))
}

impl TransformView {
    fn of(transform: &TransformInfo<'_>) -> Self {
        Self {
            name: visible::line(transform.name),
            summary: visible::line(transform.summary),
            docs: html::render(transform.docs, LOWERED),
        }
    }
}

impl FindingView {
    fn of(finding: &Finding) -> Self {
        Self {
            path: visible::line(&finding.path.to_slash()),
            line: finding.start.line,
            column: finding.start.column,
            source: source(&finding.source_line, finding.start, finding.end),
            symbol: visible::line(&finding.symbol),
            verdict: finding.verdict.name(),
            message: visible::line(&finding.message),
            denied: finding.is_forbidden(),
        }
    }
}

fn errors(outcome: &Outcome<'_>) -> Vec<ErrorView> {
    let failures = outcome.failures.iter().map(|(path, failure)| ErrorView {
        place: visible::line(&format!("{path}:{}", failure.position.line)),
        message: visible::line(&format!("does not parse: {}", failure.message)),
    });
    let unproven = outcome.unproven.iter().map(|one| ErrorView {
        place: visible::line(&one.path.to_slash()),
        message: visible::line(&format!(
            "stays as it is, as its planned result is not proven: {}",
            one.message
        )),
    });
    failures.chain(unproven).collect()
}

/// The pages of the reasons that the page speaks of.
fn reasons(outcome: &Outcome<'_>) -> Vec<ReasonView> {
    let used: BTreeSet<Reason> = outcome.sites().map(|(_, site)| site.reason).collect();
    used.into_iter()
        .map(|reason| ReasonView {
            code: reason.code(),
            title: reason.title(),
            verdict: reason.verdict().name(),
            page: html::render(reason.page(), LOWERED),
        })
        .collect()
}
