//! Which of the objects that a project makes of a class is the shared one.

use std::collections::BTreeMap;

use crate::fs::ProjectPath;
use crate::text::some_of;
use crate::transform::{Access, SymbolName};

use super::PassedOver;

/// The most objects that one sentence names.
const MOST_NAMED: usize = 3;

/// An object that a module makes once, for whoever imports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Its class.
    pub class: SymbolName,
    /// How it is reached.
    pub access: Access,
    /// The file that makes it.
    pub path: ProjectPath,
    /// The line there.
    pub line: u32,
    /// The file is the one that defines the class.
    pub at_home: bool,
    /// Why other modules had better not import it, if so.
    pub unfit: Option<Unfit>,
}

/// Why an object that may be shared is offered only to who asks for its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// A name with a leading underscore is its module's own (PEP 8, "Designing for Inheritance").
    Private,
    /// A script: its file is in no package, and the class's is.
    Script,
    /// Documentation, an example or a benchmark, and the class is in none.
    Example,
}

impl Unfit {
    fn says(self) -> &'static str {
        match self {
            Self::Private => "is private to its module",
            Self::Script => "is in a script, outside any package",
            Self::Example => "is in an example",
        }
    }
}

impl Shared {
    /// As code would say it: `redis_manager`, `get_redis_manager()`.
    pub fn object(&self) -> String {
        match &self.access {
            Access::Instance(symbol) => symbol.name.clone(),
            Access::Factory(symbol) => format!("{}()", symbol.name),
        }
    }

    fn place(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }
}

/// One shared object for each class, by class, and the classes for which there is no telling.
///
/// The one that stands beside the class comes before any other, and an instance before a function
/// that makes one. One that is unfit counts only where its class is `asked_for`.
pub fn choose(
    objects: Vec<Shared>,
    asked_for: impl Fn(&SymbolName) -> bool,
) -> (Vec<Shared>, Vec<PassedOver>) {
    let mut by_class: BTreeMap<SymbolName, Vec<Shared>> = BTreeMap::new();
    for object in objects {
        let all = by_class.entry(object.class.clone()).or_default();
        if all.iter().all(|other| other.access != object.access) {
            all.push(object);
        }
    }
    let (mut chosen, mut passed_over) = (Vec::new(), Vec::new());
    for (class, all) in by_class {
        let (all, unfit): (Vec<Shared>, Vec<Shared>) =
            all.into_iter().partition(|one| one.unfit.is_none() || asked_for(&class));
        if all.is_empty() {
            let why = unfit.iter().filter_map(|one| {
                Some(format!("{} ({}) {}", one.object(), one.place(), one.unfit?.says()))
            });
            let why = format!(
                "{}; name the class to have it",
                some_of(&why.collect::<Vec<_>>(), MOST_NAMED)
            );
            passed_over.push(PassedOver { class: class.to_string(), why });
            continue;
        }
        let is_instance = |one: &&Shared| matches!(one.access, Access::Instance(_));
        let groups: [Vec<&Shared>; 4] = [
            all.iter().filter(|one| one.at_home).filter(is_instance).collect(),
            all.iter().filter(|one| one.at_home).filter(|one| !is_instance(one)).collect(),
            all.iter().filter(is_instance).collect(),
            all.iter().filter(|one| !is_instance(one)).collect(),
        ];
        match groups.iter().find(|group| !group.is_empty()).map(Vec::as_slice) {
            Some([one]) => chosen.push((*one).clone()),
            Some(several) => {
                let places =
                    several.iter().map(|one| format!("{} ({})", one.object(), one.place()));
                let why = format!(
                    "any of these may be the shared one: {}",
                    some_of(&places.collect::<Vec<_>>(), MOST_NAMED)
                );
                passed_over.push(PassedOver { class: class.to_string(), why });
            }
            None => {}
        }
    }
    (chosen, passed_over)
}

/// Each with a name for its transform, made of the object's own; no two are alike.
pub fn named(all: Vec<Shared>) -> Vec<(Shared, String)> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let name = |shared: Shared| {
        let symbol = &shared.access.symbol().name;
        let plain = symbol.strip_prefix("get_").unwrap_or(symbol).trim_matches('_');
        let plain = plain.to_lowercase().replace('_', "-");
        let ascii: String =
            plain.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let base = if ascii.is_empty() { "shared".to_owned() } else { ascii };
        let count = taken.entry(base.clone()).or_default();
        *count += 1;
        let name = if *count == 1 { base } else { format!("{base}-{count}") };
        (shared, name)
    };
    all.into_iter().map(name).collect()
}
