//! Gates that ask a URL: figures, failures of every kind, and secrets that stay secret.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use tiermod::gate::{GateResult, Sink, Status};
use tiermod::process::Cancel;

use crate::gate::{Project, gate, message};

const TOKEN: &str = "s3cret-t0ken";

/// Answers its connections in turn with `answers`, each as raw bytes; an empty one never comes.
/// Gives what it was asked.
fn serve(answers: Vec<Vec<u8>>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, questions) = mpsc::channel();
    thread::spawn(move || {
        let mut open = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            // Not every test wants to know.
            let _unheard = asked.send(question(&stream));
            if answer.is_empty() {
                open.push(stream);
            } else {
                // The asker may have seen enough.
                let _enough = stream.write_all(&answer);
            }
        }
        // Connections without an answer stay open until the test ends.
        thread::sleep(Duration::from_mins(2));
        drop(open);
    });
    (url, questions)
}

fn question(stream: &TcpStream) -> String {
    let mut lines = String::new();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        lines.push_str(&line);
        lines.push('\n');
    }
    lines
}

fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

fn ok(body: &str) -> Vec<u8> {
    response("200 OK", "", body)
}

fn project() -> Project {
    let mut project = Project::new();
    project.env = vec![("TOKEN".into(), TOKEN.into()), ("EMPTY".into(), "".into())];
    project
}

fn ask(answers: Vec<Vec<u8>>, body: &str) -> GateResult {
    let (url, _) = serve(answers);
    project().run(&format!("http = '{url}/health'\n{body}"))
}

const RATE: &str = "json = '/websocket/success_rate'\nexpect = '>= 95'";

#[test]
fn a_server_that_answers_passes() {
    let result = ask(vec![ok("all is well")], "");
    assert_eq!((result.status, result.output.as_str()), (Status::Passed, "all is well"));
}

#[test]
fn a_figure_is_read_from_the_answer() {
    let result = ask(vec![ok(r#"{"websocket": {"success_rate": 96.5}}"#)], RATE);
    assert_eq!((result.status, result.figure), (Status::Passed, Some(96.5)));
    let result = ask(vec![ok(r#"{"websocket": {"success_rate": 12}}"#)], RATE);
    assert_eq!((result.status, message(&result)), (Status::Failed, "12 is not >= 95"));
    assert!(result.output.contains("success_rate"));
    let result = ask(vec![ok("<html>")], RATE);
    assert!(message(&result).starts_with("the answer is no JSON"));
    let metric = "metric = '^connections (\\d+)$'\nexpect = '<= 20'";
    let result = ask(vec![ok("# HELP\nconnections 13\r\nother 1\n")], metric);
    assert_eq!((result.status, result.figure), (Status::Passed, Some(13.0)));
}

#[test]
fn a_server_in_trouble_fails() {
    let result = ask(vec![response("503 Service Unavailable", "", "overloaded")], RATE);
    assert_eq!(
        (result.status, message(&result)),
        (Status::Failed, "the answer has the status 503")
    );
    assert_eq!(result.output, "overloaded");
    for garbage in [b"\x00\xff garbage\r\n\r\n".to_vec(), b"HTTP/1.1 200".to_vec(), b"\n".to_vec()]
    {
        assert_eq!(ask(vec![garbage], "").status, Status::Failed);
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let result = project().run(&format!("http = 'http://{closed}/'"));
    assert_eq!(result.status, Status::Failed);
    assert!(message(&result).contains("cannot be asked"));
}

#[test]
fn a_server_that_does_not_answer_times_out() {
    let result = ask(vec![vec![]], "timeout = '1s'");
    assert_eq!((result.status, message(&result)), (Status::TimedOut, "no answer within 1s"));
    let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc".to_vec();
    assert_ne!(ask(vec![begun], "timeout = '1s'").status, Status::Passed);
}

#[test]
fn a_server_that_recovers_is_asked_again() {
    let down = response("500 Oops", "", "");
    let result =
        ask(vec![down.clone(), down.clone(), ok("up")], "retries = 2\nretry-delay = '10ms'");
    assert_eq!((result.status, result.attempts), (Status::Passed, 3));
    let result = ask(vec![down.clone(), down], "retries = 1\nretry-delay = '0s'");
    assert_eq!((result.status, result.attempts), (Status::Failed, 2));
}

#[test]
fn an_answer_without_end_is_not_kept() {
    let mut endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    endless.extend(std::iter::repeat_n(b'x', 20_000_000));
    let result = ask(vec![endless], "");
    assert_eq!(result.status, Status::Failed);
}

#[test]
fn headers_come_from_the_environment_and_are_never_shown() {
    let echo = format!(r#"{{"you": "sent Bearer {TOKEN}", "token": "{TOKEN}", "n": 3}}"#);
    let (url, questions) = serve(vec![ok(&echo), response(&format!("500 {TOKEN}"), "", &echo)]);
    let body = format!(
        "http = '{url}/health?x=1'\njson = '/n'\nexpect = '== 4'\n\
         headers = {{ Authorization = 'Bearer $TOKEN', X-Plain = 'a$$b', X-Empty = '${{EMPTY}}' }}"
    );
    let result = project().run(&body);
    let asked = questions.recv().unwrap().to_ascii_lowercase();
    assert!(asked.starts_with("get /health?x=1 "), "{asked}");
    assert!(asked.contains(&format!("authorization: bearer {TOKEN}\n")), "{asked}");
    assert!(asked.contains("x-plain: a$b\n"), "{asked}");
    assert!(asked.contains("user-agent: tiermod/"), "{asked}");
    assert_eq!((result.status, message(&result)), (Status::Failed, "3 is not == 4"));
    assert!(result.output.contains("sent ***"), "{}", result.output);

    let second = project().run(&body);
    for shown in [
        format!("{result:?} {result} {}", serde_json::to_string(&result).unwrap()),
        format!("{second:?} {second} {:?}", gate(&body)),
    ] {
        assert!(!shown.contains(TOKEN), "{shown}");
    }
}

#[test]
fn a_header_whose_variable_is_missing_is_said_by_name() {
    let result = project()
        .run("http = 'http://127.0.0.1:9/'\nretries = 3\nheaders = { A = '$NOT_SET_ANYWHERE' }");
    assert_eq!((result.status, result.attempts), (Status::CouldNotRun, 1));
    assert_eq!(
        message(&result),
        "header `A` needs the variable `NOT_SET_ANYWHERE`, which is not set"
    );
    let mut project = project();
    project.env = vec![("BROKEN".into(), "a\nb".into())];
    let result = project.run("http = 'http://127.0.0.1:9/'\nheaders = { A = '$BROKEN' }");
    assert_eq!(message(&result), "header `A` comes to something that no header can hold");
}

#[test]
fn a_secret_does_not_follow_a_redirect() {
    let (elsewhere, questions) = serve(vec![ok("moved")]);
    let moved = |url: &str| response("302 Found", &format!("Location: {url}/\r\n"), "");
    let (url, _) = serve(vec![moved(&elsewhere), moved(&elsewhere)]);
    let result = project().run(&format!("http = '{url}/'\nheaders = {{ X-Key = '$TOKEN' }}"));
    assert_eq!(result.status, Status::Failed);
    assert!(message(&result).contains("redirect (302)"));
    assert!(questions.try_recv().is_err());
    let result = project().run(&format!("http = '{url}/'"));
    assert_eq!((result.status, result.output.as_str()), (Status::Passed, "moved"));
}

#[test]
fn a_wish_to_stop_ends_a_question() {
    struct Stopper(Cancel);
    impl Sink for Stopper {
        fn progress(&mut self, _progress: &tiermod::gate::Progress<'_>) {
            self.0.cancel();
        }
    }
    let (url, _) = serve(vec![vec![]]);
    let project = project();
    let gate = gate(&format!("http = '{url}/'\ntimeout = '1h'\nretries = 3"));
    let result = project.run_with(&gate, None, &mut Stopper(project.cancel.clone()));
    assert_eq!((result.status, result.attempts), (Status::Cancelled, 1));
}
