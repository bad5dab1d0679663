//! What is looked for, resolved against the project.

use super::arguments::Arguments;
use super::hazards::shared::Build;
use super::snippets::Rule;
use crate::project::FileId;
use crate::resolve::{Origin, Resolution};

/// How the shared object is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// By its name.
    Instance,
    /// By calling a function without arguments.
    Factory,
}

/// A class whose instantiations become the shared object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The transform's name.
    pub transform: String,
    /// `package.module:Class`, as the transform writes it.
    pub symbol: String,
    /// What names of the class lead to.
    pub class: Origin,
    /// What else names of the class lead to where its own module has several definitions of it:
    /// a fast one that is imported, and one for when that fails.
    pub class_alternatives: Vec<Origin>,
    /// The class's own name.
    pub class_name: String,
    /// The dotted name of the module that the shared object is imported from.
    pub shared_module: String,
    /// The shared object's name, or the factory's.
    pub shared_name: String,
    /// What names of the shared object, or of the factory, lead to.
    pub shared: Origin,
    /// The module file of the shared object, where it is one of the project's.
    pub shared_file: Option<FileId>,
    /// The files that define the class and the shared object: what is built there is kept.
    pub definitions: Vec<FileId>,
    /// Whether it is used by name or by calling it.
    pub access: Access,
    /// The name under which it is imported where its own is taken; `None` holds the site.
    pub alias: Option<String>,
    /// Methods that close the object.
    pub closes: Vec<String>,
    /// Keyword arguments of the constructor that may be dropped.
    pub droppable_arguments: Vec<String>,
    /// Every argument of the constructor may be dropped.
    pub drops_all_arguments: bool,
    /// What the class's definition says of its objects.
    pub facts: super::hazards::class::Facts,
    /// What the shared object's definition says of it.
    pub shared_facts: super::hazards::shared::SharedFacts,
    /// Mock targets that are certain are rewritten.
    pub retargets_mocks: bool,
}

impl Target {
    /// Whether the class is among the things that a name may lead to.
    pub fn may_be(&self, resolution: &Resolution) -> bool {
        resolution.origins.iter().any(|(origin, _)| self.is_origin(origin))
    }

    /// Whether a name can lead to nothing but the class.
    pub fn is(&self, resolution: &Resolution) -> bool {
        !resolution.origins.is_empty()
            && resolution.origins.iter().all(|(origin, _)| self.is_origin(origin))
    }

    /// Whether a name that leads to `origin` leads to the class.
    pub fn is_origin(&self, origin: &Origin) -> bool {
        self.class == *origin || self.class_alternatives.contains(origin)
    }

    /// The place that builds the shared object with other arguments than these, where one can be
    /// read.
    pub fn built_otherwise(&self, arguments: &Arguments) -> Option<&Build> {
        self.shared_facts.built_otherwise(arguments, &self.droppable_arguments)
    }

    /// The class, and its other definitions.
    pub fn classes(&self) -> Vec<Origin> {
        std::iter::once(&self.class).chain(&self.class_alternatives).cloned().collect()
    }

    /// The text that stands for the shared object when it is spelled `name`.
    pub fn expression(&self, name: &str) -> String {
        match self.access {
            Access::Instance => name.to_owned(),
            Access::Factory => format!("{name}()"),
        }
    }

    /// The text of a function that takes no arguments and gives the shared object.
    pub fn callable(&self, name: &str) -> String {
        match self.access {
            Access::Instance => format!("lambda: {name}"),
            Access::Factory => name.to_owned(),
        }
    }
}

/// All targets of a run.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// In the order of the transforms.
    pub all: Vec<Target>,
    /// The rewrites, in the order of the transforms.
    pub rules: Vec<Rule>,
}

impl Targets {
    /// The first target that `origin` is.
    pub fn of_class(&self, origin: &Origin) -> Option<usize> {
        self.all.iter().position(|target| target.is_origin(origin))
    }

    /// The first target whose class has this name.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|target| target.class_name == name)
    }
}
