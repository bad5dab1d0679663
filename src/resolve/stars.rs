//! What star imports give.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::resolver::{dots, last_bindings};
use super::trail::{Hop, Trail};
use super::{Origin, Resolution, Resolver};
use crate::project::{Analysis, FileId, ModuleLookup};

impl<'p> Resolver<'p, '_> {
    /// What the star imports of a module give `name`, wherever they stand.
    pub fn by_stars(&self, file: FileId, analysis: &Analysis, name: &str) -> Resolution {
        let mut all = Resolution::default();
        for (level, module) in analysis.names.stars() {
            all.extend(self.star(file, level, module, name, &mut Trail::default()), None);
        }
        all
    }

    /// What `from module import *` in `file` gives `name`; nothing where the module has no such name.
    pub(super) fn star(
        &self,
        file: FileId,
        level: u32,
        module: &str,
        name: &str,
        trail: &mut Trail,
    ) -> Resolution {
        self.through_stars(VecDeque::from([(file, level, module)]), name, trail)
    }

    /// What these star imports, each of a file, give `name`: by modules that define it, through as
    /// many as there are between. Every module is looked at once, whatever number of ways lead there.
    pub(super) fn through_stars<'a>(
        &self,
        mut stars: VecDeque<(FileId, u32, &'a str)>,
        name: &str,
        trail: &mut Trail,
    ) -> Resolution
    where
        'p: 'a,
    {
        let mut resolution = Resolution::default();
        let mut seen: FxHashSet<FileId> = FxHashSet::default();
        while let Some((file, level, module)) = stars.pop_front() {
            let mut unknown = |why: String| resolution.add(Origin::Unknown(why), Vec::new());
            let ModuleLookup::File(target) = self.project().imported_module(file, level, module)
            else {
                unknown(format!("it may come from `from {}{module} import *`", dots(level)));
                continue;
            };
            let Some(analysis) = self.analysis(target) else {
                unknown(format!("`{module}` cannot be parsed"));
                continue;
            };
            let listed = analysis.names.dunder_all().exports(name);
            if !seen.insert(target) || listed == Some(false) || !self.offers(target, name) {
                continue;
            }
            if listed.is_none() {
                unknown(format!("the `__all__` of `{module}` is computed"));
            } else if self.is_own(target, analysis, name) {
                resolution.extend(self.module_member(target, name, trail), None);
            } else {
                trail.hops.push(Hop { file: target, name: name.to_owned() });
                stars.extend(analysis.names.stars().map(|(level, from)| (target, level, from)));
            }
        }
        resolution
    }

    /// Whether a module has `name` without its star imports: it binds it, or is the package of a
    /// module of that name.
    fn is_own(&self, file: FileId, analysis: &Analysis, name: &str) -> bool {
        let submodule = || self.project().submodule(&ModuleLookup::File(file), name);
        !last_bindings(analysis, name).is_empty() || submodule() != ModuleLookup::Missing
    }

    /// Whether a module has `name` at all, of its own or through its star imports.
    fn offers(&self, file: FileId, name: &str) -> bool {
        let mut queue = vec![file];
        let mut seen: FxHashSet<FileId> = FxHashSet::default();
        while let Some(file) = queue.pop() {
            if !seen.insert(file) {
                continue;
            }
            let Some(analysis) = self.analysis(file) else { return true };
            if !last_bindings(analysis, name).is_empty() {
                return true;
            }
            for (level, module) in analysis.names.stars() {
                let ModuleLookup::File(target) =
                    self.project().imported_module(file, level, module)
                else {
                    return true;
                };
                let listed = self.analysis(target).map(|one| one.names.dunder_all().exports(name));
                if listed != Some(Some(false)) {
                    queue.push(target);
                }
            }
        }
        false
    }
}
