//! Whether something that is patched matters to an object that is built: its constructor reads it,
//! or may, as not all of it can be seen.

use super::constructor::{Constructor, Read};
use super::index::last_name;
use super::patches::{Patched, is_environ_path, is_settings};
use super::standing::Held;
use super::vocabulary::READERS_OF_FOLDER;
use crate::matching::holder;
use crate::project::{FileId, ModuleLookup};
use crate::resolve::members::Chain;
use crate::resolve::{Origin, Resolution, Resolver, SymbolId};
use crate::strings::{Place, constant};
use crate::syntax::ast::{Expr, ExprRef};

/// Why a patch matters to the constructor; `None` where it certainly does not.
pub(super) fn matters(
    resolver: &Resolver<'_, '_>,
    constructor: &Constructor,
    held: &Held<'_>,
) -> Option<String> {
    let cannot_tell = || {
        let shown: Vec<&str> = constructor.unseen.iter().take(3).map(String::as_str).collect();
        let shown = shown.join(", ");
        (!shown.is_empty())
            .then(|| format!("what its constructor reads cannot all be seen: it calls {shown}"))
    };
    let place = Place { resolver, file: held.file, analysis: held.analysis };
    match &held.patched {
        Patched::Environment(Some(names)) if names.is_empty() => None,
        Patched::Environment(_) if is_another_environ(resolver, held) => None,
        Patched::Environment(names) => {
            let read = constructor.environment.iter().find(|read| {
                let (Some(names), Some(variable)) = (names, &read.variable) else { return true };
                names.contains(&variable.as_str())
            });
            match read {
                Some(read) => {
                    let what = match &read.variable {
                        Some(variable) => format!("`{variable}`"),
                        None => "the environment".to_owned(),
                    };
                    Some(format!("its constructor reads {what} ({})", read.place))
                }
                None => cannot_tell(),
            }
        }
        Patched::Settings(names) => {
            let is_read = |read: &&Read| {
                let mut parts = read.text.split('.');
                parts.any(|part| part == "settings" || names.contains(&part))
            };
            said(constructor.reads.iter().find(is_read)).or_else(cannot_tell)
        }
        Patched::Dotted(path) => {
            let path = constant(&place, ExprRef::from(*path))?;
            if is_environ_path(&path) {
                let held = Held { patched: Patched::Environment(None), ..held.clone() };
                return matters(resolver, constructor, &held);
            }
            let (owner, name) = path.rsplit_once('.')?;
            let home = holder::by_path(&place, owner).or_else(|| outside(&place, owner));
            match &home {
                Some(home) => said(read_of(resolver, constructor.reads.iter(), home, name))
                    .or_else(|| of_part(constructor, home, name)),
                None => said(read_within(&place, constructor.reads.iter(), owner)),
            }
            .or_else(|| path.split('.').any(is_settings).then(cannot_tell).flatten())
        }
        // Who calls the method knows whose attribute it is.
        Patched::Own(_) => None,
        Patched::Folder => {
            let is_external = |origin: &Origin| match origin {
                Origin::External(dotted) => READERS_OF_FOLDER.contains(&dotted.as_str()),
                _ => false,
            };
            let mut reads = constructor.reads.iter();
            said(reads.find(|read| read.origins.iter().any(is_external)))
        }
        Patched::Global(name) => said(read_by_name(constructor.reads.iter(), held.file, name)),
        // It is the same object by whatever name it is read.
        Patched::Contents(of) => {
            // What a name or attribute gives is a dict here, and no text.
            let is_text = !matches!(of, Expr::Name(_) | Expr::Attribute(_));
            let path = is_text.then(|| constant(&place, ExprRef::from(*of))).flatten();
            let named = || holder::by_path(&place, path.as_deref()?);
            let origin = origin_in(resolver, held, of).or_else(named);
            // Ex) `env["URL"] = "x"`, where `env = os.environ`
            if matches!(&origin, Some(Origin::External(dotted)) if is_environ_path(dotted)) {
                let held = Held { patched: Patched::Environment(None), ..held.clone() };
                return matters(resolver, constructor, &held);
            }
            let mut reads = constructor.reads.iter();
            let read = origin.and_then(|origin| reads.find(|read| read.origins.contains(&origin)));
            let is_settings = || path.as_deref().is_some_and(|it| it.split('.').any(is_settings));
            said(read).or_else(|| is_settings().then(cannot_tell).flatten())
        }
        Patched::Attribute(owner, name) => {
            let origin = origin_in(resolver, held, owner);
            let read = if let Some(home) = &origin {
                read_of(resolver, constructor.reads.iter(), home, name)
            } else {
                // A fixture or local: its name is all that there is to go by.
                let owner = last_name(owner).filter(|owner| is_settings(owner))?;
                let is_named = |part: &str| part == owner || part == *name;
                let mut reads = constructor.reads.iter().filter(|read| !is_of_new_object(read));
                reads.find(|read| read.text.split('.').any(is_named))
            };
            let is_settings = || last_name(owner).is_some_and(is_settings);
            said(read)
                .or_else(|| of_part(constructor, origin.as_ref()?, name))
                .or_else(|| is_settings().then(cannot_tell).flatten())
        }
    }
}

/// Whether what is called `environ` there is made by the file itself.
///
/// Ex) the `environ` of a request: `environ = {"wsgi.url_scheme": "http"}`
fn is_another_environ(resolver: &Resolver<'_, '_>, held: &Held<'_>) -> bool {
    let names = &held.analysis.names;
    let Some(environ) = names.id("environ") else { return false };
    let references = names.references().map(|(_, reference)| reference);
    let mut found = references
        .filter(|one| one.name == environ && held.range.contains_range(one.range))
        .map(|one| resolver.reference(held.file, held.analysis, one, &mut Vec::new()))
        .peekable();
    let is_local = |one: Vec<Resolution>| {
        let one = one.first().map(|one| &one.origins[..]).unwrap_or_default();
        !one.is_empty() && one.iter().all(|(one, _)| matches!(one, Origin::Local(_)))
    };
    found.peek().is_some() && found.all(is_local)
}

/// Whether a constructor reads an attribute of the object that it makes, which nobody else has yet.
///
/// Ex) `self.url`, but `self.settings` may be everybody's
fn is_of_new_object(read: &Read) -> bool {
    let attribute = read.text.strip_prefix("self.");
    attribute.is_some_and(|name| !name.contains('.') && !is_settings(name))
}

fn said(read: Option<&Read>) -> Option<String> {
    read.map(|read| format!("its constructor reads `{}` ({})", read.text, read.place))
}

/// What a dotted name is whose first part no source root holds.
///
/// Ex) `redis` of `patch("redis.Redis")`
fn outside(place: &Place<'_>, dotted: &str) -> Option<Origin> {
    let first = dotted.split('.').next()?;
    let found = place.resolver.project().module(first, Some(place.file));
    (found == ModuleLookup::Missing).then(|| Origin::External(dotted.to_owned()))
}

/// What the constructor does with `name` of the objects that it builds, where `class` is theirs: it
/// reads an attribute of that name, or the language does so for it (Python reference, 3.3).
fn of_part(constructor: &Constructor, class: &Origin, name: &str) -> Option<String> {
    let Origin::Symbol(SymbolId { name: class_name, .. }) = class else { return None };
    if !constructor.built.contains(class) {
        return None;
    }
    if name.starts_with("__") && name.ends_with("__") {
        return Some(format!("its constructor builds a `{class_name}`"));
    }
    said(constructor.reads.iter().find(|read| read.text.split('.').next_back() == Some(name)))
}

/// What the expression leads to that a patch names as the owner of an attribute.
fn origin_in(resolver: &Resolver<'_, '_>, held: &Held<'_>, owner: &Expr) -> Option<Origin> {
    let chain = Chain::of(held.analysis, ExprRef::from(owner))?;
    match resolver.chain(held.file, held.analysis, chain).certain()? {
        Origin::Local(_) | Origin::Broken(_) | Origin::Unknown(_) => None,
        origin => Some(origin.clone()),
    }
}

fn member(resolver: &Resolver<'_, '_>, of: &Origin, name: &str) -> Option<Origin> {
    let mut resolution = Resolution::default();
    resolution.add(of.clone(), Vec::new());
    resolver.attribute_of_each(&resolution, name).certain().cloned()
}

/// The read that gets something else when `name` of `home` is patched.
fn read_of<'r>(
    resolver: &Resolver<'_, '_>,
    mut reads: impl Iterator<Item = &'r Read>,
    home: &Origin,
    name: &str,
) -> Option<&'r Read> {
    // The name of a module is another one than the name under which somebody imported it.
    if let Origin::Module(ModuleLookup::File(module)) = home {
        return read_by_name(reads, *module, name);
    }
    let patched = member(resolver, home, name)?;
    reads.find(|read| read.origins.contains(&patched))
}

/// The read of this name of a module.
fn read_by_name<'r>(
    mut reads: impl Iterator<Item = &'r Read>,
    module: FileId,
    name: &str,
) -> Option<&'r Read> {
    reads.find(|read| read.names.iter().any(|hop| hop.file == module && hop.name == name))
}

/// The read of a name of a module that may be several things, where something of it is patched.
///
/// Ex) `app.service.json` of `"app.service.json.dumps"`, where it is one of two modules
fn read_within<'r>(
    place: &Place<'_>,
    reads: impl Iterator<Item = &'r Read>,
    owner: &str,
) -> Option<&'r Read> {
    let ends = owner.match_indices('.').map(|(at, _)| at);
    let (module, rest) = ends.rev().find_map(|at| {
        let (module, rest) = owner.split_at_checked(at)?;
        Some((holder::module_by_path(place, module)?, rest.strip_prefix('.')?))
    })?;
    read_by_name(reads, module.file, rest.split('.').next()?)
}
