//! Gates on a schedule, with a clock that does not wait.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tiermod::config::gate::{Gate, GateSpec};
use tiermod::gate::{GateResult, Progress, Setting, Sink, Status, run};
use tiermod::process::Cancel;
use tiermod::watch::{
    Alert, Clock, Colours, End, Lines, Live, Outcome, Plan, Reading, Screen, View, World,
    alert_command, watch,
};

/// Time passes where somebody sleeps, or where a test says so.
#[derive(Default)]
struct FakeClock(Cell<Duration>);

impl FakeClock {
    fn pass(&self, seconds: u64) {
        self.0.set(self.0.get() + Duration::from_secs(seconds));
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.0.get()).unwrap();
        Timestamp::UNIX_EPOCH.checked_add(passed).unwrap()
    }

    fn elapsed(&self) -> Duration {
        self.0.get()
    }

    fn sleep(&self, time: Duration, cancel: &Cancel) -> bool {
        self.0.set(self.0.get() + time);
        !cancel.is_cancelled()
    }
}

fn gate(name: &str, body: &str) -> Gate {
    let spec: GateSpec = toml::from_str(&format!("name = '{name}'\n{body}")).unwrap();
    Gate::new(&spec).unwrap()
}

fn plan(names: &[&str]) -> Plan {
    Plan {
        tier: "websocket".to_owned(),
        gates: names.iter().map(|name| gate(name, "run = 'true'")).collect(),
        every: Duration::from_secs(30),
        length: Duration::from_mins(2),
        alert_after: 3.try_into().unwrap(),
    }
}

fn result(gate: &Gate, status: Status, figure: Option<f64>) -> GateResult {
    GateResult {
        name: gate.name.clone(),
        status,
        known_failing: false,
        figure,
        samples: vec![],
        baseline: figure.map(|_| 10.0),
        expectation: figure.map(|_| "<= baseline".to_owned()),
        message: (status != Status::Passed).then(|| "why".to_owned()),
        newly_failing: vec![],
        failing_tests: None,
        output: String::new(),
        attempts: 1,
        seconds: 1.5,
    }
}

fn passed(gate: &Gate) -> GateResult {
    result(gate, Status::Passed, None)
}

/// Remembers what was shown.
#[derive(Default)]
struct Memory {
    said: Vec<String>,
    last: Option<View>,
}

impl Screen for Memory {
    fn refresh(&mut self, view: &View) {
        self.last = Some(view.clone());
    }

    fn say(&mut self, line: &str) {
        self.said.push(line.to_owned());
    }
}

type Gives<'a> = &'a mut dyn FnMut(&Gate, &mut dyn Sink) -> GateResult;

/// Watches with what a test does not care about left out.
fn plainly(plan: &Plan, clock: &FakeClock, run: Gives<'_>) -> (Outcome, Memory) {
    let mut memory = Memory::default();
    let outcome = watch(
        plan,
        &mut World {
            clock,
            cancel: &Cancel::new(),
            run,
            screen: &mut memory,
            readings: None,
            prometheus: None,
            alert: None,
            rollback: None,
        },
    );
    (outcome, memory)
}

#[test]
fn rounds_come_on_schedule_until_the_time_is_over() {
    let clock = FakeClock::default();
    let mut times = Vec::new();
    let (outcome, memory) = plainly(&plan(&["a", "b"]), &clock, &mut |gate, _| {
        times.push((gate.name.clone(), clock.elapsed().as_secs()));
        clock.pass(2);
        passed(gate)
    });
    let starts: Vec<_> = times.iter().filter(|(name, _)| name == "a").map(|(_, at)| *at).collect();
    assert_eq!(starts, [0, 30, 60, 90, 120]);
    assert_eq!(times.len(), 10);
    assert_eq!((outcome.end, outcome.rounds), (End::Over, 5));
    assert_eq!(memory.last.unwrap().left, Duration::ZERO);
}

#[test]
fn slow_rounds_do_not_pile_up() {
    let clock = FakeClock::default();
    let mut starts = Vec::new();
    plainly(&plan(&["a"]), &clock, &mut |gate, _| {
        starts.push(clock.elapsed().as_secs());
        clock.pass(if starts.len() == 1 { 70 } else { 1 });
        passed(gate)
    });
    assert_eq!(starts, [0, 90, 120]);
}

#[test]
fn the_first_round_always_comes() {
    let mut short = plan(&["a"]);
    short.length = Duration::ZERO;
    let (outcome, _) = plainly(&short, &FakeClock::default(), &mut |gate, _| passed(gate));
    assert_eq!((outcome.end, outcome.rounds), (End::Over, 1));
}

#[test]
fn failures_in_a_row_make_an_alert() {
    let script = RefCell::new("fppffpfffp".chars());
    let mut long = plan(&["steady", "shaky"]);
    long.length = Duration::from_hours(1);
    let (outcome, memory) = plainly(&long, &FakeClock::default(), &mut |gate, _| {
        if gate.name == "shaky" && script.borrow_mut().next() == Some('f') {
            result(gate, Status::TimedOut, None)
        } else {
            passed(gate)
        }
    });
    assert_eq!((outcome.end.clone(), outcome.rounds), (End::Alert, 9));
    assert!(!outcome.is_quiet());
    assert_eq!(outcome.alerts.len(), 1);
    assert_eq!(
        (outcome.alerts[0].result.name.as_str(), outcome.alerts[0].failures_in_a_row),
        ("shaky", 3)
    );
    assert_eq!(memory.said, ["alert: 3 failures in a row: shaky: timed out: why (1.5 s)"]);
}

#[test]
fn a_gate_that_cannot_run_fails_and_one_known_to_fail_does_not() {
    let (outcome, _) = plainly(&plan(&["a"]), &FakeClock::default(), &mut |gate, _| {
        result(gate, Status::CouldNotRun, None)
    });
    assert_eq!((outcome.end, outcome.rounds), (End::Alert, 3));
    let (outcome, _) = plainly(&plan(&["a"]), &FakeClock::default(), &mut |gate, _| GateResult {
        known_failing: true,
        ..result(gate, Status::Failed, None)
    });
    assert_eq!((outcome.end.clone(), outcome.is_quiet()), (End::Over, true));
}

#[test]
fn an_alert_that_is_told_lets_the_watch_go_on() {
    let mut told = Vec::new();
    let mut memory = Memory::default();
    let mut round = 0;
    let outcome = watch(
        &Plan { length: Duration::from_mins(5), ..plan(&["a"]) },
        &mut World {
            clock: &FakeClock::default(),
            cancel: &Cancel::new(),
            run: &mut |gate, _| {
                round += 1;
                let fails = round <= 4 || round >= 6;
                result(gate, if fails { Status::Failed } else { Status::Passed }, None)
            },
            screen: &mut memory,
            readings: None,
            prometheus: None,
            alert: Some(&mut |alert: &Alert| {
                told.push(alert.failures_in_a_row);
                if told.len() == 1 { Ok(String::new()) } else { Err("pager is down".to_owned()) }
            }),
            rollback: None,
        },
    );
    assert_eq!((outcome.end.clone(), outcome.rounds), (End::Over, 11));
    assert_eq!((told, outcome.alerts.len()), (vec![3, 3], 2));
    assert_eq!(outcome.problems, ["the alert's command failed: pager is down"]);
    assert!(memory.said.last().unwrap().contains("pager is down"));
}

#[test]
fn an_alert_takes_the_tier_back_once() {
    for answer in [Ok("taken back as 1234abc".to_owned()), Err("conflict in a.py".to_owned())] {
        let calls = Cell::new(0);
        let outcome = watch(
            &plan(&["a", "b"]),
            &mut World {
                clock: &FakeClock::default(),
                cancel: &Cancel::new(),
                run: &mut |gate, _| result(gate, Status::Failed, None),
                screen: &mut Memory::default(),
                readings: None,
                prometheus: None,
                alert: None,
                rollback: Some(&mut |_: &Alert| {
                    calls.set(calls.get() + 1);
                    answer.clone()
                }),
            },
        );
        assert_eq!((calls.get(), outcome.alerts.len(), outcome.rounds), (1, 2, 3));
        assert_eq!(outcome.end, End::RolledBack(answer));
    }
}

#[test]
fn a_wish_to_stop_ends_a_watch_between_and_within_rounds() {
    let cancel = Cancel::new();
    for within in [true, false] {
        let mut memory = Memory::default();
        let outcome = watch(
            &plan(&["a", "b"]),
            &mut World {
                clock: &FakeClock::default(),
                cancel: &cancel,
                run: &mut |gate, _| {
                    cancel.cancel();
                    result(gate, if within { Status::Cancelled } else { Status::Failed }, None)
                },
                screen: &mut memory,
                readings: None,
                prometheus: None,
                alert: None,
                rollback: None,
            },
        );
        assert_eq!((outcome.end, outcome.rounds), (End::Cancelled, 1));
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

#[test]
fn every_figure_is_kept_as_a_line_of_json() {
    let mut kept: Vec<u8> = Vec::new();
    let folder = Folder::new();
    let prometheus = folder.path("tiermod.prom");
    let clock = FakeClock::default();
    let mut round = 0.0;
    let mut plan = plan(&["connections", "no \"figure\"\\"]);
    plan.tier = "tier\n1".to_owned();
    let outcome = watch(
        &plan,
        &mut World {
            clock: &clock,
            cancel: &Cancel::new(),
            run: &mut |gate, _| {
                if gate.name == "connections" {
                    round += 1.5;
                    result(gate, Status::Passed, Some(round))
                } else {
                    result(gate, if round > 7.0 { Status::Failed } else { Status::Passed }, None)
                }
            },
            screen: &mut Memory::default(),
            readings: Some(&mut kept),
            prometheus: Some(&prometheus),
            alert: None,
            rollback: None,
        },
    );
    assert_eq!((outcome.end, outcome.problems.len()), (End::Over, 0));
    let lines = String::from_utf8(kept).unwrap();
    let readings: Vec<Reading> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(readings.len(), 10);
    let figures: Vec<_> = readings.iter().filter_map(|reading| reading.figure).collect();
    assert_eq!(figures, [1.5, 3.0, 4.5, 6.0, 7.5]);
    assert_eq!(readings[2].time.to_string(), "1970-01-01T00:00:30Z");
    assert_eq!((readings[9].round, readings[9].failures_in_a_row), (5, 1));
    assert!(lines.lines().next().unwrap().contains(r#""tier":"tier\n1","gate":"connections""#));

    let text = fs::read_to_string(&prometheus).unwrap();
    for line in [
        r#"tiermod_gate_figure{tier="tier\n1",gate="connections"} 7.5"#,
        r#"tiermod_gate_baseline{tier="tier\n1",gate="connections"} 10"#,
        r#"tiermod_gate_holds{tier="tier\n1",gate="connections"} 1"#,
        r#"tiermod_gate_holds{tier="tier\n1",gate="no \"figure\"\\"} 0"#,
        r#"tiermod_gate_failures_in_a_row{tier="tier\n1",gate="no \"figure\"\\"} 1"#,
        r#"tiermod_gate_duration_seconds{tier="tier\n1",gate="connections"} 1.5"#,
        r#"tiermod_watch_last_round_timestamp_seconds{tier="tier\n1"} 120"#,
        "# TYPE tiermod_gate_figure gauge",
    ] {
        assert!(text.lines().any(|seen| seen == line), "{line}\n{text}");
    }
    assert!(!text.contains(r#"figure{tier="tier\n1",gate="no"#));
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 1, "nothing else is left there");
}

#[test]
fn a_disk_that_refuses_does_not_end_a_watch() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut memory = Memory::default();
    let prometheus = PathBuf::from("/nonexistent/tiermod.prom");
    let outcome = watch(
        &plan(&["a"]),
        &mut World {
            clock: &FakeClock::default(),
            cancel: &Cancel::new(),
            run: &mut |gate, _| passed(gate),
            screen: &mut memory,
            readings: Some(&mut Full),
            prometheus: Some(&prometheus),
            alert: None,
            rollback: None,
        },
    );
    assert_eq!((outcome.end, outcome.rounds), (End::Over, 5));
    assert_eq!(outcome.problems.len(), 2);
    assert_eq!(memory.said.len(), 2, "each is said once: {:?}", memory.said);
}

/// What is left of `text` on a terminal, without colours.
fn without_colours(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn the_table_shows_each_gate_with_its_history() {
    let mut round = 0.0;
    let clock = FakeClock::default();
    let (_, memory) = plainly(&plan(&["connections", "a health page"]), &clock, &mut |gate, _| {
        clock.pass(1);
        if gate.name == "connections" {
            round += 1.0;
            result(gate, Status::Passed, Some(round))
        } else {
            result(gate, if round >= 4.0 { Status::Failed } else { Status::Passed }, None)
        }
    });
    let mut view = memory.last.unwrap();
    view.left = Duration::from_secs(65);
    assert_eq!(
        without_colours(&view.table(100)),
        "websocket: round 5, 1m 05s left\n\
         gate           state            figure  expected\n\
         connections    passed                5  <= baseline  ▁▃▅▆█\n\
         a health page  failed (2 of 3)       -               ✓✓✓✗✗\n"
    );
    for line in without_colours(&view.table(30)).lines().skip(1) {
        assert!(line.chars().count() <= 30, "{line}");
    }
}

#[test]
fn a_gate_that_hangs_is_shown_as_running() {
    struct Seen(Vec<String>);
    impl Screen for Seen {
        fn refresh(&mut self, view: &View) {
            self.0.push(without_colours(&view.table(80)));
        }
        fn say(&mut self, _line: &str) {}
    }
    let mut seen = Seen(vec![]);
    let mut once = plan(&["slow"]);
    once.length = Duration::from_secs(20);
    watch(
        &once,
        &mut World {
            clock: &FakeClock::default(),
            cancel: &Cancel::new(),
            run: &mut |gate, sink| {
                for elapsed in [0, 7] {
                    sink.progress(&Progress {
                        gate: &gate.name,
                        elapsed: Duration::from_secs(elapsed),
                        timeout: Duration::from_mins(1),
                        attempt: (1, 1),
                        sample: (1, 1),
                        last_line: "",
                    });
                }
                passed(gate)
            },
            screen: &mut seen,
            readings: None,
            prometheus: None,
            alert: None,
            rollback: None,
        },
    );
    assert!(seen.0.iter().any(|table| table.contains("running 7s") && table.contains("13s left")));
    assert!(seen.0.last().unwrap().contains("passed"));
}

#[test]
fn a_table_is_drawn_over_itself_and_lines_stay() {
    let mut terminal: Vec<u8> = Vec::new();
    let mut lines: Vec<u8> = Vec::new();
    for live in [true, false] {
        let (mut table, mut plain) = (Live::new(&mut terminal, Colours::Shown), Lines(&mut lines));
        let screen: &mut dyn Screen = if live { &mut table } else { &mut plain };
        watch(
            &plan(&["a"]),
            &mut World {
                clock: &FakeClock::default(),
                cancel: &Cancel::new(),
                run: &mut |gate, _| result(gate, Status::Failed, None),
                screen,
                readings: None,
                prometheus: None,
                alert: None,
                rollback: None,
            },
        );
    }
    let terminal = String::from_utf8(terminal).unwrap();
    let tables = terminal.matches("websocket: round").count();
    assert_eq!(
        terminal.matches("\x1b[3A\x1b[J").count(),
        tables,
        "all but the one after the alert"
    );
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!(lines.lines().count(), 4);
    assert!(lines.starts_with("a: failed: why (1.5 s)\n") && !lines.contains('\x1b'));
    assert!(lines.ends_with("alert: 3 failures in a row: a: failed: why (1.5 s)\n"));
}

#[test]
fn the_users_command_is_told_of_an_alert() {
    let folder = Folder::new();
    let gate = gate("conn", "run = 'true'");
    let mut alert = Alert {
        tier: "websocket".to_owned(),
        result: result(&gate, Status::Failed, Some(12.5)),
        failures_in_a_row: 3,
    };
    let command =
        |text: &str| alert_command(text.to_owned(), folder.0.path().to_owned(), Cancel::new());
    let mut tell = command(
        "echo \"$TIERMOD_TIER $TIERMOD_GATE $TIERMOD_STATUS $TIERMOD_FIGURE $TIERMOD_MESSAGE $TIERMOD_FAILURES\" > told",
    );
    assert_eq!(tell(&alert), Ok(String::new()));
    assert_eq!(
        fs::read_to_string(folder.path("told")).unwrap(),
        "websocket conn failed 12.5 why 3\n"
    );
    let error = command("echo no pager >&2; exit 2")(&alert).unwrap_err();
    assert_eq!(error, "exit code 2\nno pager");
    alert.result.message = Some("a\0b $(touch injected) `touch injected`".to_owned());
    assert_eq!(command("test \"$TIERMOD_MESSAGE\"")(&alert), Ok(String::new()));
    assert!(!folder.path("injected").exists());
}

#[test]
fn real_gates_that_hang_or_print_garbage_are_survived() {
    let folder = Folder::new();
    let plan = Plan {
        gates: vec![
            gate("hangs", "run = 'sleep 1000'\ntimeout = '1s'"),
            gate("silent", "run = 'true'\nmetric = '(\\d+)'\nexpect = '== 1'"),
            gate(
                "garbage",
                "run = 'head -c 100000 /dev/urandom; echo; echo n=1'\nmetric = '^n=(1)$'\nexpect = '== 1'",
            ),
            gate("missing", "run = 'no-such-command-anywhere'"),
        ],
        length: Duration::from_secs(30),
        ..plan(&[])
    };
    let cancel = Cancel::new();
    let mut kept: Vec<u8> = Vec::new();
    let outcome = watch(
        &plan,
        &mut World {
            clock: &FakeClock::default(),
            cancel: &cancel,
            run: &mut |gate, sink| {
                run(gate, None, &mut Setting::new(folder.0.path(), sink, &cancel))
            },
            screen: &mut Memory::default(),
            readings: Some(&mut kept),
            prometheus: None,
            alert: None,
            rollback: None,
        },
    );
    assert_eq!((outcome.end, outcome.rounds), (End::Over, 2));
    let statuses: Vec<Status> = String::from_utf8(kept)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Reading>(line).unwrap().status)
        .collect();
    let round = [Status::TimedOut, Status::Failed, Status::Passed, Status::CouldNotRun];
    assert_eq!(statuses, [round, round].concat());
}
