//! What `check` and `diff` cost, beside tools that read the same files.
//!
//! `cargo bench --bench check` writes three projects into temporary folders: two of 10,000 files
//! of which a hundred hold the class's name, and one of 1,500 files that all hold it, so that every
//! file must be parsed and resolved. The files of the first are small; the sizes of the others are
//! spread as those of real files. It runs the commands in turns and prints the median time, the
//! median of the ratios of runs that followed each other, and the peak of resident memory (read by
//! Python's `resource`). `rg` and `ruff` are used where they are found.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may panic")]

use std::cmp::Ordering;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 15;

const TIERMOD: &str = env!("CARGO_BIN_EXE_tiermod");

const CONFIG: &str = "transforms = [\"shared.toml\"]\n[[tier]]\nname = \"all\"\npaths = [\"**\"]\n";

const TRANSFORM: &str = "
name = \"shared\"
summary = \"Share the manager\"
[[singleton]]
class = \"app.redis_manager:RedisManager\"
instance = \"app.redis_manager:redis_manager\"
";

const MANAGER: &str = "class RedisManager:\n    pass\n\n\nredis_manager = RedisManager()\n";

/// Sizes of files, in bytes: the middles of the twentieths of the 31,766 Python files in the
/// sdists of 78 projects of PyPI. The few that are larger than the last are left out.
const SIZES: [usize; 20] = [
    0, 39, 150, 291, 480, 725, 1_037, 1_419, 1_880, 2_438, 3_122, 3_961, 4_974, 6_382, 8_301,
    10_414, 13_762, 19_337, 30_219, 65_172,
];

/// The sizes of a project of small files: a head alone.
const SMALL: [usize; 1] = [0];

/// A function such as services are made of.
const FILLER: &str = "
    async def handle_NUMBER(self, request: Request, *, limit: int = 20) -> dict[str, Any]:
        \"\"\"Answer one request, with what the cache has of it.\"\"\"
        key = f\"user:{request.user_id}:handle_NUMBER\"
        found = [item for item in await self.items(key) if item.size <= limit]
        if not found and request.is_fresh:
            logger.warning(\"nothing for %s\", key, extra={\"limit\": limit})
            return {\"status\": 404, \"items\": [], \"key\": key}
        for position, item in enumerate(sorted(found, key=lambda item: item.name)):
            item.position = position
        return {\"status\": 200, \"items\": [item.as_dict() for item in found], \"key\": key}
";

const HEAD: &str = "
\"\"\"One module of many.\"\"\"
import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from app.request import Request
IMPORT

logger = logging.getLogger(__name__)


class Service:
    def __init__(self) -> None:
        self.redis = VALUE
";

/// A file of about `bytes` bytes.
fn module(bytes: usize, holds_name: bool) -> String {
    let import = if holds_name { "from app.redis_manager import RedisManager\n" } else { "" };
    let value = if holds_name { "RedisManager()" } else { "None" };
    let mut text = HEAD.trim_start().replace("IMPORT", import).replace("VALUE", value);
    let mut number = 0;
    while text.len() < bytes {
        text.push_str(&FILLER.replace("NUMBER", &number.to_string()));
        number += 1;
    }
    text
}

fn project(folder: &Path, files: usize, holding: usize, sizes: &[usize]) -> usize {
    let app = folder.join("app");
    fs::create_dir(&app).unwrap();
    fs::write(folder.join("codemod.toml"), CONFIG).unwrap();
    fs::write(folder.join("shared.toml"), TRANSFORM).unwrap();
    fs::write(app.join("redis_manager.py"), MANAGER).unwrap();
    let mut bytes = 0;
    for number in 0..files {
        let package = app.join(format!("part_{:03}", number / 50));
        fs::create_dir_all(&package).unwrap();
        let holds_name = number % (files / holding) == 0;
        // Those that hold the name have every size, too.
        let step = if holds_name { number / (files / holding) } else { number };
        let text = module(sizes[step % sizes.len()], holds_name);
        bytes += text.len();
        fs::write(package.join(format!("module_{number:05}.py")), text).unwrap();
    }
    bytes
}

fn main() {
    let check = [TIERMOD, "check", "--quiet"];
    let diff = [TIERMOD, "diff"];
    for sizes in [&SMALL[..], &SIZES] {
        let few = tempfile::tempdir().unwrap();
        let bytes = project(few.path(), 10_000, 100, sizes);
        println!("10,000 files, {} MB, 100 of them hold the name", bytes / 1_000_000);
        compare(few.path(), &check, &["rg", "-l", "RedisManager"]);
        compare(few.path(), &diff, &check);
    }

    let all = tempfile::tempdir().unwrap();
    let bytes = project(all.path(), 1_500, 1_500, &SIZES);
    println!("1,500 files, {} MB, all of them hold the name", bytes / 1_000_000);
    compare(
        all.path(),
        &check,
        &["ruff", "check", "--isolated", "--select", "F", "--no-cache", "-q"],
    );
    compare(all.path(), &diff, &check);
}

/// Prints how long `ours` takes beside `theirs`.
fn compare(folder: &Path, ours: &[&str], theirs: &[&str]) {
    if run(folder, ours).is_none() || run(folder, theirs).is_none() {
        println!("  {:<16} not compared: `{}` cannot be started", name(ours), theirs.join(" "));
        return;
    }
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        our_times.extend(run(folder, ours));
        their_times.extend(run(folder, theirs));
    }
    let ratios = our_times.iter().zip(&their_times);
    let ratios = ratios.map(|(ours, theirs)| ours.as_secs_f64() / theirs.as_secs_f64()).collect();
    println!(
        "  {:<16} {:>7.0} ms, {:>4} MB   beside   {:<16} {:>7.0} ms, {:>4} MB   ratio {:.2}",
        name(ours),
        median(our_times, Duration::cmp).as_secs_f64() * 1e3,
        peak_megabytes(folder, ours),
        name(theirs),
        median(their_times, Duration::cmp).as_secs_f64() * 1e3,
        peak_megabytes(folder, theirs),
        median(ratios, f64::total_cmp),
    );
}

fn name(command: &[&str]) -> String {
    let program = command.first().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    format!("{program} {}", command.get(1).copied().unwrap_or_default())
}

fn run(folder: &Path, command: &[&str]) -> Option<Duration> {
    let (program, arguments) = command.split_first()?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    command.status().ok()?;
    Some(begun.elapsed())
}

/// The peak of resident memory, in units of 1,000,000 bytes.
fn peak_megabytes(folder: &Path, command: &[&str]) -> u64 {
    const ASK: &str = "import resource, subprocess, sys; \
        subprocess.run(sys.argv[1:], stdout=-3, stderr=-3); \
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let mut python = Command::new("python3");
    python.args(["-c", ASK]).args(command).current_dir(folder);
    let output = python.output().unwrap();
    let kibibytes: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
    kibibytes * 1024 / 1_000_000
}

fn median<T: Copy + Default>(mut all: Vec<T>, order: impl FnMut(&T, &T) -> Ordering) -> T {
    all.sort_by(order);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
