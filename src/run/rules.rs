//! Rewrites as rules: what the names of their snippets are in this project.

use super::Request;
use super::targets::{self, TargetError};
use crate::config::Problem;
use crate::matching::snippets::{Link, Rule};
use crate::pattern::{Chain, Code, Kind, Rewrite, Root};
use crate::project::{FileId, ModuleLookup};
use crate::resolve::{Hop, OldRoute, Origin, Resolution, Resolver};
use crate::transform::{RewriteSpec, Snippet, Transform};

/// The texts that are searched for.
pub fn search_names(transforms: &[Transform]) -> Vec<String> {
    rewrites(transforms).map(|spec| spec.rewrite.key().text().to_owned()).collect()
}

/// The names of the symbols, under which modules may offer them.
pub fn symbol_names(transforms: &[Transform]) -> Vec<String> {
    rewrites(transforms)
        .flat_map(|spec| spec.rewrite.all_chains())
        .map(|chain| chain.last_name().to_owned())
        .collect()
}

fn rewrites(transforms: &[Transform]) -> impl Iterator<Item = &RewriteSpec> {
    transforms.iter().flat_map(|transform| &transform.rewrites)
}

/// Finds what the names of all snippets are.
///
/// # Errors
/// Every symbol that is not there, or leads to more than one thing.
pub fn resolve(
    resolver: &Resolver<'_, '_>,
    request: &Request<'_>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Rule>, Vec<Problem>> {
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    for (order, transform) in request.transforms.iter().enumerate() {
        for spec in &transform.rewrites {
            let one = One { resolver, transform, request };
            match one.rule(order, spec, warnings) {
                Ok(rule) => rules.push(rule),
                Err(problem) => problems.push(problem),
            }
        }
    }
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

struct One<'a> {
    resolver: &'a Resolver<'a, 'a>,
    transform: &'a Transform,
    request: &'a Request<'a>,
}

impl One<'_> {
    fn rule(
        &self,
        order: usize,
        spec: &RewriteSpec,
        warnings: &mut Vec<String>,
    ) -> Result<Rule, Problem> {
        let rewrite = &spec.rewrite;
        for chain in &rewrite.after.chains {
            let checked = self.must_be_importable(chain, warnings);
            checked.map_err(|error| shown(&spec.after, chain, &error))?;
        }
        let after = self.links(&spec.after, &rewrite.after)?;
        let mut before = self.links(&spec.before, &rewrite.before)?;
        for (chain, link) in rewrite.before.chains.iter().zip(&mut before) {
            let via = self.via(rewrite, chain, link, &after);
            link.via = via.map_err(|error| shown(&spec.before, chain, &error))?;
        }
        let class =
            |chain: &Chain| self.link(chain).map_err(|error| shown(&spec.before, chain, &error));
        let instances = rewrite
            .before
            .instances
            .iter()
            .map(|instance| instance.classes.iter().map(class).collect())
            .collect::<Result<_, _>>()?;
        let chains = || rewrite.before.chains.iter().zip(&before);
        let mut definitions: Vec<FileId> = chains()
            .chain(rewrite.after.chains.iter().zip(&after))
            .filter_map(definition)
            .collect();
        if rewrite.kind == Kind::Symbol {
            let both = rewrite.before.chains.iter().chain(&rewrite.after.chains);
            definitions.extend(both.flat_map(|chain| self.handed_on(chain)));
        }
        definitions.sort_unstable();
        definitions.dedup();
        let symbol = rewrite.before.chains.first().map_or_else(
            || crate::text::slice(&spec.before.text, rewrite.before.range).to_owned(),
            ToString::to_string,
        );
        Ok(Rule {
            transform: self.transform.name.clone(),
            order,
            symbol,
            rewrite: rewrite.clone(),
            within: spec.within,
            key: rewrite.key(),
            before,
            instances,
            after,
            definitions,
        })
    }

    /// What `after` names is going to be imported, so its module has to be somewhere. What
    /// `before` names may be gone from the project already.
    fn must_be_importable(
        &self,
        chain: &Chain,
        warnings: &mut Vec<String>,
    ) -> Result<(), TargetError> {
        let (transform, symbol) = (&self.transform.name, chain.to_string());
        let (Root::Module(module) | Root::Member { module, .. }) = &chain.root;
        let is_excerpt = self.request.is_excerpt;
        if is_excerpt || !targets::may_be_elsewhere(self.resolver, transform, &symbol, module)? {
            return Ok(());
        }
        if self.request.strict {
            return Err(TargetError::NoModule { transform: transform.clone(), symbol });
        }
        let warning = targets::third_party(transform, &symbol);
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
        Ok(())
    }

    fn links(&self, snippet: &Snippet, code: &Code) -> Result<Vec<Link>, Problem> {
        let link = |chain| self.link(chain).map_err(|error| shown(snippet, chain, &error));
        code.chains.iter().map(link).collect()
    }

    fn link(&self, chain: &Chain) -> Result<Link, TargetError> {
        let (root, module) = match &chain.root {
            Root::Module(module) => {
                let mut resolution = Resolution::default();
                resolution.add(self.resolver.module_origin(module), Vec::new());
                (resolution, module)
            }
            Root::Member { module, name } => (self.resolver.symbol(module, name), module),
        };
        let mut origins = vec![self.certain(chain, &root)?];
        let mut at = root;
        for attribute in &chain.attributes {
            at = self.resolver.attribute_of_each(&at, attribute);
            origins.push(self.certain(chain, &at)?);
        }
        let file = self.resolver.project().module(module, None).file();
        Ok(Link { origins, via: None, file })
    }

    /// The one thing that a part of a chain leads to.
    fn certain(&self, chain: &Chain, found: &Resolution) -> Result<Origin, TargetError> {
        let (transform, symbol) = (&self.transform.name, chain.to_string());
        match found.certain() {
            Some(origin) => match TargetError::of(transform, &symbol, origin) {
                Some(error) => Err(error),
                None => Ok(origin.clone()),
            },
            None => targets::of_several(self.resolver, found, transform.clone(), &symbol),
        }
    }

    /// Where the old and the new symbol are one object under two names, only uses that go through
    /// the old name are meant.
    fn via(
        &self,
        rewrite: &Rewrite,
        chain: &Chain,
        link: &Link,
        after: &[Link],
    ) -> Result<Option<OldRoute>, TargetError> {
        let same =
            rewrite.after.chains.iter().zip(after).find(|(new, other)| {
                other.whole() == link.whole() && new.dotted() != chain.dotted()
            });
        let Some((new, _)) = same else { return Ok(None) };
        let same = || TargetError::Same {
            transform: self.transform.name.clone(),
            class: chain.to_string(),
            shared: new.to_string(),
        };
        let (_, _, rest) = chain.member().ok_or_else(same)?;
        match self.hop(chain) {
            Some(old) if rest.is_empty() => Ok(Some(OldRoute { old, new: self.hop(new) })),
            _ => Err(same()),
        }
    }

    /// The name of a module of the project that a chain begins with.
    fn hop(&self, chain: &Chain) -> Option<Hop> {
        let (module, name, _) = chain.member()?;
        let file = self.resolver.project().module(module, None).file()?;
        Some(Hop { file, name: name.to_owned() })
    }

    /// The modules through which a name that moves is handed on, from the one that a snippet names
    /// to the one that defines it. If they took the new one, `before` would mean that as well.
    fn handed_on(&self, chain: &Chain) -> Vec<FileId> {
        let Some(first) = self.hop(chain) else { return Vec::new() };
        let (_, hops) = self.resolver.attribute_by(&ModuleLookup::File(first.file), &first.name);
        hops.into_iter().map(|hop| hop.file).collect()
    }
}

/// An error, shown where a snippet names what it is about.
fn shown(snippet: &Snippet, chain: &Chain, error: &TargetError) -> Problem {
    error.helped(snippet.problem(chain.range, error.to_string()))
}

/// The file that defines what a chain leads to.
fn definition((chain, link): (&Chain, &Link)) -> Option<FileId> {
    let index = usize::from(matches!(chain.root, Root::Module(_)));
    match link.origins.get(index)? {
        Origin::Symbol(symbol) => Some(symbol.file),
        _ => None,
    }
}
