//! A parsed source.

use ruff_python_ast::find_node::covering_node;
use ruff_python_ast::token::{Token, TokenKind, Tokens};
use ruff_python_ast::{AnyNodeRef, ModModule, PySourceType, Stmt};
use rustpython_parser::{ParseOptions, Parsed, parse_unchecked};

use super::depth;
use crate::text::{Ranged, TextRange, TextSize};

/// The syntax tree of one file, with its tokens.
///
/// Does not hold the text: ranges are meaningful for the text that was parsed and no other.
#[derive(Debug)]
pub struct Module {
    parsed: Parsed<ModModule>,
    comments: Vec<TextRange>,
}

/// Why a text is not Python.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Where the parser gave up.
    pub offset: TextSize,
    /// What it says.
    pub message: String,
}

impl Module {
    /// Parses a whole file, as Python of any version that the parser knows.
    ///
    /// Syntax that only some versions have is taken whatever version runs the code: which one
    /// does is not for this tool to say.
    ///
    /// # Errors
    /// The first syntax error, or a source nested deeper than [`depth::LIMIT`].
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        if let Some(offset) = depth::exceeded_at(text) {
            let message = format!("more than {} nested operators and brackets", depth::LIMIT);
            return Err(SyntaxError { offset, message });
        }
        let parsed = parse_unchecked(text, ParseOptions::from(PySourceType::Python));
        let Some(parsed) = parsed.try_into_module() else {
            let message = "not a module".to_owned();
            return Err(SyntaxError { offset: TextSize::default(), message });
        };
        if let Some(error) = parsed.errors().first() {
            let message = error.error.to_string();
            return Err(SyntaxError { offset: error.location.start(), message });
        }
        let comments = parsed
            .tokens()
            .iter()
            .filter(|token| token.kind() == TokenKind::Comment)
            .map(Ranged::range)
            .collect();
        Ok(Self { parsed, comments })
    }

    /// The root of the tree.
    pub fn root(&self) -> &ModModule {
        self.parsed.syntax()
    }

    /// The module's statements.
    pub fn body(&self) -> &[Stmt] {
        &self.parsed.syntax().body
    }

    /// All tokens, comments and line ends outside statements among them.
    pub fn tokens(&self) -> &Tokens {
        self.parsed.tokens()
    }

    /// The tokens that lie inside `range`; none where it cuts through one.
    pub fn tokens_in(&self, range: TextRange) -> &[Token] {
        let tokens: &[Token] = self.parsed.tokens();
        let start = tokens.partition_point(|token| token.start() < range.start());
        let end = tokens.partition_point(|token| token.end() <= range.end());
        tokens.get(start..end).unwrap_or_default()
    }

    /// The comments, in order, each from its `#` to the end of its line.
    pub fn comments(&self) -> &[TextRange] {
        &self.comments
    }

    /// The comments that lie inside `range`.
    pub fn comments_in(&self, range: TextRange) -> &[TextRange] {
        let start = self.comments.partition_point(|comment| comment.start() < range.start());
        let end = self.comments.partition_point(|comment| comment.end() <= range.end());
        self.comments.get(start..end).unwrap_or_default()
    }

    /// The nodes that contain `range`, from the root to the smallest one; empty where `range` is
    /// not part of the module.
    pub fn path_to(&self, range: TextRange) -> Vec<AnyNodeRef<'_>> {
        let root = AnyNodeRef::from(self.root());
        if !root.range().contains_range(range) {
            return Vec::new();
        }
        // A walk from the root looks at every statement of the module.
        let body = self.body();
        let next = body.partition_point(|statement| statement.start() <= range.start());
        let statement = next.checked_sub(1).and_then(|at| body.get(at));
        let Some(statement) = statement.filter(|one| one.range().contains_range(range)) else {
            return vec![root];
        };
        let mut path: Vec<_> = covering_node(statement.into(), range).ancestors().collect();
        path.push(root);
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_a_place_and_a_message() {
        let error = Module::parse("def get(:\n    pass\n").unwrap_err();
        assert_eq!(error.offset, 8.into());
        assert!(!error.message.is_empty());
    }

    #[test]
    fn syntax_of_every_version_is_taken() {
        let source = "type A[T] = T\ntry:\n    pass\nexcept ValueError, TypeError:\n    pass\nt'{1}'\nf'{\"a\"}'\n";
        assert!(Module::parse(source).is_ok());
        assert!(Module::parse("print 'two'\n").is_err());
    }

    #[test]
    fn the_path_to_a_name_goes_through_every_node_around_it() {
        let source = "def f():\n    return a.b(c)\n";
        let module = Module::parse(source).unwrap();
        let at = u32::try_from(source.find('c').unwrap()).unwrap();
        let path = module.path_to(TextRange::at(at.into(), 1.into()));
        assert!(matches!(path.last(), Some(AnyNodeRef::ExprName(_))), "{path:?}");
        assert!(path.iter().any(|node| matches!(node, AnyNodeRef::ExprCall(_))));
    }

    #[test]
    fn the_path_is_that_of_a_walk_from_the_root() {
        let source = "# first\n@d\ndef f():\n    x = 1\n\nif a: b; c\n";
        let module = Module::parse(source).unwrap();
        let told = |node: &AnyNodeRef<'_>| (node.kind(), node.range());
        let offsets = 0..=u32::try_from(source.len()).unwrap();
        for (start, end) in
            offsets.clone().flat_map(|start| offsets.clone().map(move |end| (start, end)))
        {
            if start > end {
                continue;
            }
            let range = TextRange::new(start.into(), end.into());
            let path: Vec<_> = module.path_to(range).iter().map(told).collect();
            let walk = covering_node(AnyNodeRef::from(module.root()), range);
            let mut walked: Vec<_> = walk.ancestors().map(|node| told(&node)).collect();
            walked.reverse();
            assert_eq!(path, walked, "{range:?}");
        }
    }
}
