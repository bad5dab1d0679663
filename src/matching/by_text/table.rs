//! Tables by which a package loads its names when they are asked for (PEP 562): which module each
//! name comes from, in a dict of texts.

use super::Finder;
use crate::matching::holder::{self, Holder};
use crate::project::Project;
use crate::syntax::ast::{self, Expr, ExprStringLiteral};
use crate::text::Ranged;

impl Finder<'_> {
    /// `{"Name": ".service"}`, `{"service": ["Name"]}`, `{"Other": (".service", "Name")}`
    pub(super) fn table(&mut self, table: &ast::ExprDict) {
        for item in table {
            let mut said = Vec::new();
            for expr in item.key.iter().chain([&item.value]) {
                literals(expr, &mut said);
            }
            let is_known = |text: &&&ExprStringLiteral| self.known.contains(text.value.to_str());
            let names: Vec<_> = said.iter().filter(is_known).copied().collect();
            if names.is_empty() {
                continue;
            }
            let modules = said.iter().filter_map(|text| self.module_in_table(text.value.to_str()));
            let modules: Vec<Holder> = modules.collect();
            for name in names {
                for module in &modules {
                    self.add(name.range(), module.clone(), name.value.to_str());
                }
            }
        }
    }

    /// The module that a text in a table names: in full, or as the package has it, with or without
    /// the dot before it.
    fn module_in_table(&self, text: &str) -> Option<Holder> {
        let project: &Project<'_> = self.place.resolver.project();
        let package = project.package_name(self.place.file);
        let relative = if text.starts_with('.') { text.to_owned() } else { format!(".{text}") };
        let inside = package.and_then(|package| holder::absolute(&package, &relative));
        inside
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
