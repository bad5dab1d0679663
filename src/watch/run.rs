//! The rounds of a watch.

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use super::alert::Alert;
use super::clock::Clock;
use super::prometheus;
use super::reading::Reading;
use super::screen::Screen;
use super::view::{GateView, State, View};
use crate::config::gate::Gate;
use crate::fs::replace;
use crate::gate::{GateResult, Progress, Sink, Status};
use crate::process::Cancel;

/// How often the time left is shown anew.
const REFRESH: Duration = Duration::from_secs(1);

/// What to watch, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The tier that is watched; for people and records.
    pub tier: String,
    /// The gates of a round, in order.
    pub gates: Vec<Gate>,
    /// A round begins at each multiple of this, counted from the start. One that takes longer
    /// makes the next begin at the first multiple after it: rounds do not pile up.
    pub every: Duration,
    /// No round begins later than this. The first always does.
    pub length: Duration,
    /// After how many failures of a gate in a row there is an alert.
    pub alert_after: NonZeroU32,
}

/// Does something about an alert: what there is to say of it, or why it failed.
pub type OnAlert<'a> = &'a mut dyn FnMut(&Alert) -> Result<String, String>;

/// What a watch works with.
pub struct World<'a> {
    /// The time.
    pub clock: &'a dyn Clock,
    /// The wish to stop.
    pub cancel: &'a Cancel,
    /// Runs a gate.
    pub run: &'a mut dyn FnMut(&Gate, &mut dyn Sink) -> GateResult,
    /// Shows the watch.
    pub screen: &'a mut dyn Screen,
    /// Takes every reading, as JSON lines.
    pub readings: Option<&'a mut dyn Write>,
    /// A file that is replaced after every round, in Prometheus's text format.
    pub prometheus: Option<&'a Path>,
    /// Is told of an alert; the watch then goes on. Without it, an alert ends the watch.
    pub alert: Option<OnAlert<'a>>,
    /// Takes the tier back on an alert, which ends the watch.
    pub rollback: Option<OnAlert<'a>>,
}

/// What came of a watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Why it ended.
    pub end: End,
    /// How many rounds there were.
    pub rounds: u64,
    /// Every alert.
    pub alerts: Vec<Alert>,
    /// What went wrong beside the gates: readings that could not be kept, and the like.
    pub problems: Vec<String>,
}

/// Why a watch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its time was over.
    Over,
    /// There was an alert.
    Alert,
    /// There was an alert, and the tier was taken back; what was said, or why it could not be.
    RolledBack(Result<String, String>),
    /// Somebody wished to stop.
    Cancelled,
}

impl Outcome {
    /// Whether there was no alert.
    pub fn is_quiet(&self) -> bool {
        self.alerts.is_empty()
    }
}

/// Watches until the time is over, an alert ends it, or somebody wishes to stop.
pub fn watch(plan: &Plan, world: &mut World<'_>) -> Outcome {
    let view = View {
        tier: plan.tier.clone(),
        round: 0,
        left: plan.length,
        alert_after: plan.alert_after.get(),
        gates: plan.gates.iter().map(|gate| GateView::new(&gate.name)).collect(),
    };
    let mut watch = Watch { plan, view, alerts: Vec::new(), problems: Vec::new() };
    let end = watch.rounds(world);
    Outcome { end, rounds: watch.view.round, alerts: watch.alerts, problems: watch.problems }
}

struct Watch<'a> {
    plan: &'a Plan,
    view: View,
    alerts: Vec<Alert>,
    problems: Vec<String>,
}

impl Watch<'_> {
    fn rounds(&mut self, world: &mut World<'_>) -> End {
        loop {
            self.view.round += 1;
            let Some(new_alerts) = self.round(world) else { return End::Cancelled };
            if let Some(end) = self.follow(&new_alerts, world) {
                return end;
            }
            if !self.wait(world) {
                return if world.cancel.is_cancelled() { End::Cancelled } else { End::Over };
            }
        }
    }

    /// Runs every gate once; the new alerts, or `None` where somebody wished to stop.
    fn round(&mut self, world: &mut World<'_>) -> Option<Vec<Alert>> {
        let mut alerts = Vec::new();
        for (index, gate) in self.plan.gates.iter().enumerate() {
            self.show_time(world);
            let result = {
                let mut running = Running {
                    left: self.view.left,
                    view: &mut self.view,
                    index,
                    screen: &mut *world.screen,
                    refreshed: Duration::ZERO,
                };
                (world.run)(gate, &mut running)
            };
            if result.status == Status::Cancelled {
                return None;
            }
            world.screen.ended(&result);
            let Some(gate) = self.view.gates.get_mut(index) else { continue };
            gate.take(result.clone());
            let failures = gate.failures_in_a_row;
            if failures >= self.plan.alert_after.get() && !gate.alerted {
                gate.alerted = true;
                let tier = self.plan.tier.clone();
                alerts.push(Alert { tier, result: result.clone(), failures_in_a_row: failures });
            }
            self.keep(&result, failures, world);
        }
        if let Some(path) = world.prometheus {
            let text = prometheus::text(&self.view, world.clock.now());
            if let Err(error) = replace(path, text.as_bytes()) {
                // Only the kind: the rest names a temporary file, another one each time.
                let problem = format!("{} cannot be written: {}", path.display(), error.kind());
                self.complain(problem, world.screen);
            }
        }
        self.show_time(world);
        Some(alerts)
    }

    fn keep(&mut self, result: &GateResult, failures: u32, world: &mut World<'_>) {
        let Some(readings) = &mut world.readings else { return };
        let now = world.clock.now();
        let reading = Reading::new(now, self.view.round, &self.plan.tier, result, failures);
        let kept = serde_json::to_string(&reading)
            .map_err(io::Error::other)
            // One write a line, so that a reader sees whole lines.
            .and_then(|line| readings.write_all(format!("{line}\n").as_bytes()))
            .and_then(|()| readings.flush());
        if let Err(error) = kept {
            self.complain(format!("a reading cannot be kept: {error}"), world.screen);
        }
    }

    /// Says a problem once, however often it comes.
    fn complain(&mut self, problem: String, screen: &mut dyn Screen) {
        if !self.problems.contains(&problem) {
            screen.say(&format!("warning: {problem}"));
            self.problems.push(problem);
        }
    }

    /// What follows from new alerts; `Some` where the watch ends.
    fn follow(&mut self, alerts: &[Alert], world: &mut World<'_>) -> Option<End> {
        let first = alerts.first()?;
        for alert in alerts {
            world.screen.say(&format!("alert: {alert}"));
            if let Some(tell) = &mut world.alert
                && let Err(why) = tell(alert)
            {
                self.complain(format!("the alert's command failed: {why}"), world.screen);
            }
        }
        self.alerts.extend_from_slice(alerts);
        if let Some(rollback) = &mut world.rollback {
            return Some(End::RolledBack(rollback(first)));
        }
        world.alert.is_none().then_some(End::Alert)
    }

    /// Waits for the next round; whether there is one.
    fn wait(&mut self, world: &mut World<'_>) -> bool {
        let next = next_round(world.clock.elapsed(), self.plan.every);
        if next > self.plan.length {
            return false;
        }
        loop {
            let left = next.saturating_sub(world.clock.elapsed());
            if left.is_zero() {
                return true;
            }
            if !world.clock.sleep(left.min(REFRESH), world.cancel) {
                return false;
            }
            self.show_time(world);
        }
    }

    fn show_time(&mut self, world: &mut World<'_>) {
        self.view.left = self.plan.length.saturating_sub(world.clock.elapsed());
        world.screen.refresh(&self.view);
    }
}

/// The first multiple of `every` after `elapsed`.
fn next_round(elapsed: Duration, every: Duration) -> Duration {
    let every = every.as_nanos().max(1);
    let nanoseconds = (elapsed.as_nanos() / every + 1).saturating_mul(every);
    u64::try_from(nanoseconds).map_or(Duration::MAX, Duration::from_nanos)
}

/// Shows the gate that runs.
struct Running<'a> {
    view: &'a mut View,
    index: usize,
    screen: &'a mut dyn Screen,
    /// How long the watch went on when the gate began.
    left: Duration,
    refreshed: Duration,
}

impl Sink for Running<'_> {
    fn started(&mut self, _gate: &Gate) {
        self.show(Duration::ZERO);
    }

    fn progress(&mut self, progress: &Progress<'_>) {
        // A retry begins at nothing again.
        if progress.elapsed.abs_diff(self.refreshed) >= REFRESH {
            self.refreshed = progress.elapsed;
            self.show(progress.elapsed);
        }
    }
}

impl Running<'_> {
    fn show(&mut self, elapsed: Duration) {
        if let Some(gate) = self.view.gates.get_mut(self.index) {
            gate.state = State::Running(elapsed);
        }
        self.view.left = self.left.saturating_sub(elapsed);
        self.screen.refresh(self.view);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_begin_at_multiples_and_do_not_pile_up() {
        let seconds = Duration::from_secs;
        assert_eq!(next_round(seconds(0), seconds(30)), seconds(30));
        assert_eq!(next_round(seconds(29), seconds(30)), seconds(30));
        assert_eq!(next_round(seconds(30), seconds(30)), seconds(60));
        assert_eq!(next_round(seconds(95), seconds(30)), seconds(120));
        assert!(next_round(Duration::MAX, seconds(30)) > seconds(30));
        assert!(next_round(seconds(1), Duration::ZERO) > seconds(1));
    }
}
