//! Texts that name a module and texts that name something in it, side by side: tables by which a
//! package loads its names when they are asked for (PEP 562), and calls of what loads one.

use super::Finder;
use crate::matching::holder::{self, Holder};
use crate::syntax::ast::{self, Expr, ExprStringLiteral};
use crate::text::Ranged;

impl Finder<'_> {
    /// `{"Name": ".service"}`, `{"service": ["Name"]}`, `{"Other": (".service", "Name")}`
    pub(super) fn table(&mut self, table: &ast::ExprDict) {
        for item in table {
            self.beside(item.key.iter().chain([&item.value]));
        }
    }

    /// `load("app.service", "Name")`, `load(name="Name", module="app.service")`
    pub(super) fn loader(&mut self, call: &ast::ExprCall) {
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        self.beside(call.arguments.args.iter().chain(keywords));
    }

    /// Names and modules among what these expressions write.
    pub(super) fn beside<'e>(&mut self, all: impl IntoIterator<Item = &'e Expr>) {
        let mut said = Vec::new();
        for expr in all {
            literals(expr, &mut said);
        }
        let is_known = |text: &&&ExprStringLiteral| self.known.contains(text.value.to_str());
        let names: Vec<_> = said.iter().filter(is_known).copied().collect();
        if names.is_empty() {
            return;
        }
        let modules = said.iter().filter_map(|text| self.module_beside(text.value.to_str()));
        let modules: Vec<Holder> = modules.collect();
        for name in names {
            for module in &modules {
                self.add(name.range(), module.clone(), name.value.to_str());
            }
        }
    }

    /// The module that such a text names: in full, or as the package has it, with or without the
    /// dot before it.
    fn module_beside(&self, text: &str) -> Option<Holder> {
        let (project, file) = (self.place.resolver.project(), self.place.file);
        let dotted = text.trim_start_matches('.');
        let level = u32::try_from(text.len() - dotted.len()).unwrap_or(u32::MAX).max(1);
        let inside = project.absolute_name(file, level, dotted);
        inside
            .filter(|_| project.is_in_package(file))
            .and_then(|dotted| holder::module_by_path(&self.place, &dotted))
            .or_else(|| holder::module_by_path(&self.place, text))
    }
}

/// The texts that an expression writes, also those in lists and tuples.
fn literals<'e>(expr: &'e Expr, said: &mut Vec<&'e ExprStringLiteral>) {
    match expr {
        Expr::StringLiteral(text) => said.push(text),
        Expr::List(ast::ExprList { elts, .. })
        | Expr::Tuple(ast::ExprTuple { elts, .. })
        | Expr::Set(ast::ExprSet { elts, .. }) => {
            for element in elts {
                literals(element, said);
            }
        }
        _ => {}
    }
}
