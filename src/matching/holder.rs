//! Which module of the project an expression is, as far as the source says it.
//!
//! Names and attributes are followed by the resolver; what is here are the ways to get a module by
//! its dotted name. Runs nothing: a module that only the running program knows is none.

use crate::project::{FileId, ModuleLookup};
use crate::resolve::members::Chain;
use crate::resolve::{Hop, Origin, Resolution};
use crate::strings::{Place, assigned_once, constant};
use crate::syntax::ast::{self, Expr, ExprRef};
use crate::syntax::chain::last_name;

/// A module, and how it was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its file.
    pub file: FileId,
    /// The names of modules on the way.
    pub through: Vec<Hop>,
    /// By names and attributes alone, which are uses of their own.
    pub by_names: bool,
}

/// Values are followed this far.
const MAX_DEPTH: u32 = 6;

/// The module that an expression is.
pub fn module(place: &Place<'_>, expr: ExprRef<'_>) -> Option<Holder> {
    module_below(place, expr, 0)
}

/// The module whose dict of names an expression is: `service.__dict__`, `vars(service)`, or the
/// dotted name of one, `"app.service.__dict__"`.
pub fn namespace(place: &Place<'_>, expr: &Expr) -> Option<Holder> {
    match expr {
        Expr::Attribute(attribute) if attribute.attr.as_str() == "__dict__" => {
            module(place, ExprRef::from(&*attribute.value))
        }
        Expr::Call(call) if last_name(&call.func) == Some("globals") => {
            Some(Holder { file: place.file, through: Vec::new(), by_names: false })
        }
        Expr::Call(call) => {
            let is_vars = call.func.as_name_expr().is_some_and(|name| name.id.as_str() == "vars");
            let of = call.arguments.args.first().filter(|_| is_vars)?;
            module(place, ExprRef::from(of))
        }
        _ => {
            let text = constant(place, ExprRef::from(expr))?;
            module_by_path(place, text.strip_suffix(".__dict__")?)
        }
    }
}

fn module_below(place: &Place<'_>, expr: ExprRef<'_>, depth: u32) -> Option<Holder> {
    if depth > MAX_DEPTH {
        return None;
    }
    let Place { resolver, file, analysis } = *place;
    let below = |expr: &Expr| module_below(place, ExprRef::from(expr), depth + 1);
    match expr {
        ExprRef::Name(_) | ExprRef::Attribute(_) => {
            if let Some(chain) = Chain::of(analysis, expr) {
                let mut through = Vec::new();
                let prefixes = resolver.reference(file, analysis, chain.reference, &mut through);
                let found = prefixes.get(chain.depth).and_then(Resolution::certain);
                if let Some(Origin::Module(ModuleLookup::File(file))) = found {
                    return Some(Holder { file: *file, through, by_names: true });
                }
            }
            // Ex) `importlib.import_module("app").service`
            if let ExprRef::Attribute(attribute) = expr {
                return self::attribute(place, below(&attribute.value)?, attribute.attr.as_str());
            }
            // Ex) `service = importlib.import_module("app.service")`
            let holder = module_below(place, assigned_once(place, expr)?, depth + 1)?;
            Some(Holder { by_names: false, ..holder })
        }
        // Ex) `sys.modules["app.service"]`
        ExprRef::Subscript(subscript) if last_name(&subscript.value) == Some("modules") => {
            module_by_path(place, &constant(place, ExprRef::from(&*subscript.slice))?)
        }
        ExprRef::Named(named) => below(&named.value),
        ExprRef::Call(call) => by_call(place, call, depth),
        _ => None,
    }
}

fn by_call(place: &Place<'_>, call: &ast::ExprCall, depth: u32) -> Option<Holder> {
    let arguments = &call.arguments;
    let first = arguments.find_argument_value("name", 0);
    let text = || constant(place, ExprRef::from(first?));
    match (last_name(&call.func)?, &*call.func) {
        // Ex) `import_module("app.service")`, `import_module(".service", "app")`
        ("import_module", _) => {
            let name = text()?;
            if !name.starts_with('.') {
                return module_by_path(place, &name);
            }
            let package = arguments.find_argument_value("package", 1)?;
            let package = constant(place, ExprRef::from(package))?;
            module_by_path(place, &absolute(&package, &name)?)
        }
        // Ex) `__import__("app.service")`, which is `app`
        ("__import__", _) => {
            let name = text()?;
            let is_whole = match arguments.find_argument_value("fromlist", 3) {
                Some(Expr::List(list)) => !list.elts.is_empty(),
                Some(Expr::Tuple(tuple)) => !tuple.elts.is_empty(),
                _ => false,
            };
            let first = name.split('.').next()?;
            module_by_path(place, if is_whole { &name } else { first })
        }
        ("importorskip" | "resolve_name", _) => {
            let name = arguments.args.first()?;
            module_by_path(place, &constant(place, ExprRef::from(name))?)
        }
        // Ex) `sys.modules.get("app.service")`
        ("get" | "pop", Expr::Attribute(method)) if last_name(&method.value) == Some("modules") => {
            let name = arguments.args.first()?;
            module_by_path(place, &constant(place, ExprRef::from(name))?)
        }
        ("reload", _) => module_below(place, ExprRef::from(arguments.args.first()?), depth + 1),
        _ => None,
    }
}

/// The module that is an attribute of another one.
pub fn attribute(place: &Place<'_>, of: Holder, name: &str) -> Option<Holder> {
    let Holder { file, mut through, .. } = of;
    through.push(Hop { file, name: name.to_owned() });
    let found = place.resolver.attribute_of(&ModuleLookup::File(file), name);
    match found.certain()? {
        Origin::Module(ModuleLookup::File(file)) => {
            Some(Holder { file: *file, through, by_names: false })
        }
        _ => None,
    }
}

/// What a relative name is in a package.
fn absolute(package: &str, name: &str) -> Option<String> {
    let rest = name.trim_start_matches('.');
    let mut parts: Vec<&str> = package.split('.').collect();
    let above = name.len() - rest.len() - 1;
    parts.truncate(parts.len().checked_sub(above)?);
    parts.extend(Some(rest).filter(|rest| !rest.is_empty()));
    Some(parts.join("."))
}

/// The module of a dotted name, as `patch` finds it: the first part is imported, and each further
/// one is an attribute, or else a module.
pub fn module_by_path(place: &Place<'_>, dotted: &str) -> Option<Holder> {
    let mut through = Vec::new();
    match by_path_through(place, dotted, &mut through)? {
        Origin::Module(ModuleLookup::File(file)) => Some(Holder { file, through, by_names: false }),
        _ => None,
    }
}

/// What a dotted name leads to, found in the same way.
pub fn by_path(place: &Place<'_>, dotted: &str) -> Option<Origin> {
    by_path_through(place, dotted, &mut Vec::new())
}

fn by_path_through(place: &Place<'_>, dotted: &str, through: &mut Vec<Hop>) -> Option<Origin> {
    let Place { resolver, file, .. } = *place;
    let mut parts = dotted.split('.');
    let first = resolver.project().module(parts.next()?, Some(file));
    if first == ModuleLookup::Missing {
        return None;
    }
    let mut at = Resolution::default();
    at.add(Origin::Module(first), Vec::new());
    for part in parts {
        if let Some(Origin::Module(ModuleLookup::File(file))) = at.certain() {
            through.push(Hop { file: *file, name: part.to_owned() });
        }
        at = resolver.attribute_of_each(&at, part);
    }
    at.certain().cloned()
}
