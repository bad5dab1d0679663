//! A view in Prometheus's text format, for the textfile collector of its node exporter.

use std::fmt::Write;

use jiff::Timestamp;

use super::view::{GateView, View};

/// A metric's name, what it is, and how a gate gives it.
type Family<'a> = (&'a str, &'a str, &'a dyn Fn(&GateView) -> Option<f64>);

/// The whole file.
pub(super) fn text(view: &View, at: Timestamp) -> String {
    let mut text = String::new();
    let figure = |gate: &GateView| gate.last.as_ref()?.figure;
    let baseline = |gate: &GateView| gate.last.as_ref()?.baseline;
    let holds = |gate: &GateView| gate.holds().map(|holds| f64::from(u8::from(holds)));
    let failures = |gate: &GateView| Some(f64::from(gate.failures_in_a_row));
    let seconds = |gate: &GateView| Some(gate.last.as_ref()?.seconds);
    let alerted = |gate: &GateView| Some(f64::from(u8::from(gate.alerted)));
    let families: [Family<'_>; 6] = [
        ("tiermod_gate_figure", "The last figure of the gate.", &figure),
        ("tiermod_gate_baseline", "The figure recorded before the change.", &baseline),
        ("tiermod_gate_holds", "Whether the gate held when it last ran.", &holds),
        ("tiermod_gate_failures_in_a_row", "How often in a row the gate has not held.", &failures),
        ("tiermod_gate_alert", "Whether there is an alert for the gate.", &alerted),
        ("tiermod_gate_duration_seconds", "How long the gate last took.", &seconds),
    ];
    for (name, help, value) in families {
        let samples: Vec<(&GateView, f64)> =
            view.gates.iter().filter_map(|gate| Some((gate, value(gate)?))).collect();
        if samples.is_empty() {
            continue;
        }
        header(&mut text, name, help);
        for (gate, value) in samples {
            let (tier, gate) = (escaped(&view.tier), escaped(&gate.name));
            // Writing to a string does not fail.
            let _written = writeln!(text, "{name}{{tier=\"{tier}\",gate=\"{gate}\"}} {value}");
        }
    }
    let tier = escaped(&view.tier);
    let seconds = at.as_second();
    header(&mut text, "tiermod_watch_last_round_timestamp_seconds", "When the last round ended.");
    let _written =
        writeln!(text, "tiermod_watch_last_round_timestamp_seconds{{tier=\"{tier}\"}} {seconds}");
    text
}

fn header(text: &mut String, name: &str, help: &str) {
    let _written = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
}

/// A label's value, as the format quotes it.
fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
