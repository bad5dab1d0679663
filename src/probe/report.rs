//! What a probe saw, as data and as a table.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The format that this program writes, and the only one that it reads.
const VERSION: u32 = 1;

/// What was seen of one run of a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// The version of this format.
    pub version: u32,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// How it ended.
    pub exit: Exit,
    /// How long it ran.
    pub seconds: f64,
    /// How many Python processes were observed; forks that built nothing are not among them.
    pub processes: u64,
    /// What was built, for each target class.
    pub classes: Vec<ClassReport>,
    /// The memory that it took.
    pub memory: MemoryReport,
    /// What a Redis server saw, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redis: Option<RedisReport>,
    /// What could not be observed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl Exit {
    /// The exit code that a shell gives for it.
    pub fn code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal,
        }
    }
}

/// The instances of one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassReport {
    /// The class, as `package.module:Class`.
    pub class: String,
    /// How many were built, over all processes.
    pub instances: u64,
    /// From how many lines.
    pub places: u64,
    /// In how many processes.
    pub processes: u64,
    /// The most that one process built.
    pub most_in_one_process: u64,
    /// The lines, the one that built most first.
    pub by_place: Vec<Place>,
}

/// A line that built instances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, relative to the project's folder where it is in it.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The class that was built, where it derives from the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// How many it built.
    pub instances: u64,
    /// In how many processes.
    pub processes: u64,
}

/// Peak resident memory, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryReport {
    /// The most that one process held. Processes that live shorter than a tenth of a second
    /// count only where they end by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_process: Option<u64>,
    /// The most that all held at one moment, seen ten times a second; shared pages count in each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_together: Option<u64>,
}

/// What a Redis server saw of its clients, besides the one that asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedisReport {
    /// Its address, without a password.
    pub server: String,
    /// The most clients that were connected at one moment, seen twenty times a second.
    pub peak_clients: u64,
    /// How many connections it took between the first and the last question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<u64>,
    /// How many it refused in that time, as its limit was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<u64>,
    /// How many it takes at one moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// How often it was asked.
    pub samples: u64,
    /// Why it could never be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Why a saved report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ProbeReportError {
    /// It is not one.
    #[error("this is no report of `tiermod probe`: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another version of the program wrote it.
    #[error("its format is {0}, and this tiermod reads {VERSION}; probe again to renew it")]
    Version(u32),
}

impl ProbeReport {
    /// The version that new reports have.
    pub const VERSION: u32 = VERSION;

    /// The report that is written in `json`.
    ///
    /// # Errors
    /// It is not such a report, or one of another version.
    pub fn from_json(json: &str) -> Result<Self, ProbeReportError> {
        #[derive(Deserialize)]
        struct VersionOnly {
            version: u32,
        }
        let VersionOnly { version } = serde_json::from_str(json)?;
        if version != VERSION {
            return Err(ProbeReportError::Version(version));
        }
        Ok(serde_json::from_str(json)?)
    }

    /// As JSON that [`ProbeReport::from_json`] reads.
    ///
    /// # Errors
    /// The numbers and texts of a report are always JSON; passed on from `serde_json`.
    pub fn to_json(&self) -> Result<String, ProbeReportError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// A table for people.
impl fmt::Display for ProbeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for class in &self.classes {
            writeln!(f, "{class}")?;
        }
        let processes = counted(self.processes, "process", "processes");
        write!(f, "{processes} observed in {:.1} s", self.seconds)?;
        match self.exit {
            Exit::Code(0) => writeln!(f)?,
            Exit::Code(code) => writeln!(f, "; the command's exit code is {code}")?,
            Exit::Signal(signal) => writeln!(f, "; the command was ended by signal {signal}")?,
        }
        if let Some(peak) = self.memory.peak_process {
            write!(f, "peak memory  {} in one process", mebibytes(peak))?;
            if let Some(together) = self.memory.peak_together {
                write!(f, ", {} in all together", mebibytes(together))?;
            }
            writeln!(f)?;
        }
        if let Some(redis) = &self.redis {
            writeln!(f, "{redis}")?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ClassReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} from {}",
            self.class,
            counted(self.instances, "instance", "instances"),
            counted(self.places, "place", "places"),
        )?;
        if self.processes > 1 {
            writeln!(
                f,
                "  in {} processes, {} at most in one",
                self.processes, self.most_in_one_process
            )?;
        }
        let width = self.instances.to_string().len();
        for place in &self.by_place {
            write!(f, "  {:>width$}  {}", place.instances, place.path)?;
            if place.line > 0 {
                write!(f, ":{}", place.line)?;
            }
            if let Some(class) = &place.class {
                write!(f, "  as {class}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for RedisReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = &self.error {
            return write!(f, "redis        {} could not be asked: {error}", self.server);
        }
        write!(f, "redis        {} at most", counted(self.peak_clients, "client", "clients"))?;
        if let Some(limit) = self.limit {
            write!(f, " of {limit}")?;
        }
        if let Some(connections) = self.connections {
            write!(f, ", {} made", counted(connections, "connection", "connections"))?;
        }
        if let Some(refused) = self.refused {
            write!(f, ", {refused} refused")?;
        }
        Ok(())
    }
}

/// `1 instance`, `12 instances`.
fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Bytes as people read memory: `123.4 MiB`.
pub(super) fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}
