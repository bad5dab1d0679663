//! Modules that the project would hold if there were any.

use super::{FileId, ModuleLookup, Project, stdlib};
use crate::semantic::{BindingKind, ScopeId};

/// Where a module is that no source root holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absent {
    /// In another distribution, as far as the project tells.
    Elsewhere,
    /// In a namespace package of the project, which other distributions may add to (PEP 420), or
    /// built, generated or made at run time in a package of the project.
    Perhaps,
    /// Nowhere: this package, or plain module, is all that Python looks at, and it has no such
    /// part.
    Nowhere {
        /// The package's `__init__`, or the module.
        within: FileId,
        /// The first part of the name that is not there.
        part: String,
    },
}

impl Project<'_> {
    /// Where a module is that [`Self::module`] does not find.
    ///
    /// Python looks for `a.b` in the `__path__` of `a` and nowhere else (Python reference, section
    /// 5.3.1), so a regular package of the project either has it or it is not there. What takes
    /// part in that beside Python files counts as having it: extension modules and their sources,
    /// files that are left out of the search, and code that sets `__path__` or puts modules into
    /// `sys.modules`.
    pub fn absent(&self, dotted: &str) -> Absent {
        let first = dotted.split('.').next().unwrap_or(dotted);
        let mut around = None;
        for (end, _) in dotted.match_indices('.').chain([(dotted.len(), "")]) {
            let prefix = dotted.get(..end).unwrap_or_default();
            match self.module(prefix, None) {
                found @ (ModuleLookup::File(_) | ModuleLookup::Namespace(_)) => {
                    around = Some(found);
                }
                ModuleLookup::Ambiguous(..) => return Absent::Perhaps,
                ModuleLookup::Missing => {
                    let part = prefix.rsplit('.').next().unwrap_or(prefix);
                    return match around {
                        None => Absent::Elsewhere,
                        // A folder of that name may stand beside Python's own module.
                        Some(_) if stdlib::contains(first, None) => Absent::Elsewhere,
                        Some(ModuleLookup::File(within)) if !self.may_have(within, part) => {
                            Absent::Nowhere { within, part: part.to_owned() }
                        }
                        Some(_) => Absent::Perhaps,
                    };
                }
            }
        }
        Absent::Perhaps
    }

    /// Whether `import package.part` may find something that is no Python file of the project.
    fn may_have(&self, package: FileId, part: &str) -> bool {
        let path = self.path(package);
        let is_there = || path.is_init() && self.shared.tree.holds_stem(path.folder(), part);
        is_there() || self.makes_modules(package)
    }

    /// Whether a module's code has a hand in what is found below it.
    fn makes_modules(&self, file: FileId) -> bool {
        let Ok(analysis) = self.analysis(file) else { return true };
        let names = &analysis.names;
        let is_path = |name| names.text(name) == "__path__";
        let sets_path = names.bindings().any(|(_, binding)| {
            binding.scope == ScopeId::MODULE
                && !matches!(binding.kind, BindingKind::Parameter)
                && is_path(binding.name)
        });
        sets_path
            || names.references().any(|(_, reference)| {
                let attribute = reference.attributes.first().map(|&name| names.text(name));
                match attribute {
                    // Ex) __path__.append(folder)
                    Some(_) if is_path(reference.name) => true,
                    Some(name) => {
                        names.text(reference.name) == "sys"
                            && ["modules", "meta_path", "path_hooks"].contains(&name)
                    }
                    None => false,
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{MemoryTree, SourceTree};

    /// What `dotted` is in a project of these files.
    #[track_caller]
    fn is(files: &[(&str, &str)], dotted: &str, expected: &Absent) {
        let tree = MemoryTree::new(files.iter().map(|(path, text)| (path, text.as_bytes())));
        let project = Project::new(&tree, tree.list().unwrap_or_default(), None);
        assert_eq!(project.module(dotted, None), ModuleLookup::Missing);
        let found = match project.absent(dotted) {
            Absent::Nowhere { within, .. } if *expected != Absent::Elsewhere => {
                assert_eq!(*expected, Absent::Nowhere { within, part: "no".to_owned() });
                return;
            }
            found => found,
        };
        assert_eq!(found, *expected, "{files:?}");
    }

    fn nowhere() -> Absent {
        Absent::Nowhere { within: FileId(0), part: "no".to_owned() }
    }

    #[test]
    fn a_regular_package_is_all_there_is() {
        is(&[("pk/__init__.py", "")], "pk.no", &nowhere());
        is(&[("pk/__init__.py", "")], "pk.no.deeper", &nowhere());
        is(&[("src/pk/__init__.py", "")], "pk.no", &nowhere());
        is(&[("pk/__init__.pyi", "")], "pk.no", &nowhere());
        is(&[("pk/__init__.py", "f(__path__=__path__)\n")], "pk.no", &nowhere());
        is(&[("pk.py", "")], "pk.no", &nowhere());
    }

    #[test]
    fn what_may_be_elsewhere_is_left_to_python() {
        is(&[("pk/__init__.py", "")], "other.no", &Absent::Elsewhere);
        // Python's own is found first, or is what is meant.
        is(&[("asyncio/__init__.py", "")], "asyncio.no", &Absent::Elsewhere);
        is(&[("pk/a.py", "")], "pk.no", &Absent::Perhaps);
        for init in [
            "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
            "__path__.append('x')\n",
            "import sys\nsys.modules['pk.no'] = object()\n",
            "import sys\nsys.meta_path.append(finder)\n",
            "def broken(:\n",
        ] {
            is(&[("pk/__init__.py", init)], "pk.no", &Absent::Perhaps);
        }
        for beside in ["no.cpython-312-x86_64-linux-gnu.so", "no.pyx", "no.pyd", "no/data.txt"] {
            let beside = format!("pk/{beside}");
            is(&[("pk/__init__.py", ""), (&beside, "")], "pk.no", &Absent::Perhaps);
        }
        is(&[("pk/__init__.py", ""), ("pk/nothing.so", "")], "pk.no", &nowhere());
    }
}
