//! Rewrites as rules: what the names of their snippets are in this project.

use super::targets::{self, TargetError};
use crate::matching::snippets::{Link, Rule};
use crate::pattern::{Chain, Code, Rewrite, Root};
use crate::project::{FileId, ModuleLookup};
use crate::resolve::{Hop, Origin, Resolution, Resolver};
use crate::transform::{RewriteSpec, Transform};

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
/// A symbol is not there, or leads to more than one thing.
pub fn resolve(
    resolver: &Resolver<'_, '_>,
    transforms: &[Transform],
) -> Result<Vec<Rule>, TargetError> {
    let mut rules = Vec::new();
    for (order, transform) in transforms.iter().enumerate() {
        for spec in &transform.rewrites {
            let one = One { resolver, transform };
            rules.push(one.rule(order, spec)?);
        }
    }
    Ok(rules)
}

struct One<'a> {
    resolver: &'a Resolver<'a, 'a>,
    transform: &'a Transform,
}

impl One<'_> {
    fn rule(&self, order: usize, spec: &RewriteSpec) -> Result<Rule, TargetError> {
        let rewrite = &spec.rewrite;
        let after = self.links(&rewrite.after)?;
        let mut before = self.links(&rewrite.before)?;
        for (chain, link) in rewrite.before.chains.iter().zip(&mut before) {
            link.via = self.via(rewrite, chain, link, &after)?;
        }
        let instances = rewrite
            .before
            .instances
            .iter()
            .map(|instance| instance.classes.iter().map(|chain| self.link(chain)).collect())
            .collect::<Result<_, _>>()?;
        let chains = || rewrite.before.chains.iter().zip(&before);
        let mut definitions: Vec<FileId> = chains()
            .chain(rewrite.after.chains.iter().zip(&after))
            .filter_map(definition)
            .collect();
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

    fn links(&self, code: &Code) -> Result<Vec<Link>, TargetError> {
        code.chains.iter().map(|chain| self.link(chain)).collect()
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
        let file = match self.resolver.project().module(module, None) {
            ModuleLookup::File(file) => Some(file),
            _ => None,
        };
        Ok(Link { origins, via: None, file })
    }

    /// The one thing that a part of a chain leads to.
    fn certain(&self, chain: &Chain, found: &Resolution) -> Result<Origin, TargetError> {
        let transform = self.transform.name.clone();
        let symbol = chain.to_string();
        let missing = |why: String| TargetError::Missing {
            transform: transform.clone(),
            symbol: symbol.clone(),
            why,
        };
        match found.certain() {
            Some(Origin::Broken(why) | Origin::Unknown(why)) => Err(missing(why.clone())),
            Some(Origin::Local(what)) => Err(missing(format!("it is {what}"))),
            Some(origin) => Ok(origin.clone()),
            None => targets::of_several(found, transform.clone(), &symbol),
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
    ) -> Result<Option<Hop>, TargetError> {
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
        let (module, name, rest) = chain.member().ok_or_else(same)?;
        match self.resolver.project().module(module, None) {
            ModuleLookup::File(file) if rest.is_empty() => {
                Ok(Some(Hop { file, name: name.to_owned() }))
            }
            _ => Err(same()),
        }
    }
}

/// The file that defines what a chain leads to.
fn definition((chain, link): (&Chain, &Link)) -> Option<FileId> {
    let index = usize::from(matches!(chain.root, Root::Module(_)));
    match link.origins.get(index)? {
        Origin::Symbol(symbol) => Some(symbol.file),
        _ => None,
    }
}
