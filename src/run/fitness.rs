//! Whether a transform can use a symbol of the project as it says.

use crate::matching::Access;
use crate::resolve::members::{has_decorator, returned};
use crate::resolve::{Origin, Resolver};
use crate::syntax::ast;

/// Why a symbol cannot give the shared object, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit {
    /// What it is, and what would come of it.
    pub why: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// Why `shared` cannot be used by `access`.
///
/// A decorator may make anything of what it is given, so nothing is said of what has one; but the
/// ones that make context managers are known.
pub(super) fn unfit(resolver: &Resolver<'_, '_>, shared: &Origin, access: Access) -> Option<Unfit> {
    let Origin::Symbol(symbol) = shared else { return None };
    let function = resolver.function(symbol).map(|(_, _, function)| function);
    let is_manager = |name| function.is_some_and(|function| has_decorator(function, name));
    if access == Access::Factory
        && ["contextmanager", "asynccontextmanager"].into_iter().any(is_manager)
    {
        return Some(Unfit {
            why: "is a context manager, which gives the object only to a `with`",
            help: PLAIN_FUNCTION,
        });
    }
    let function = function.filter(|function| function.decorator_list.is_empty());
    match access {
        Access::Factory => of_factory(function?),
        Access::Instance if function.is_some() => Some(Unfit {
            why: "is a function, which would stand where the object stood",
            help: "name it as `factory`, or name what it returns",
        }),
        Access::Instance => {
            let class = resolver.class(symbol)?.node;
            class.decorator_list.is_empty().then_some(Unfit {
                why: "is a class, which would stand where its object stood",
                help: "name an object of it",
            })
        }
    }
}

fn of_factory(function: &ast::StmtFunctionDef) -> Option<Unfit> {
    let why = if function.is_async {
        "is an `async` function, a call of which gives a coroutine (PEP 492)"
    } else if returned(function).is_none() {
        "is a generator, a call of which gives an iterator (PEP 255)"
    } else if takes_arguments(&function.parameters) {
        "needs arguments, and is called without any"
    } else {
        return None;
    };
    Some(Unfit { why, help: PLAIN_FUNCTION })
}

const PLAIN_FUNCTION: &str = "name a function that returns the object when it is called as `f()`";

/// Whether a call must give arguments.
fn takes_arguments(parameters: &ast::Parameters) -> bool {
    let named = parameters.posonlyargs.iter().chain(&parameters.args);
    named.chain(&parameters.kwonlyargs).any(|parameter| parameter.default.is_none())
}
