//! What observation costs: the same Python program with and without a probe, in turns.
//!
//! `cargo bench --bench probe` prints the median time of each, and the median of the ratios of
//! runs that followed each other.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may panic")]

use std::cmp::Ordering;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tiermod::probe::{Options, Session, Targets};

const RUNS: usize = 25;

const MANAGER: &str = "class Manager:\n    def __init__(self, url):\n        self.url = url\n";

/// A service in small: imports, work, and a manager for each of two thousand requests.
const SERVICE: &str = "
import asyncio, dataclasses, json, logging, subprocess, sys
from app.manager import Manager

async def handle(number):
    manager = Manager('redis')
    await asyncio.sleep(0)
    return json.dumps({'number': number, 'url': manager.url, 'sum': sum(range(2000))})

async def main():
    for _ in range(10):
        await asyncio.gather(*(handle(number) for number in range(200)))

asyncio.run(main())
subprocess.run([sys.executable, '-c', 'pass'], check=True)
";

/// Nothing but starting and ending: the worst that a short command can see.
const NOTHING: &str = "";

/// Nothing but building, which no program does.
const BUILDING: &str = "
from app.manager import Manager
for _ in range(200_000):
    Manager('redis')
";

fn main() {
    for (name, main) in
        [("a small service", SERVICE), ("starting Python", NOTHING), ("only building", BUILDING)]
    {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("app")).unwrap();
        fs::write(folder.path().join("app/manager.py"), MANAGER).unwrap();
        fs::write(folder.path().join("main.py"), main).unwrap();
        let cache = folder.path().join("cache");
        // Byte code is written by the first of each.
        plain(folder.path());
        observed(folder.path(), &cache);
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            without.push(plain(folder.path()));
            with.push(observed(folder.path(), &cache));
        }
        let ratios = with
            .iter()
            .zip(&without)
            .map(|(with, without)| with.as_secs_f64() / without.as_secs_f64());
        let ratio = median(ratios.collect(), f64::total_cmp);
        let (without, with) = (median(without, Duration::cmp), median(with, Duration::cmp));
        println!(
            "{name:<16} {:>8.1} ms without, {:>8.1} ms with, ratio {ratio:.3}",
            without.as_secs_f64() * 1e3,
            with.as_secs_f64() * 1e3,
        );
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("python3");
    command.arg("main.py").current_dir(folder).stdin(Stdio::null());
    command
}

fn plain(folder: &Path) -> Duration {
    let begun = Instant::now();
    assert!(command(folder).status().unwrap().success());
    begun.elapsed()
}

/// Setting the probe up and reading its counts is not part of the program's time.
fn observed(folder: &Path, cache: &Path) -> Duration {
    let targets = Targets::from(vec!["app.manager:Manager".parse().unwrap()]);
    let options = Options { cache: Some(cache.to_owned()), ..Options::default() };
    let session = Session::start(&targets, &options).unwrap();
    let mut command = command(folder);
    command.envs(session.env(None));
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    session.watch(child.id());
    assert!(child.wait().unwrap().success());
    let elapsed = begun.elapsed();
    let class = session.finish(folder).classes.remove(0);
    assert!(class.instances == 0 || class.places == 1);
    elapsed
}

fn median<T: Copy + Default>(mut all: Vec<T>, order: impl FnMut(&T, &T) -> Ordering) -> T {
    all.sort_by(order);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
