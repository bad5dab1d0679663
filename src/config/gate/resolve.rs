//! A gate that is known to be well formed.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use regex::bytes::{Regex, RegexBuilder};
use sha2::{Digest, Sha256};

use super::duration;
use super::expect::{Expectation, ExpectationError};
use super::header::{HeaderError, HeaderValue};
use super::spec::GateSpec;
use super::target::{Target, TargetError};

const COMMAND_TIMEOUT: Duration = Duration::from_mins(10);
const HTTP_TIMEOUT: Duration = Duration::from_secs(30);
const HTTP_RETRY_DELAY: Duration = Duration::from_secs(1);

/// A gate whose parts have all been read and fit together.
#[derive(Debug, Clone)]
pub struct Gate {
    /// What reports call it.
    pub name: String,
    /// What is done.
    pub kind: Kind,
    /// What the figure must be; there is one exactly where the kind takes a figure.
    pub expect: Option<Expectation>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How often it is tried again after a failure.
    pub retries: u32,
    /// How long to wait before it is tried again.
    pub retry_delay: Duration,
    /// How many figures are taken.
    pub samples: NonZeroU32,
    /// Says what is measured, as a hash: a baseline that was recorded under another one is of
    /// another gate. Names, expectations, timeouts and retries do not change it.
    pub fingerprint: String,
}

/// What a gate does.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Runs a command that must succeed.
    Command(Command),
    /// Runs a command that must succeed and print a figure.
    Metric(Command, Regex),
    /// Runs a command that must succeed and counts the instances of a class that it builds.
    Instances(Command, Target),
    /// Asks a URL, which must answer with success and, where one is wanted, a figure.
    Http(Request, Option<HttpFigure>),
}

/// A shell command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What the shell gets.
    pub run: String,
    /// Variables besides the caller's.
    pub env: BTreeMap<String, String>,
    /// The folder to run in, relative to the project's; empty for the project's.
    pub cwd: PathBuf,
    /// A JUnit XML report that it writes, relative to `cwd`.
    pub junit: Option<PathBuf>,
}

/// A question to a server.
#[derive(Debug, Clone)]
pub struct Request {
    /// The address; holds no user name or password.
    pub url: String,
    /// Headers by name.
    pub headers: BTreeMap<String, HeaderValue>,
}

/// Where an answer's figure is.
#[derive(Debug, Clone)]
pub enum HttpFigure {
    /// At a JSON pointer.
    Json(String),
    /// In the first group of the last match.
    Metric(Regex),
}

/// Why a gate is not well formed. [`GateSpecError::key`] names the key at fault.
#[derive(Debug, thiserror::Error)]
pub enum GateSpecError {
    /// The name is empty or has a line break.
    #[error("a gate needs a name of one line")]
    Name,
    /// There is nothing to run or ask.
    #[error("a gate needs `run` or `http`")]
    Nothing,
    /// Two keys exclude each other.
    #[error("`{key}` cannot stand beside `{other}`")]
    Clash {
        /// The key at fault.
        key: &'static str,
        /// What excludes it.
        other: &'static str,
    },
    /// A key means nothing without another.
    #[error("`{key}` needs {needs}")]
    Lacks {
        /// The key at fault.
        key: &'static str,
        /// What must stand beside it.
        needs: &'static str,
    },
    /// A text is empty, or holds what no command, variable or path can.
    #[error("`{key}` is empty or holds a zero byte")]
    Text {
        /// The key at fault.
        key: &'static str,
    },
    /// An environment variable's name is none.
    #[error("`{0}` cannot be the name of a variable")]
    Variable(String),
    /// A duration cannot be read.
    #[error("`{key} = \"{text}\"` is no duration: {why}")]
    Duration {
        /// The key at fault.
        key: &'static str,
        /// What stands there.
        text: String,
        /// What the reader says.
        why: String,
    },
    /// A timeout of nothing.
    #[error("`timeout` must be more than nothing")]
    NoTime,
    /// No sample at all.
    #[error("`samples` must be at least 1")]
    NoSamples,
    /// The pattern cannot be read.
    #[error("`metric` is no regular expression: {0}")]
    Metric(#[from] Box<regex::Error>),
    /// The pattern has no group.
    #[error("`metric` needs a group in parentheses for the figure, as in 'connections=(\\d+)'")]
    NoGroup,
    /// The expectation cannot be read.
    #[error("`{key}`: {why}")]
    Expect {
        /// The key at fault.
        key: &'static str,
        /// What the reader says.
        why: ExpectationError,
    },
    /// The class cannot be read.
    #[error("`instances.of`: {0}")]
    Target(#[from] TargetError),
    /// The pointer is none.
    #[error(
        "`json = \"{0}\"` is no JSON pointer; one begins with `/`, as in \"/websocket/success_rate\""
    )]
    Pointer(String),
    /// The URL cannot be asked.
    #[error("`http = \"{0}\"` is no address that begins with http:// or https:// and names a host")]
    Url(String),
    /// The URL carries a secret, which reports would show.
    #[error("`http` holds a user name or password; give it as a header from the environment")]
    UrlSecret,
    /// A header's name is none.
    #[error("`{0}` cannot be the name of a header")]
    HeaderName(String),
    /// A header's value cannot be sent.
    #[error("header `{name}`: {why}")]
    HeaderValue {
        /// The header.
        name: String,
        /// What is wrong with its value.
        why: HeaderError,
    },
}

impl GateSpecError {
    /// The key of the gate's table that is at fault; `instances.of` and `instances.expect` are
    /// in a table of their own.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Nothing => "run",
            Self::Clash { key, .. }
            | Self::Lacks { key, .. }
            | Self::Text { key }
            | Self::Duration { key, .. }
            | Self::Expect { key, .. } => key,
            Self::Variable(_) => "env",
            Self::NoTime => "timeout",
            Self::NoSamples => "samples",
            Self::Metric(_) | Self::NoGroup => "metric",
            Self::Target(_) => "instances.of",
            Self::Pointer(_) => "json",
            Self::Url(_) | Self::UrlSecret => "http",
            Self::HeaderName(_) | Self::HeaderValue { .. } => "headers",
        }
    }
}

impl Gate {
    /// Checks and completes what was written.
    ///
    /// # Errors
    /// What is written contradicts itself or is not complete.
    pub fn new(spec: &GateSpec) -> Result<Self, GateSpecError> {
        if spec.name.trim().is_empty() || spec.name.chars().any(char::is_control) {
            return Err(GateSpecError::Name);
        }
        let (kind, expect) = match (&spec.run, &spec.http) {
            (Some(_), Some(_)) => return Err(GateSpecError::Clash { key: "http", other: "run" }),
            (None, None) => return Err(GateSpecError::Nothing),
            (Some(run), None) => command_kind(spec, run)?,
            (None, Some(url)) => http_kind(spec, url)?,
        };
        let over_http = spec.http.is_some();
        let timeout = duration_of("timeout", spec.timeout.as_deref())?.unwrap_or(if over_http {
            HTTP_TIMEOUT
        } else {
            COMMAND_TIMEOUT
        });
        if timeout.is_zero() {
            return Err(GateSpecError::NoTime);
        }
        let retry_delay = duration_of("retry-delay", spec.retry_delay.as_deref())?
            .unwrap_or(if over_http { HTTP_RETRY_DELAY } else { Duration::ZERO });
        let samples = NonZeroU32::new(spec.samples.unwrap_or(1)).ok_or(GateSpecError::NoSamples)?;
        if spec.samples.is_some() && expect.is_none() {
            return Err(GateSpecError::Lacks { key: "samples", needs: "a figure to sample" });
        }
        Ok(Self {
            name: spec.name.clone(),
            kind,
            expect,
            timeout,
            retries: spec.retries.unwrap_or(0),
            retry_delay,
            samples,
            fingerprint: fingerprint(spec),
        })
    }

    /// Whether it can only be judged with a recorded figure.
    pub fn wants_baseline(&self) -> bool {
        self.expect.as_ref().is_some_and(Expectation::wants_baseline)
    }
}

fn command_kind(spec: &GateSpec, run: &str) -> Result<(Kind, Option<Expectation>), GateSpecError> {
    for (given, key) in [(spec.json.is_some(), "json"), (!spec.headers.is_empty(), "headers")] {
        if given {
            return Err(GateSpecError::Lacks { key, needs: "`http`" });
        }
    }
    for (name, value) in &spec.env {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(GateSpecError::Variable(name.clone()));
        }
        if value.contains('\0') {
            return Err(GateSpecError::Text { key: "env" });
        }
    }
    let command = Command {
        run: text("run", run)?.to_owned(),
        env: spec.env.clone(),
        cwd: match &spec.cwd {
            Some(cwd) => text("cwd", cwd)?.into(),
            None => PathBuf::new(),
        },
        junit: spec
            .junit
            .as_deref()
            .map(|junit| text("junit", junit).map(PathBuf::from))
            .transpose()?,
    };
    match (&spec.metric, &spec.instances) {
        (Some(_), Some(_)) => Err(GateSpecError::Clash { key: "instances", other: "metric" }),
        (Some(metric), None) => {
            let expect = needed_expectation("metric", spec.expect.as_deref())?;
            Ok((Kind::Metric(command, pattern(metric)?), Some(expect)))
        }
        (None, Some(instances)) => {
            if spec.expect.is_some() {
                return Err(GateSpecError::Clash { key: "expect", other: "instances" });
            }
            let expect = expectation("instances.expect", &instances.expect)?;
            Ok((Kind::Instances(command, instances.of.parse()?), Some(expect)))
        }
        (None, None) if spec.expect.is_some() => {
            Err(GateSpecError::Lacks { key: "expect", needs: "a figure: `metric` or `instances`" })
        }
        (None, None) => Ok((Kind::Command(command), None)),
    }
}

fn http_kind(spec: &GateSpec, url: &str) -> Result<(Kind, Option<Expectation>), GateSpecError> {
    for (given, key) in [
        (!spec.env.is_empty(), "env"),
        (spec.cwd.is_some(), "cwd"),
        (spec.junit.is_some(), "junit"),
        (spec.instances.is_some(), "instances"),
    ] {
        if given {
            return Err(GateSpecError::Lacks { key, needs: "`run`" });
        }
    }
    let mut headers = BTreeMap::new();
    for (name, value) in &spec.headers {
        if name.parse::<ureq::http::HeaderName>().is_err() {
            return Err(GateSpecError::HeaderName(name.clone()));
        }
        let value = HeaderValue::parse(value)
            .map_err(|why| GateSpecError::HeaderValue { name: name.clone(), why })?;
        headers.insert(name.clone(), value);
    }
    let request = Request { url: address(url)?, headers };
    let (figure, key) = match (&spec.json, &spec.metric) {
        (Some(_), Some(_)) => {
            return Err(GateSpecError::Clash { key: "metric", other: "json" });
        }
        (Some(pointer), None) if pointer.starts_with('/') => {
            (HttpFigure::Json(pointer.clone()), "json")
        }
        (Some(pointer), None) => return Err(GateSpecError::Pointer(pointer.clone())),
        (None, Some(metric)) => (HttpFigure::Metric(pattern(metric)?), "metric"),
        (None, None) if spec.expect.is_some() => {
            return Err(GateSpecError::Lacks {
                key: "expect",
                needs: "a figure: `json` or `metric`",
            });
        }
        (None, None) => return Ok((Kind::Http(request, None), None)),
    };
    let expect = needed_expectation(key, spec.expect.as_deref())?;
    Ok((Kind::Http(request, Some(figure)), Some(expect)))
}

fn text<'a>(key: &'static str, text: &'a str) -> Result<&'a str, GateSpecError> {
    if text.trim().is_empty() || text.contains('\0') {
        return Err(GateSpecError::Text { key });
    }
    Ok(text)
}

fn duration_of(key: &'static str, text: Option<&str>) -> Result<Option<Duration>, GateSpecError> {
    text.map(|text| {
        duration::parse(text).map_err(|why| GateSpecError::Duration {
            key,
            text: text.to_owned(),
            why,
        })
    })
    .transpose()
}

fn pattern(metric: &str) -> Result<Regex, GateSpecError> {
    let regex = RegexBuilder::new(metric).multi_line(true).crlf(true).build().map_err(Box::new)?;
    if regex.captures_len() < 2 {
        return Err(GateSpecError::NoGroup);
    }
    Ok(regex)
}

fn expectation(key: &'static str, text: &str) -> Result<Expectation, GateSpecError> {
    text.parse().map_err(|why| GateSpecError::Expect { key, why })
}

fn needed_expectation(key: &'static str, text: Option<&str>) -> Result<Expectation, GateSpecError> {
    let text = text.ok_or(GateSpecError::Lacks { key, needs: "`expect`, to say what is right" })?;
    expectation("expect", text)
}

fn address(url: &str) -> Result<String, GateSpecError> {
    let refused = || GateSpecError::Url(url.to_owned());
    let uri: ureq::http::Uri = url.parse().map_err(|_| refused())?;
    let authority = uri.authority().ok_or_else(refused)?;
    if authority.as_str().contains('@') {
        return Err(GateSpecError::UrlSecret);
    }
    match uri.scheme_str() {
        Some("http" | "https") if !authority.host().is_empty() => Ok(url.to_owned()),
        _ => Err(refused()),
    }
}

/// Names every key, so that a new one must be sorted into what is measured and what is not.
fn fingerprint(spec: &GateSpec) -> String {
    let GateSpec {
        name: _,
        timeout: _,
        expect: _,
        retries: _,
        retry_delay: _,
        samples: _,
        headers: _,
        run,
        http,
        env,
        cwd,
        metric,
        json,
        junit,
        instances,
    } = spec;
    let of = instances.as_ref().map(|instances| &instances.of);
    let measured = format!("{:?}", (run, http, env, cwd, metric, json, junit, of));
    let digest: [u8; 32] = Sha256::digest(measured).into();
    let start = digest.first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(start))
}
