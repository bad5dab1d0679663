//! Gates that run commands: verdicts, figures, baselines, and everything that can go wrong.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;
use tiermod::config::gate::{Gate, GateSpec};
use tiermod::gate::{
    Baseline, Baselines, GateResult, OnFailure, Progress, Purpose, Setting, Silent, Sink, Status,
    Store, StoreError, run, run_all,
};
use tiermod::process::Cancel;

/// A project's folder and the setting that gates run in.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) cancel: Cancel,
    pub(crate) purpose: Purpose,
    pub(crate) grace: Duration,
}

impl Project {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            env: Vec::new(),
            cancel: Cancel::new(),
            purpose: Purpose::Judge,
            grace: Duration::from_mins(1),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn run_with(
        &self,
        gate: &Gate,
        baseline: Option<&Baseline>,
        sink: &mut dyn Sink,
    ) -> GateResult {
        let root = self.path();
        let mut setting = Setting::new(&root, sink, &self.cancel);
        setting.env = &self.env;
        setting.purpose = self.purpose;
        setting.grace = self.grace;
        run(gate, baseline, &mut setting)
    }

    pub(crate) fn run(&self, body: &str) -> GateResult {
        self.run_with(&gate(body), None, &mut Silent)
    }

    /// Runs the gate `before` as its baseline, then `after` against it.
    fn against(&self, before: &str, after: &str) -> GateResult {
        let baseline = self.record(before);
        let mut after = gate(after);
        after.fingerprint.clone_from(&gate(before).fingerprint);
        self.run_with(&after, Some(&baseline), &mut Silent)
    }

    fn record(&self, body: &str) -> Baseline {
        let gate = gate(body);
        let root = self.path();
        let mut silent = Silent;
        let mut setting = Setting::new(&root, &mut silent, &self.cancel);
        setting.purpose = Purpose::Record;
        setting.grace = self.grace;
        let result = run(&gate, None, &mut setting);
        Baseline::new(&gate, &result, Timestamp::UNIX_EPOCH).unwrap()
    }
}

pub(crate) fn gate(body: &str) -> Gate {
    let spec: GateSpec = toml::from_str(&format!("name = 'g'\n{body}")).unwrap();
    Gate::new(&spec).unwrap()
}

pub(crate) fn message(result: &GateResult) -> &str {
    result.message.as_deref().unwrap_or_default()
}

#[test]
fn a_command_that_succeeds_passes() {
    let project = Project::new();
    let result = project.run("run = 'echo fine'");
    assert_eq!((result.status, result.attempts), (Status::Passed, 1));
    assert_eq!((result.output.as_str(), result.message, result.figure), ("fine", None, None));
    assert!(!result.known_failing && result.seconds < 60.0);
}

#[test]
fn a_command_that_fails_shows_its_last_lines() {
    let result = Project::new().run("run = 'seq 100; echo oops >&2; exit 3'");
    assert_eq!((result.status, message(&result)), (Status::Failed, "exit code 3"));
    assert!(!result.holds());
    assert!(result.output.ends_with("99\n100\noops"));
    assert_eq!(result.output.lines().count(), 20);
}

#[test]
fn a_command_that_a_signal_ends_fails() {
    let result = Project::new().run("run = 'kill -SEGV $$'");
    assert_eq!((result.status, message(&result)), (Status::Failed, "ended by signal 11"));
}

#[test]
fn a_command_that_takes_too_long_times_out() {
    let result = Project::new().run("run = 'echo begun; sleep 1000'\ntimeout = '2s'");
    assert_eq!(result.status, Status::TimedOut);
    assert_eq!(message(&result), "ended after its limit of 2s");
    assert_eq!(result.output, "begun");
}

#[test]
fn a_command_that_cannot_be_run_says_so() {
    let project = Project::new();
    let result = project.run("run = 'no-such-command-anywhere'");
    assert_eq!(result.status, Status::CouldNotRun);
    assert!(result.output.contains("no-such-command-anywhere"));
    project.write("file", "no program");
    assert_eq!(project.run("run = './file'").status, Status::CouldNotRun);
    let result = project.run("run = 'true'\ncwd = 'missing'");
    assert_eq!(result.status, Status::CouldNotRun);
    assert!(message(&result).contains("there is no folder"));
}

#[test]
fn a_command_runs_where_and_with_what_it_asks_for() {
    let mut project = Project::new();
    project.write("sub/file", "");
    project.env = vec![("A".into(), "caller".into()), ("B".into(), "caller".into())];
    let result = project.run("run = 'ls; echo $A $B'\ncwd = 'sub'\nenv = { B = 'own' }");
    assert_eq!(result.output, "file\ncaller own");
}

#[test]
fn a_wish_to_stop_ends_a_gate() {
    struct Stopper(Cancel);
    impl Sink for Stopper {
        fn output(&mut self, _bytes: &[u8]) {
            self.0.cancel();
        }
    }
    let project = Project::new();
    let gate = gate("run = 'echo ready; sleep 1000'\nretries = 5");
    let result = project.run_with(&gate, None, &mut Stopper(project.cancel.clone()));
    assert_eq!((result.status, result.attempts), (Status::Cancelled, 1));
    assert!(!result.holds());
    assert_eq!(project.run("run = 'touch ran'").status, Status::Cancelled);
    assert!(!project.path().join("ran").exists());
}

#[test]
fn processes_that_are_left_running_are_told() {
    let result = Project::new().run("run = 'sleep 1000 & echo done'");
    assert_eq!(result.status, Status::Passed);
    assert_eq!(message(&result), "it left processes running, which were ended");
}

#[test]
fn a_figure_is_the_last_match_and_is_judged() {
    let project = Project::new();
    let body = |figure: &str, expect: &str| {
        format!(
            "run = 'echo connections=99; echo connections={figure}'\n\
             metric = 'connections=(\\S+)'\nexpect = '{expect}'"
        )
    };
    let result = project.run(&body("7", "<= 10"));
    assert_eq!((result.status, result.figure), (Status::Passed, Some(7.0)));
    assert_eq!(result.expectation.as_deref(), Some("<= 10"));
    let result = project.run(&body("12.5", "<= 10"));
    assert_eq!((result.status, result.figure), (Status::Failed, Some(12.5)));
    assert_eq!(message(&result), "12.5 is not <= 10");
    let result = project.run(&body("many", "<= 10"));
    assert_eq!((result.status, message(&result)), (Status::Failed, "`many` is no number"));
    let result = project.run("run = 'true'\nmetric = '(x)'\nexpect = '== 1'");
    assert_eq!(message(&result), "nothing in the output matches `metric`");
}

#[test]
fn a_figure_of_a_command_that_fails_is_shown_and_does_not_count() {
    let result = Project::new().run("run = 'echo n=1; exit 1'\nmetric = 'n=(.)'\nexpect = '== 1'");
    assert_eq!((result.status, result.figure), (Status::Failed, Some(1.0)));
    assert_eq!(message(&result), "exit code 1");
}

#[test]
fn a_figure_is_found_in_a_flood_that_is_not_text() {
    let result = Project::new().run(
        "run = '''printf 'n=5\\n'; head -c 100000000 /dev/urandom; printf '\\377\\nn=6\\n'; \
         yes | head -c 100000000'''\nmetric = '^n=(\\d)$'\nexpect = '== 6'",
    );
    assert_eq!(result.status, Status::Passed, "{}", message(&result));
    assert!(result.output.len() < 100_000);
}

#[test]
fn samples_are_taken_and_their_median_counts() {
    let project = Project::new();
    let counting = "run = 'echo x >> runs; set -- 0 9 2 4; shift $(wc -l < runs); echo n=$1'\n\
        metric = 'n=(\\d)'\nsamples = 3\n";
    let result = project.run(&format!("{counting}expect = '== 4'"));
    assert_eq!((result.figure, result.samples), (Some(4.0), vec![9.0, 2.0, 4.0]));
    assert_eq!(result.status, Status::Passed);
    fs::remove_file(project.path().join("runs")).unwrap();
    let failing = "run = 'echo x >> runs; echo n=1; [ $(wc -l < runs) != 2 ]'\n\
        metric = 'n=(\\d)'\nsamples = 5\nexpect = '== 1'";
    let result = project.run(failing);
    assert_eq!((result.status, result.samples.len()), (Status::Failed, 2));
}

#[test]
fn a_gate_is_tried_again_as_often_as_it_says() {
    let project = Project::new();
    let third = "run = 'echo x >> runs; [ $(wc -l < runs) = 3 ]'\n";
    let result = project.run(&format!("{third}retries = 5"));
    assert_eq!((result.status, result.attempts), (Status::Passed, 3));
    fs::remove_file(project.path().join("runs")).unwrap();
    let result = project.run(&format!("{third}retries = 1\nretry-delay = '10ms'"));
    assert_eq!((result.status, result.attempts), (Status::Failed, 2));
    let result = project.run("run = 'no-such-command-anywhere'\nretries = 5");
    assert_eq!(result.attempts, 1, "what cannot be run is not tried again");
}

#[test]
fn a_figure_is_compared_with_its_baseline() {
    let project = Project::new();
    let body = |figure: u32| {
        format!("run = 'echo n={figure}'\nmetric = 'n=(\\d+)'\nexpect = '<= 1.10 * baseline'")
    };
    let result = project.against(&body(10), &body(11));
    assert_eq!((result.status, result.baseline), (Status::Passed, Some(10.0)));
    let result = project.against(&body(10), &body(12));
    assert_eq!(result.status, Status::Failed);
    assert_eq!(message(&result), "12 is not <= 1.10 * baseline (11)");
    assert_eq!(
        result.to_string().split(" (").next(),
        Some("g: failed: 12 is not <= 1.10 * baseline")
    );
    assert!(!result.known_failing);
}

#[test]
fn a_figure_without_its_baseline_cannot_be_judged() {
    let project = Project::new();
    let body = "run = 'echo n=1'\nmetric = 'n=(\\d+)'\nexpect = '<= baseline'";
    let result = project.run(body);
    assert_eq!((result.status, result.figure), (Status::CouldNotRun, Some(1.0)));
    assert!(message(&result).contains("no baseline is recorded; `tiermod gate --baseline`"));

    let other = project.record("run = 'echo other'");
    let result = project.run_with(&gate(body), Some(&other), &mut Silent);
    assert!(message(&result).contains("the gate has changed since"));

    let result = project.against("run = 'exit 1'\nmetric = '(.)'\nexpect = '== 1'", body);
    assert!(message(&result).contains("its baseline has no figure"));
    assert!(!result.known_failing, "what cannot be judged is never excused");
}

#[test]
fn only_a_new_failure_counts() {
    let project = Project::new();
    for (before, after, status, known) in [
        ("true", "true", Status::Passed, false),
        ("true", "false", Status::Failed, false),
        ("false", "true", Status::Passed, false),
        ("false", "exit 9", Status::Failed, true),
        ("sleep 1000", "false", Status::Failed, true),
        ("false", "sleep 1000", Status::TimedOut, true),
        ("false", "no-such-command-anywhere", Status::CouldNotRun, false),
    ] {
        let body = |run: &str| format!("run = '{run}'\ntimeout = '2s'");
        let result = project.against(&body(before), &body(after));
        assert_eq!((result.status, result.known_failing), (status, known), "{before} {after}");
        assert_eq!(result.holds(), status == Status::Passed || known, "{before} {after}");
    }
    let below = |n: u32| format!("run = 'echo n={n}'\nmetric = 'n=(.*)'\nexpect = '>= 95'");
    assert!(project.against(&below(3), &below(2)).known_failing);
    assert!(!project.against(&below(95), &below(94)).known_failing);
    let known = project.against("run = 'false'", "run = 'false'\nretries = 3");
    assert_eq!((known.verdict(), known.attempts), ("known failing", 1));
    let json = serde_json::to_value(&known).unwrap();
    assert_eq!(json["known-failing"], true);
    assert_eq!(serde_json::from_value::<GateResult>(json).unwrap(), known);
}

fn junit(failing: &[&str]) -> String {
    let case = |name: &str| {
        let inner = if failing.contains(&name) { "<failure/>" } else { "" };
        format!("<testcase classname=\"tests.t\" name=\"{name}\">{inner}</testcase>")
    };
    let cases = ["a", "b", "c"].map(case).concat();
    let exit = i32::from(!failing.is_empty());
    format!(
        "run = '''echo '<testsuite>{cases}</testsuite>' > out.xml; exit {exit}'''\njunit = 'out.xml'"
    )
}

#[test]
fn newly_failing_tests_are_named() {
    let project = Project::new();
    let result = project.against(&junit(&["a"]), &junit(&["a", "c"]));
    assert_eq!((result.status, result.known_failing), (Status::Failed, false));
    assert_eq!(result.newly_failing, ["tests.t::c"]);
    assert_eq!(result.failing_tests.unwrap().len(), 2);

    let result = project.against(&junit(&["a", "b"]), &junit(&["b"]));
    assert_eq!((result.known_failing, result.newly_failing.len()), (true, 0));
    let result = project.against(&junit(&[]), &junit(&["b"]));
    assert_eq!((result.known_failing, result.newly_failing), (false, vec!["tests.t::b".into()]));
    let result = project.run(&junit(&["b"]));
    assert_eq!(result.newly_failing, ["tests.t::b"]);
}

#[test]
fn a_run_that_breaks_off_before_its_report_is_a_new_failure() {
    let project = Project::new();
    let result = project.against(&junit(&["a"]), "run = 'exit 1'\njunit = 'out.xml'");
    assert_eq!((result.status, result.known_failing), (Status::Failed, false));
    // The report of the baseline is still there; it is not taken for a new one.
    assert!(project.path().join("out.xml").exists());
    assert_eq!(result.failing_tests, None);
    let result = project.run("run = 'true'\njunit = 'none.xml'");
    assert_eq!(result.status, Status::Failed);
    assert!(message(&result).contains("wrote no report"));
}

#[test]
fn a_pipeline_cannot_hide_failing_tests() {
    let project = Project::new();
    let result = project.run(&junit(&["b"]).replace("exit 1", "true"));
    assert_eq!((result.status, message(&result)), (Status::Failed, "1 tests fail"));
}

#[test]
fn instances_are_counted_by_a_gate() {
    let project = Project::new();
    project.write("app.py", "class C:\n    pass\n");
    project.write("main.py", "import app, os\napp.C()\nif os.environ.get('TWO'): app.C()\n");
    let body =
        |run: &str| format!("run = '{run}'\ninstances = {{ of = 'app:C', expect = '== 1' }}");
    let result = project.run(&body("python3 main.py"));
    assert_eq!((result.status, result.figure), (Status::Passed, Some(1.0)));
    let result = project.run(&body("TWO=1 python3 main.py"));
    assert_eq!((result.status, message(&result)), (Status::Failed, "2 is not == 1"));
    let result = project.run(&body("python3 -c pass"));
    assert_eq!((result.status, message(&result)), (Status::Failed, "0 is not == 1"));
    let result = project.run(&body("python3 -I main.py || true"));
    assert_eq!(result.status, Status::CouldNotRun);
    assert!(message(&result).contains("-S, -E or -I"));
    let result = project.run(&body("exit 4"));
    assert_eq!((result.status, message(&result)), (Status::Failed, "exit code 4"));
    let path = "run = 'python3 -c \"import app; app.C()\"'\ncwd = 'sub'\n\
        env = { PYTHONPATH = '..' }\ninstances = { of = 'app:C', expect = '== 1' }";
    project.write("sub/x", "");
    assert_eq!(project.run(path).status, Status::Passed);
}

#[test]
fn a_sink_hears_everything_in_order() {
    #[derive(Default)]
    struct Heard(Vec<String>);
    impl Sink for Heard {
        fn started(&mut self, gate: &Gate) {
            self.0.push(format!("started {}", gate.name));
        }
        fn output(&mut self, bytes: &[u8]) {
            self.0.push(format!("output {}", String::from_utf8_lossy(bytes).trim()));
        }
        fn progress(&mut self, progress: &Progress<'_>) {
            assert!(progress.elapsed < progress.timeout);
            if self.0.last().is_none_or(|last| !last.starts_with("progress")) {
                self.0.push(format!("progress {}", progress.last_line));
            }
        }
        fn finished(&mut self, result: &GateResult) {
            self.0.push(format!("finished {}", result.status.name()));
        }
    }
    let project = Project::new();
    let mut heard = Heard::default();
    project.run_with(&gate("run = 'echo a; sleep 1'"), None, &mut heard);
    assert_eq!(heard.0, ["started g", "output a", "progress a", "finished passed"]);
}

#[test]
fn gates_run_in_order_until_one_does_not_hold() {
    let project = Project::new();
    let gates: Vec<Gate> = ["true", "false", "echo x > third"]
        .iter()
        .enumerate()
        .map(|(number, run)| {
            let mut gate = gate(&format!("run = '{run}'"));
            gate.name = number.to_string();
            gate
        })
        .collect();
    let root = project.path();
    let mut baselines = Baselines::default();
    let all = |baselines: &Baselines, on_failure| {
        let mut silent = Silent;
        let mut setting = Setting::new(&root, &mut silent, &project.cancel);
        run_all(&gates, baselines, Some("tier"), on_failure, &mut setting)
    };
    assert_eq!(all(&baselines, OnFailure::Stop).len(), 2);
    assert!(!root.join("third").exists());
    let results = all(&baselines, OnFailure::GoOn);
    assert_eq!(results.len(), 3);
    assert!(root.join("third").exists());

    let recorded =
        baselines.record(Some("tier"), gates.iter().zip(&results), Timestamp::UNIX_EPOCH);
    assert!(recorded.is_empty());
    assert!(baselines.get(None, "1").is_none());
    let results = all(&baselines, OnFailure::Stop);
    assert_eq!(results.len(), 3);
    assert!(results[1].known_failing);
    project.cancel.cancel();
    assert_eq!(all(&baselines, OnFailure::GoOn).len(), 1);
}

#[test]
fn baselines_and_results_are_kept() {
    let project = Project::new();
    let store = Store::new(project.path().join("deep/journal"));
    assert_eq!(store.baselines().unwrap(), Baselines::default());
    let gate = gate("run = 'echo n=0.1'\nmetric = 'n=(.*)'\nexpect = '< 1'");
    let result = project.run_with(&gate, None, &mut Silent);
    let mut baselines = Baselines::default();
    baselines.record(Some("t"), [(&gate, &result)], Timestamp::UNIX_EPOCH);
    store.keep_baselines(&baselines).unwrap();
    assert_eq!(store.baselines().unwrap(), baselines);
    assert_eq!(baselines.get(Some("t"), "g").unwrap().figure, Some(0.1));

    let mut results = store.results().unwrap();
    results.keep(Some("t"), [&result], Timestamp::UNIX_EPOCH);
    results.keep(None, [&result], Timestamp::UNIX_EPOCH);
    store.keep_results(&results).unwrap();
    let read = store.results().unwrap();
    assert_eq!(read, results);
    assert_eq!(read.get(Some("t"), "g").unwrap().result, result);
    assert_eq!(read.tier(None).count(), 1);
    assert_eq!(read.tier(Some("other")).count(), 0);
}

#[test]
fn a_gate_that_could_not_run_leaves_its_baseline_as_it_was() {
    let project = Project::new();
    let missing = gate("run = 'no-such-command-anywhere'");
    let result = project.run_with(&missing, None, &mut Silent);
    let mut baselines = Baselines::default();
    let left_out = baselines.record(None, [(&missing, &result)], Timestamp::UNIX_EPOCH);
    assert_eq!(left_out, ["g"]);
    assert!(baselines.get(None, "g").is_none());
}

#[test]
fn a_damaged_store_is_an_error_that_names_the_file() {
    let project = Project::new();
    let store = Store::new(project.path());
    for (text, damaged) in
        [("", true), ("{", true), ("{\"version\": 1}", true), ("{\"version\": 9}", false)]
    {
        project.write("baselines.json", text);
        let error = store.baselines().unwrap_err();
        assert!(error.to_string().contains("baselines.json"), "{error}");
        assert!(error.to_string().contains("delete the file"), "{error}");
        assert_eq!(matches!(error, StoreError::Damaged { .. }), damaged, "{error}");
    }
    project.write("gates.json/x", "");
    assert!(matches!(store.results(), Err(StoreError::Disk { .. })));
}
