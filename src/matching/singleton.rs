//! The sites of classes that become shared objects.

use super::arguments::Arguments;
use super::by_text;
use super::calls::{Form, NamedCall, named_calls};
use super::class_use::ClassUse;
use super::hazards::{self, Hazard};
use super::holder;
use super::mentions::Mentions;
use super::mocks::MockTarget;
use super::relevance::{KnownNames, Relevant, may_be_written};
use super::target::{Target, Targets};
use super::written::call_at;
use crate::project::{Analysis, FileId, ModuleLookup};
use crate::resolve::members::expression_at;
use crate::resolve::{Hop, Origin, Resolution, Resolver};
use crate::semantic::{BindingKind, Names, ReferenceId, ScopeId, Usage};
use crate::site::Reason;
use crate::strings::Place;
use crate::syntax::ast::{AnyNodeRef, ExprRef};
use crate::syntax::tree::LazyTree;
use crate::text::{Ranged, TextRange};

/// A place that a transform is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The target, by its place in [`Targets::all`].
    pub target: usize,
    /// What is replaced, or only pointed at: the call, the class's name, the string.
    pub range: TextRange,
    /// The reference by which the class is reached, and how many of its attributes lead to it.
    pub reference: Option<(ReferenceId, usize)>,
    /// What is done with the class, where it is the target.
    pub usage: Option<ClassUse>,
    /// What can be said before imports and hazards are looked at.
    pub reason: Reason,
    /// One sentence for a person.
    pub message: String,
    /// How the name was followed.
    pub chain: Vec<String>,
    /// What is in the way of sharing the object that is built, by reason.
    pub hazards: Vec<Hazard>,
}

/// What one file holds.
#[derive(Debug, Default)]
pub struct FileSites {
    /// The sites, in source order.
    pub found: Vec<Found>,
    /// The names of other modules that this file's names go through, and the bindings of this
    /// file by which they do.
    pub hops: Vec<(ReferenceOrBinding, Hop)>,
    /// Names under which the file offers a target to others.
    pub offered: Vec<String>,
    /// The strings that name a target for a patch.
    pub mocks: Vec<MockTarget>,
    /// The sites of rewrites.
    pub snippets: super::snippets::SnippetSites,
}

impl FileSites {
    /// The names of modules that anything of the file goes through: sites, rewrites, and strings
    /// that patch.
    pub fn all_hops(&self) -> impl Iterator<Item = (ReferenceOrBinding, Hop)> {
        let patched = self.mocks.iter().flat_map(MockTarget::hops);
        self.hops.iter().chain(&self.snippets.hops).cloned().chain(patched)
    }
}

/// What of a file uses another module's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceOrBinding {
    /// A use.
    Reference(ReferenceId),
    /// An import.
    Binding(crate::semantic::BindingId),
    /// A string that names it for a patch.
    Text(TextRange),
}

/// Finds the sites of `file`.
pub fn find(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    known: &KnownNames,
    mentions: &Mentions,
    file: FileId,
    analysis: &Analysis,
    tree: &LazyTree<'_>,
) -> FileSites {
    let mut finder = Finder {
        resolver,
        targets,
        file,
        analysis,
        tree,
        known,
        relevant: Relevant::new(&analysis.names, known),
        sites: FileSites::default(),
    };
    finder.imports();
    finder.references();
    let may_name = |target: &Target| may_be_written(&analysis.source.text, &target.class_name);
    if targets.all.iter().any(may_name) {
        finder.other_calls(&named_calls(tree.get(), &|name| targets.named(name).is_some()));
        finder.mentions(mentions);
    }
    let mut sites = finder.sites;
    hazards::find(resolver, targets, file, analysis, tree, &mut sites.found);
    sites.found.sort_by_key(|found| (found.range.start(), found.range.end()));
    sites.offered.sort();
    sites.offered.dedup();
    sites
}

struct Finder<'a, 't> {
    resolver: &'a Resolver<'a, 'a>,
    targets: &'a Targets,
    file: FileId,
    analysis: &'a Analysis,
    tree: &'a LazyTree<'t>,
    known: &'a KnownNames,
    relevant: Relevant,
    sites: FileSites,
}

impl Finder<'_, '_> {
    fn names(&self) -> &Names {
        &self.analysis.names
    }

    /// Imports of a target: what they go through, and under which names others may get it here.
    fn imports(&mut self) {
        let analysis = self.analysis;
        for (id, binding) in analysis.names.bindings() {
            let is_candidate = match &binding.kind {
                BindingKind::ImportFrom { member, .. } => self.known.contains(member),
                BindingKind::Assignment { alias_of: Some(reference), .. } => {
                    self.relevant.reference(analysis.names.reference(*reference))
                }
                _ => false,
            };
            if !is_candidate {
                continue;
            }
            let (resolution, hops) = self.resolver.binding(self.file, analysis, id);
            let is_target = self.targets.all.iter().any(|target| target.may_be(&resolution));
            self.sites
                .hops
                .extend(hops.into_iter().map(|hop| (ReferenceOrBinding::Binding(id), hop)));
            if is_target && binding.scope == ScopeId::MODULE {
                self.sites.offered.push(analysis.names.text(binding.name).to_owned());
            }
        }
    }

    /// Uses of a target.
    fn references(&mut self) {
        let analysis = self.analysis;
        for (id, reference) in analysis.names.references() {
            if !self.relevant.reference(reference) {
                continue;
            }
            let mut hops = Vec::new();
            let prefixes = self.resolver.reference(self.file, analysis, reference, &mut hops);
            self.sites
                .hops
                .extend(hops.into_iter().map(|hop| (ReferenceOrBinding::Reference(id), hop)));
            let hit = prefixes.iter().enumerate().find_map(|(depth, resolution)| {
                let target =
                    self.targets.all.iter().position(|target| target.may_be(resolution))?;
                Some((depth, resolution, target))
            });
            if let Some((depth, resolution, target)) = hit {
                self.target_use(id, depth, resolution, target);
            }
        }
    }

    fn target_use(
        &mut self,
        id: ReferenceId,
        depth: usize,
        resolution: &Resolution,
        target: usize,
    ) {
        let reference = self.names().reference(id);
        if reference.in_string {
            return;
        }
        let expr = prefix_range(self.analysis, id, depth);
        let usage = ClassUse::of(&self.analysis.module, expr);
        let Some(wanted) = self.targets.all.get(target) else { return };
        let chain = resolution
            .origins
            .iter()
            .find(|(origin, _)| wanted.is_origin(origin))
            .map(|(_, steps)| self.resolver.told(steps))
            .unwrap_or_default();
        let range = match &usage {
            ClassUse::Call { call, .. } => *call,
            _ => expr,
        };
        if usage == ClassUse::Ordinary {
            return;
        }
        // An annotation names a type, whatever container it is written in.
        let is_call = matches!(usage, ClassUse::Call { .. });
        if reference.usage != Usage::Runtime && !is_call {
            return;
        }
        let (reason, message) = self.judge(wanted, resolution, &usage, expr);
        self.sites.found.push(Found {
            target,
            range,
            reference: Some((id, depth)),
            usage: Some(usage),
            reason,
            message,
            chain,
            hazards: Vec::new(),
        });
    }

    fn judge(
        &self,
        target: &Target,
        resolution: &Resolution,
        usage: &ClassUse,
        expr: TextRange,
    ) -> (Reason, String) {
        let symbol = &target.symbol;
        if target.definitions.contains(&self.file) {
            let message = format!("this module defines `{symbol}` or the shared object");
            return (Reason::Definition, message);
        }
        if !target.is(resolution) {
            return (Reason::AmbiguousBinding, ambiguity(self.resolver, target, resolution));
        }
        match usage {
            ClassUse::Base => (Reason::Subclass, format!("a class is derived from `{symbol}`")),
            ClassUse::Value(place) => {
                let message =
                    format!("the class itself is {place}: what is done with it there is not known");
                (Reason::ClassAsValue, message)
            }
            ClassUse::Call { call, keywords, .. } => {
                let is_dropped = match keywords {
                    Some(keywords) => keywords.iter().all(|keyword| {
                        target.drops_all_arguments || target.droppable_arguments.contains(keyword)
                    }),
                    None => target.drops_all_arguments,
                };
                self.judge_arguments(target, Some(*call), is_dropped)
            }
            ClassUse::Factory if self.is_given_to_project(expr) => {
                let message = "the class itself is an argument of the project's own code, \
                               which may call it with arguments";
                (Reason::ClassAsValue, message.to_owned())
            }
            ClassUse::Factory => self.judge_arguments(target, None, true),
            ClassUse::Ordinary => (Reason::DirectInstantiation, String::new()),
        }
    }

    /// Whether the call whose argument `expr` is, is one of the project's own functions or classes.
    fn is_given_to_project(&self, expr: TextRange) -> bool {
        let path = self.analysis.module.path_to(expr);
        let call = path.iter().rev().find_map(|node| match node {
            AnyNodeRef::ExprCall(call) => Some(*call),
            _ => None,
        });
        let callee = call.and_then(|call| {
            hazards::class::origin_of(self.resolver, self.file, self.analysis, &call.func)
        });
        matches!(callee, Some(Origin::Symbol(_) | Origin::Local(_)))
    }

    /// Whether what is built here, by a call or by whoever calls the class, is what the shared
    /// object is. Arguments that are dropped do not matter.
    fn judge_arguments(
        &self,
        target: &Target,
        call: Option<TextRange>,
        is_dropped: bool,
    ) -> (Reason, String) {
        let signature = target.shared_facts.signature.as_ref();
        let call = call.filter(|_| !is_dropped).and_then(|call| call_at(self.analysis, call));
        let given = call.map_or_else(Arguments::default, |call| {
            Arguments::of(self.resolver, self.file, self.analysis, signature, call)
        });
        let otherwise =
            if target.drops_all_arguments { None } else { target.built_otherwise(&given) };
        let is_same = otherwise.is_none() && !target.shared_facts.builds.is_empty();
        match otherwise {
            Some(build) if is_dropped => {
                let (text, place) = (&build.text, &build.place);
                let message = format!(
                    "the shared object is built with arguments that this call does not give: \
                     `{text}` on {place}"
                );
                (Reason::Arguments, message)
            }
            _ if is_dropped || is_same => {
                let when = if call.is_none() { "" } else { ", as the shared one is built" };
                let message = format!("builds another `{}`{when}", target.class_name);
                (Reason::DirectInstantiation, message)
            }
            _ => {
                let message = "the constructor gets arguments, which the shared object cannot have";
                (Reason::Arguments, message.to_owned())
            }
        }
    }

    /// Calls of a target's name that are no calls of a target.
    fn other_calls(&mut self, calls: &[NamedCall]) {
        for call in calls {
            if self.sites.found.iter().any(|found| found.range == call.call) {
                continue;
            }
            let Some(target) = self.targets.named(&call.name) else { continue };
            let (reason, message, chain) = self.other_call(call);
            self.sites.found.push(Found {
                target,
                range: call.call,
                reference: None,
                usage: None,
                reason,
                message,
                chain,
                hazards: Vec::new(),
            });
        }
    }

    /// Text that looks like a call of a target's name.
    fn mentions(&mut self, mentions: &Mentions) {
        for mention in mentions.find(&self.analysis.module, &self.analysis.source.text) {
            let Some(target) = self.targets.named(&mention.name) else { continue };
            let what = if mention.in_comment { "a comment" } else { "a string" };
            self.sites.found.push(Found {
                target,
                range: mention.range,
                reference: None,
                usage: None,
                reason: Reason::StringOrComment,
                message: format!("{what} mentions the call"),
                chain: Vec::new(),
                hazards: Vec::new(),
            });
        }
    }

    fn other_call(&self, call: &NamedCall) -> (Reason, String, Vec<String>) {
        let analysis = self.analysis;
        let reference = analysis
            .names
            .references()
            .find(|(_, reference)| call.form == Form::Chain && reference.chain == call.callee)
            .map(|(_, reference)| reference);
        if self.is_reached_by_name(call) {
            let message = match call.form {
                Form::Text => "the class is asked for by its name as a text",
                _ => "a module that is found by its name while the program runs has it",
            };
            return (Reason::AmbiguousBinding, message.to_owned(), Vec::new());
        }
        let Some(reference) = reference else {
            let message = "an attribute of a value that is not a module".to_owned();
            return (Reason::OtherOrigin, message, Vec::new());
        };
        let prefixes = self.resolver.reference(self.file, analysis, reference, &mut Vec::new());
        let Some(last) = prefixes.last() else {
            return (Reason::UnboundName, String::new(), Vec::new());
        };
        let name = &call.name;
        match last.origins.as_slice() {
            [] if reference.attributes.is_empty() => {
                let message =
                    format!("`{name}` is not bound at run time in this file: the call fails today");
                (Reason::UnboundName, message, Vec::new())
            }
            [] => {
                let root = analysis.names.text(reference.name);
                let message =
                    format!("`{root}` is not bound at run time in this file: the call fails today");
                (Reason::UnboundName, message, Vec::new())
            }
            [(origin, chain)] => {
                let (reason, message) = self.other_origin(origin);
                (reason, message, self.resolver.told(chain))
            }
            [(first, chain), ..] => {
                let unknown =
                    last.origins.iter().find(|(origin, _)| matches!(origin, Origin::Unknown(_)));
                let (reason, message) =
                    self.other_origin(unknown.map_or(first, |(origin, _)| origin));
                (reason, message, self.resolver.told(chain))
            }
        }
    }

    /// Ex) `importlib.import_module("app.service").RedisManager()`,
    /// `getattr(service, "RedisManager")()`
    fn is_reached_by_name(&self, call: &NamedCall) -> bool {
        let may_have = |file, name: &str| {
            let found = self.resolver.attribute_of(&ModuleLookup::File(file), name);
            self.targets.all.iter().any(|target| target.may_be(&found))
        };
        let Self { resolver, file, analysis, .. } = *self;
        match call.form {
            Form::Chain | Form::Attribute => {
                let callee = expression_at(analysis, call.callee);
                let Some(ExprRef::Attribute(attribute)) = callee else { return false };
                let place = Place { resolver, file, analysis };
                let holder = holder::module(&place, ExprRef::from(&*attribute.value));
                holder.is_some_and(|holder| may_have(holder.file, &call.name))
            }
            Form::Text => {
                let reached = by_text::find(resolver, self.known, file, analysis, self.tree);
                let mut here = reached.iter().filter(|(at, _)| call.callee.contains_range(*at));
                here.any(|(_, hop)| hop.name == call.name && may_have(hop.file, &hop.name))
            }
        }
    }

    fn other_origin(&self, origin: &Origin) -> (Reason, String) {
        let project = self.resolver.project();
        let message = match origin {
            Origin::Symbol(symbol) => {
                format!(
                    "another definition of the name, `{}` in {}",
                    symbol.name,
                    project.path(symbol.file)
                )
            }
            Origin::Module(_) => "the name of a module".to_owned(),
            Origin::External(dotted) => {
                let first = dotted.split('.').next().unwrap_or(dotted);
                if project.is_first_party(first, &[]) {
                    format!("its import leads to nothing: the project has no `{dotted}`")
                } else {
                    format!("`{dotted}`, from outside the project")
                }
            }
            Origin::Local(what) => format!("{what} of the same name"),
            Origin::Broken(why) => format!("its import leads to nothing: {why}"),
            Origin::Unknown(why) => {
                return (
                    Reason::AmbiguousBinding,
                    format!("where the name comes from cannot be told: {why}"),
                );
            }
        };
        (Reason::OtherOrigin, message)
    }
}

/// The expression that is the first `depth` attributes of a reference.
pub fn prefix_range(analysis: &Analysis, id: ReferenceId, depth: usize) -> TextRange {
    let reference = analysis.names.reference(id);
    if depth == reference.attributes.len() {
        return reference.chain;
    }
    if depth == 0 {
        return reference.range;
    }
    let path = analysis.module.path_to(reference.range);
    // The name, then one node for each attribute, outwards.
    let attributes =
        path.iter().rev().skip_while(|node| node.range() == reference.range).take(depth).last();
    attributes.map_or(reference.range, Ranged::range)
}

fn ambiguity(resolver: &Resolver<'_, '_>, target: &Target, resolution: &Resolution) -> String {
    let others = resolver.told_but_for(resolution, |origin| target.is_origin(origin));
    format!("it may be `{}` or {}", target.symbol, others.join(" or "))
}
