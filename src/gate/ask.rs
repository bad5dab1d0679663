//! Gates that ask a URL.
//!
//! What the headers hold goes to the server named in `codemod.toml` and nowhere else: with
//! headers no redirect is followed, and their values are taken out of everything that is kept.

use std::ffi::{OsStr, OsString};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::tls::{RootCerts, TlsConfig};

use super::execute::Turn;
use super::figure::{LastMatch, number};
use super::judge::Measured;
use super::result::Status;
use super::run::Setting;
use super::sink::{Progress, spoken};
use crate::config::gate::{Gate, HeaderValue, HttpFigure, Request};
use crate::process::Tail;

/// The longest answer that is read.
const LONGEST_ANSWER: u64 = 8 * 1024 * 1024;
/// How much of the answer a result shows.
const SHOWN_LINES: usize = 20;
/// How often the wish to stop is looked for.
const TICK: Duration = Duration::from_millis(50);
/// What an answer may be late beyond its limit before it is given up: a name server can hold
/// the system's resolver.
const LATE: Duration = Duration::from_secs(5);

/// An answer: its status and its body.
type Answer = Result<(u16, Vec<u8>), ureq::Error>;

/// Asks `request` once.
pub(super) fn ask(
    gate: &Gate,
    request: &Request,
    figure: Option<&HttpFigure>,
    turn: Turn,
    setting: &mut Setting<'_>,
) -> Measured {
    let headers = match headers(request, setting.env) {
        Ok(headers) => headers,
        Err(why) => return Measured::could_not_run(why),
    };
    let secrets = secrets(request, &headers, setting.env);
    let answer = match wait_for_answer(gate, request, headers, turn, setting) {
        Waited::Answer(answer) => answer,
        Waited::Late => Err(ureq::Error::Timeout(ureq::Timeout::Global)),
        Waited::Cancelled => {
            return Measured {
                status: Status::Cancelled,
                message: Some("ended on request".to_owned()),
                ..Measured::default()
            };
        }
    };
    let mut measured = judge_answer(gate, request, figure, answer);
    measured.output = redacted(&measured.output, &secrets);
    measured.message = measured.message.map(|message| redacted(&message, &secrets));
    measured
}

fn judge_answer(
    gate: &Gate,
    request: &Request,
    figure: Option<&HttpFigure>,
    answer: Answer,
) -> Measured {
    let mut measured = Measured::default();
    let (code, body) = match answer {
        Ok(answer) => answer,
        Err(ureq::Error::Timeout(_)) => {
            measured.status = Status::TimedOut;
            measured.message = Some(format!("no answer within {}", spoken(gate.timeout)));
            return measured;
        }
        Err(error) => {
            measured.fail(format!("{} cannot be asked: {error}", request.url));
            return measured;
        }
    };
    let mut tail = Tail::default();
    tail.push(&body);
    measured.output = tail.text(SHOWN_LINES);
    if (300..400).contains(&code) && !request.headers.is_empty() {
        measured.fail(format!(
            "the answer is a redirect ({code}), which is not followed with headers; name its \
             destination in `http`"
        ));
        return measured;
    }
    if !(200..300).contains(&code) {
        measured.fail(format!("the answer has the status {code}"));
        return measured;
    }
    let found = match figure {
        None => return measured,
        Some(HttpFigure::Json(pointer)) => json_figure(&body, pointer),
        Some(HttpFigure::Metric(regex)) => {
            let mut last = LastMatch::new(regex);
            last.push(&body);
            last.figure().map_err(|error| error.to_string())
        }
    };
    match found {
        Ok(figure) => measured.figure = Some(figure),
        Err(why) => measured.fail(why),
    }
    measured
}

/// The number at `pointer`. A text that is a number counts as one, and true and false as 1 and
/// 0, since health pages write figures in all these ways.
fn json_figure(body: &[u8], pointer: &str) -> Result<f64, String> {
    use serde_json::Value;
    let value: Value =
        serde_json::from_slice(body).map_err(|error| format!("the answer is no JSON: {error}"))?;
    let at = value.pointer(pointer).ok_or_else(|| format!("the answer has no `{pointer}`"))?;
    match at {
        Value::Number(figure) => figure.as_f64().filter(|figure| figure.is_finite()),
        Value::String(text) => number(text.as_bytes()).ok(),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
    .ok_or_else(|| format!("`{pointer}` of the answer is no number"))
}

fn lookup(env: &[(OsString, OsString)], name: &str) -> Option<String> {
    env.iter()
        .rfind(|(known, _)| known == OsStr::new(name))
        .map(|(_, value)| value.clone())
        .or_else(|| std::env::var_os(name))
        .and_then(|value| value.into_string().ok())
}

fn headers(
    request: &Request,
    env: &[(OsString, OsString)],
) -> Result<Vec<(String, String)>, String> {
    let expand = |(name, value): (&String, &HeaderValue)| {
        let value = value.expand(|variable| lookup(env, variable)).map_err(|variable| {
            format!("header `{name}` needs the variable `{variable}`, which is not set")
        })?;
        if ureq::http::HeaderValue::from_str(&value).is_err() {
            return Err(format!("header `{name}` comes to something that no header can hold"));
        }
        Ok((name.clone(), value))
    };
    request.headers.iter().map(expand).collect()
}

/// Every value that must not be seen, the longest first, so that none is left in half.
fn secrets(
    request: &Request,
    headers: &[(String, String)],
    env: &[(OsString, OsString)],
) -> Vec<String> {
    let from_variables = request
        .headers
        .values()
        .flat_map(HeaderValue::variables)
        .filter_map(|variable| lookup(env, variable));
    let with_variables = request
        .headers
        .iter()
        .filter(|(_, value)| value.variables().next().is_some())
        .filter_map(|(name, _)| headers.iter().find(|(sent, _)| sent == name))
        .map(|(_, value)| value.clone());
    let mut secrets: Vec<String> =
        from_variables.chain(with_variables).filter(|secret| !secret.is_empty()).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

fn redacted(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
}

enum Waited {
    Answer(Answer),
    Late,
    Cancelled,
}

/// Asks in a thread of its own, which is left behind where nobody waits for it any more.
fn wait_for_answer(
    gate: &Gate,
    request: &Request,
    headers: Vec<(String, String)>,
    turn: Turn,
    setting: &mut Setting<'_>,
) -> Waited {
    let (sender, receiver) = mpsc::channel();
    let url = request.url.clone();
    let timeout = gate.timeout;
    let asking = thread::Builder::new().name("gate".to_owned()).spawn(move || {
        // Nobody receives where the gate was given up.
        let _given_up = sender.send(send(&url, &headers, timeout));
    });
    if let Err(error) = asking {
        return Waited::Answer(Err(error.into()));
    }
    let begun = Instant::now();
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(answer) => return Waited::Answer(answer),
            Err(RecvTimeoutError::Disconnected) => return Waited::Late,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if setting.cancel.is_cancelled() {
            return Waited::Cancelled;
        }
        if begun.elapsed() > timeout + LATE {
            return Waited::Late;
        }
        setting.sink.progress(&Progress {
            gate: &gate.name,
            elapsed: begun.elapsed(),
            timeout,
            attempt: turn.attempt,
            sample: turn.sample,
            last_line: "",
        });
    }
}

fn send(url: &str, headers: &[(String, String)], timeout: Duration) -> Answer {
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_redirects(if headers.is_empty() { 5 } else { 0 })
        .max_redirects_will_error(false)
        .user_agent(concat!("tiermod/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls)
        .build()
        .new_agent();
    let mut question = agent.get(url);
    for (name, value) in headers {
        question = question.header(name, value);
    }
    let mut response = question.call()?;
    let code = response.status().as_u16();
    let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec()?;
    Ok((code, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_read_from_json() {
        let body = br#"{"websocket": {"success_rate": 97.5, "text": "12", "up": true,
            "list": [1, 2], "none": null, "word": "many"}}"#;
        for (pointer, figure) in [
            ("/websocket/success_rate", 97.5),
            ("/websocket/text", 12.0),
            ("/websocket/up", 1.0),
            ("/websocket/list/1", 2.0),
        ] {
            assert_eq!(json_figure(body, pointer), Ok(figure), "{pointer}");
        }
        for (pointer, says) in [
            ("/websocket", "no number"),
            ("/websocket/none", "no number"),
            ("/websocket/word", "no number"),
            ("/websocket/list/2", "has no"),
            ("/rate", "has no"),
        ] {
            assert!(json_figure(body, pointer).unwrap_err().contains(says), "{pointer}");
        }
        assert!(json_figure(b"<html>", "/a").unwrap_err().contains("no JSON"));
    }

    #[test]
    fn the_longest_secret_goes_first() {
        let secrets = vec!["Bearer abc".to_owned(), "abc".to_owned()];
        assert_eq!(redacted("sent Bearer abc, got abcd", &secrets), "sent ***, got ***d");
    }
}
