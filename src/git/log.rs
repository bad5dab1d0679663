//! Commits of the history whose messages concern tiers.

use super::GitError;
use super::entries::unknown;
use super::repository::Git;

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its name.
    pub id: String,
    /// Its parents; the first is what it was made on.
    pub parents: Vec<String>,
    /// When it was written, as ISO 8601 with an offset.
    pub when: String,
    /// Who wrote it, `NAME <ADDRESS>`.
    pub who: String,
    /// Its whole message.
    pub message: String,
}

impl Git<'_> {
    /// The commits of `range` (`HEAD`, or `A..B`) whose messages hold one of `words`, newest first
    /// and never before one of their descendants.
    ///
    /// # Errors
    /// Git fails.
    pub fn log(&self, range: &str, words: &[&str]) -> Result<Vec<Logged>, GitError> {
        let call = self.reads(["log", "-z", "--topo-order", "--no-show-signature", "--no-notes"]);
        let call = call.with(["--no-color", "--no-patch", "--encoding=UTF-8", "--fixed-strings"]);
        let call = call.with(["--format=tformat:%H%x01%P%x01%aI%x01%an <%ae>%x01%B", range]);
        let call = call.with(words.iter().map(|word| format!("--grep={word}"))).with(["--"]);
        let output = self.run(&call)?;
        let mut commits = Vec::new();
        for record in output.split(|byte| *byte == 0) {
            let record = record.strip_prefix(b"\n").unwrap_or(record);
            if record.is_empty() {
                continue;
            }
            let text = String::from_utf8_lossy(record);
            let fields: Vec<&str> = text.splitn(5, '\u{1}').collect();
            let [id, parents, when, who, message] = fields.as_slice() else {
                return Err(unknown("log", record));
            };
            commits.push(Logged {
                id: (*id).to_owned(),
                parents: parents.split_whitespace().map(str::to_owned).collect(),
                when: (*when).to_owned(),
                who: (*who).to_owned(),
                message: (*message).to_owned(),
            });
        }
        Ok(commits)
    }

    /// The whole message of one commit.
    ///
    /// # Errors
    /// Git fails.
    pub fn message(&self, commit: &str) -> Result<String, GitError> {
        let call = self.reads(["log", "-1", "--no-show-signature", "--no-notes", "--no-color"]);
        let call = call.with(["--no-patch", "--encoding=UTF-8", "--format=%B", commit, "--"]);
        Ok(String::from_utf8_lossy(&self.run(&call)?).into_owned())
    }
}
