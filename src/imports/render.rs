//! Import statements as lines of text (rules 9 and 20): one line where that fits, wrapped as the
//! project wraps where it does not.
//!
//! Writes new text only; what becomes of old text is decided by the callers.

use unicode_width::UnicodeWidthChar;

use crate::config::python_style::{ImportStyle, Wrap};

use super::names::spelled;
use super::order::Sortable;
use super::pragma;

/// A statement to be written, its names in order.
#[derive(Debug, Clone)]
pub(super) struct Statement<'a> {
    /// Up to the first name: `from m import `.
    pub(super) prefix: String,
    /// The names, each with the comment that its line must have.
    pub(super) names: Vec<(String, Option<String>)>,
    /// The comment of the statement.
    pub(super) comment: Option<&'a str>,
}

impl<'a> Statement<'a> {
    /// The statement that `import` stands for.
    pub(super) fn new(import: &Sortable, comment: Option<&'a str>) -> Self {
        let prefix = match &import.from {
            Some(module) => format!("from {module} import "),
            None => "import ".to_owned(),
        };
        let names = import.members.iter().map(|member| (spelled(member), None)).collect();
        Self { prefix, names, comment }
    }

    /// The statement on one line, without indentation.
    pub(super) fn one_line(&self) -> String {
        let names: Vec<&str> = self.names.iter().map(|(name, _)| name.as_str()).collect();
        let comment = self.comment.map(|comment| format!("  {comment}")).unwrap_or_default();
        format!("{}{}{comment}", self.prefix, names.join(", "))
    }

    /// The lines of the statement at `indent`, deeper lines by `unit`.
    ///
    /// The first line carries no indentation, so that it can follow one that is there.
    pub(super) fn lines(&self, style: &ImportStyle, indent: &str, unit: &str) -> Vec<String> {
        let line = self.one_line();
        let fits = code_width(&format!("{indent}{line}"), style) <= style.line_length;
        let has_comments = self.names.iter().any(|(_, comment)| comment.is_some());
        if (fits && !has_comments) || self.prefix == "import " {
            vec![line]
        } else {
            self.wrapped(style, indent, unit)
        }
    }

    /// The statement on several lines.
    pub(super) fn wrapped(&self, style: &ImportStyle, indent: &str, unit: &str) -> Vec<String> {
        let has_comments = self.names.iter().any(|(_, comment)| comment.is_some());
        let wrap = if has_comments || self.comment.is_some() {
            // The other forms have no place for a comment.
            Wrap::VerticalHangingIndent
        } else {
            style.wrap
        };
        let names: Vec<&str> = self.names.iter().map(|(name, _)| name.as_str()).collect();
        let comma = if style.trailing_comma { "," } else { "" };
        let prefix = self.prefix.as_str();
        let inner = format!("{indent}{unit}");
        let aligned = format!("{indent}{}", " ".repeat(width(prefix, style.tab_size) + 1));
        match wrap {
            Wrap::VerticalHangingIndent => {
                let head = self.comment.map(|comment| format!("  {comment}")).unwrap_or_default();
                let mut lines = vec![format!("{prefix}({head}")];
                let last = self.names.len().saturating_sub(1);
                for (i, (name, comment)) in self.names.iter().enumerate() {
                    let comma = if i < last || style.trailing_comma { "," } else { "" };
                    let comment =
                        comment.as_ref().map(|comment| format!("  {comment}")).unwrap_or_default();
                    lines.push(format!("{inner}{name}{comma}{comment}"));
                }
                lines.push(format!("{indent})"));
                lines
            }
            Wrap::Vertical => {
                let mut lines: Vec<String> =
                    names.iter().map(|name| format!("{aligned}{name},")).collect();
                close(&mut lines, &format!("{comma})"));
                open(&mut lines, &format!("{prefix}("), &aligned);
                lines
            }
            Wrap::Grid => {
                let mut lines = filled(&names, &aligned, style, ",");
                close(&mut lines, &format!("{comma})"));
                open(&mut lines, &format!("{prefix}("), &aligned);
                lines
            }
            Wrap::VerticalGrid => {
                let mut lines = filled(&names, &inner, style, ",");
                close(&mut lines, &format!("{comma})"));
                lines.insert(0, format!("{prefix}("));
                lines
            }
            Wrap::VerticalGridGrouped => {
                let mut lines = filled(&names, &inner, style, ",");
                close(&mut lines, comma);
                lines.insert(0, format!("{prefix}("));
                lines.push(format!("{indent})"));
                lines
            }
            Wrap::HangingIndent => {
                let mut lines = filled(&names, &inner, style, ", \\");
                close(&mut lines, "");
                lines.insert(0, format!("{prefix}\\"));
                lines
            }
        }
    }
}

/// `names` in as few lines as fit, each at `indent`; `end` closes every line but the last, which
/// ends in a plain comma.
fn filled(names: &[&str], indent: &str, style: &ImportStyle, end: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line)
                if width(&format!("{line} {name}{end}"), style.tab_size) <= style.line_length =>
            {
                line.push(' ');
                line.push_str(name);
                line.push(',');
            }
            _ => lines.push(format!("{indent}{name},")),
        }
    }
    let last = lines.len().saturating_sub(1);
    for line in lines.iter_mut().take(last) {
        line.pop();
        line.push_str(end);
    }
    lines
}

/// Puts `end` in the place of the last line's comma.
fn close(lines: &mut [String], end: &str) {
    if let Some(line) = lines.last_mut() {
        line.pop();
        line.push_str(end);
    }
}

/// Puts `start` in the place of the first line's indentation.
fn open(lines: &mut [String], start: &str, indent: &str) {
    if let Some(line) = lines.first_mut()
        && let Some(rest) = line.strip_prefix(indent)
    {
        *line = format!("{start}{rest}");
    }
}

/// The columns of a line of an import that count against the line length: a comment that only
/// tools read does not, as ruff has it.
pub(super) fn code_width(line: &str, style: &ImportStyle) -> usize {
    let code = match line.find('#').and_then(|at| line.split_at_checked(at)) {
        Some((code, comment)) if pragma::is_pragma(comment) => code.trim_end(),
        _ => line,
    };
    width(code, style.tab_size)
}

/// The columns of `line`, tabs going to the next stop.
fn width(line: &str, tab_size: usize) -> usize {
    let tab_size = tab_size.max(1);
    line.chars().fold(0, |column: usize, c| match c {
        '\t' => column.saturating_add(tab_size - column % tab_size),
        c => column.saturating_add(c.width().unwrap_or(0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::request::ModuleRef;

    fn lines(wrap: Wrap, trailing_comma: bool) -> String {
        let style = ImportStyle { wrap, trailing_comma, line_length: 28, ..ImportStyle::default() };
        let import = Sortable {
            from: Some(ModuleRef::absolute("m")),
            members: ["alpha", "beta", "gamma", "delta"]
                .map(|name| (name.to_owned(), None))
                .to_vec(),
        };
        Statement::new(&import, None).lines(&style, "", "    ").join("\n")
    }

    #[test]
    fn every_wrapping_mode_is_isorts() {
        for (wrap, comma, expected) in [
            (Wrap::Grid, false, "from m import (alpha, beta,\n               gamma, delta)"),
            (
                Wrap::Vertical,
                false,
                "from m import (alpha,\n               beta,\n               gamma,\n               delta)",
            ),
            (Wrap::HangingIndent, false, "from m import \\\n    alpha, beta, gamma, \\\n    delta"),
            (
                Wrap::VerticalHangingIndent,
                true,
                "from m import (\n    alpha,\n    beta,\n    gamma,\n    delta,\n)",
            ),
            (Wrap::VerticalGrid, true, "from m import (\n    alpha, beta, gamma,\n    delta,)"),
            (
                Wrap::VerticalGridGrouped,
                false,
                "from m import (\n    alpha, beta, gamma,\n    delta\n)",
            ),
        ] {
            assert_eq!(lines(wrap, comma), expected, "{wrap:?}");
        }
    }

    #[test]
    fn width_counts_columns() {
        assert_eq!(width("\tab", 4), 6);
        assert_eq!(width("a\tb", 4), 5);
        assert_eq!(width("日本", 4), 4);
        let style = ImportStyle::default();
        assert_eq!(code_width("import a  # noqa: F401", &style), 8);
        assert_eq!(code_width("import a  # why", &style), 15);
    }
}
