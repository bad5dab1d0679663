//! Random histories of apply, edit, rollback, kill and power loss, compared with a plain model: a
//! list of lines, each of which knows what it must say.
//!
//! Without git they run on a disk in memory, with git on the machine's own. How many are run is set
//! by `TIERMOD_TEST_HISTORIES` (without git) and `TIERMOD_TEST_GIT_HISTORIES`; a history is made
//! from its number alone, and `TIERMOD_TEST_HISTORY` runs one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use tiermod::fs::{FileSystem, ProjectPath};
use tiermod::git::Processes;
use tiermod::patch::Change;
use tiermod::transaction::{Finish, NoChecks, Outcome, apply};

use crate::disk::Disk;
use crate::sandbox::{AllOf, Sandbox, request, roll_back, run, say};
use crate::steps::{Fault, Steps};

/// Numbers from a seed; xorshift64*.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`.
    fn roll(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % limit
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }
}

/// One line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// Nobody's but its author's.
    Plain(usize),
    /// A site: what stands there depends on whether its tier is applied.
    Site { number: usize, is_applied: bool },
    /// A site that somebody wrote over while it was applied.
    Lost(usize),
}

impl Line {
    fn text(&self) -> String {
        match self {
            Self::Plain(number) => format!("plain_{number}\n"),
            Self::Site { number, is_applied: false } => format!("x{number} = R()\n"),
            Self::Site { number, is_applied: true } => format!("x{number} = r\n"),
            Self::Lost(number) => format!("lost_{number}\n"),
        }
    }
}

/// The project as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    /// Lines by file; files of one tier after those of the other.
    files: Vec<Vec<Line>>,
    next: usize,
}

const TIERS: [&str; 2] = ["one", "two"];
const FILES_OF_A_TIER: usize = 2;

fn name(file: usize) -> String {
    format!("app/f{file}.py")
}

fn text(lines: &[Line]) -> Vec<u8> {
    lines.iter().map(Line::text).collect::<String>().into_bytes()
}

impl Model {
    fn new(dice: &mut Dice) -> Self {
        let mut model = Self { files: Vec::new(), next: 0 };
        for _ in 0..TIERS.len() * FILES_OF_A_TIER {
            let count = 2 + dice.roll(6);
            let lines = (0..count).map(|_| model.new_line(dice)).collect();
            model.files.push(lines);
        }
        model
    }

    fn new_line(&mut self, dice: &mut Dice) -> Line {
        self.next += 1;
        let number = self.next;
        if dice.chance(40) { Line::Site { number, is_applied: false } } else { Line::Plain(number) }
    }

    fn files_of(tier: usize) -> std::ops::Range<usize> {
        tier * FILES_OF_A_TIER..(tier + 1) * FILES_OF_A_TIER
    }

    /// What somebody does to one file.
    fn edit(&mut self, dice: &mut Dice) -> usize {
        let file = dice.roll(self.files.len());
        let new = self.new_line(dice);
        self.next += 1;
        let number = self.next;
        let lines = &mut self.files[file];
        let at = dice.roll(lines.len() + 1);
        match (dice.roll(10), lines.get(at).cloned()) {
            (0..=2, Some(Line::Plain(_))) => lines[at] = Line::Plain(number),
            (3..=4, Some(Line::Plain(_))) => drop(lines.remove(at)),
            (5, Some(Line::Site { is_applied: true, .. })) => lines[at] = Line::Lost(number),
            _ => lines.insert(at, new),
        }
        file
    }

    fn with(&self, tier: usize, applied: bool) -> Self {
        let mut model = self.clone();
        for file in Self::files_of(tier) {
            for line in &mut model.files[file] {
                if let Line::Site { is_applied, .. } = line {
                    *is_applied = applied;
                }
            }
        }
        model
    }

    fn has_lost(&self, tier: usize) -> bool {
        Self::files_of(tier)
            .any(|file| self.files[file].iter().any(|line| matches!(line, Line::Lost(_))))
    }
}

/// Where a history happens.
trait World {
    fn root(&self) -> &Path;
    fn machine(&self, dies_at: Option<usize>) -> Box<dyn Machine + '_>;
    fn put(&self, file: usize, bytes: &[u8]);
    fn get(&self, file: usize) -> Vec<u8>;
    /// Somebody commits what they wrote.
    fn commit(&self);
    /// The machine goes down, where it can.
    fn lose_power(&self, dice: &mut Dice);
    fn strays(&self) -> Vec<String>;
    /// Whether a file with this line was set aside for somebody.
    fn has_set_aside(&self, line: &str) -> bool;
    fn finish(&self) -> Finish;
    /// How many steps an apply takes at most.
    fn most_steps(&self) -> usize;
}

trait Machine {
    fn files(&self) -> &dyn FileSystem;
    fn git(&self) -> &dyn Processes;
}

struct InMemory {
    root: PathBuf,
    disk: Disk,
}

impl Machine for &InMemory {
    fn files(&self) -> &dyn FileSystem {
        &self.disk
    }
    fn git(&self) -> &dyn Processes {
        &self.disk
    }
}

impl World for InMemory {
    fn root(&self) -> &Path {
        &self.root
    }
    fn machine(&self, dies_at: Option<usize>) -> Box<dyn Machine + '_> {
        self.disk.die_at(dies_at);
        Box::new(self)
    }
    fn put(&self, file: usize, bytes: &[u8]) {
        self.disk.put(&self.root.join(name(file)), bytes);
    }
    fn get(&self, file: usize) -> Vec<u8> {
        self.disk.get(&self.root.join(name(file))).unwrap()
    }
    fn commit(&self) {}
    fn lose_power(&self, dice: &mut Dice) {
        self.disk.lose_power(&mut |limit| dice.roll(limit));
    }
    fn strays(&self) -> Vec<String> {
        let paths = self.disk.files().into_iter().map(|path| path.display().to_string());
        let known = ["/p/app/f", "/p/.codemod/applied/", "/p/.codemod/lock"];
        paths.filter(|path| !known.iter().any(|known| path.starts_with(known))).collect()
    }
    fn has_set_aside(&self, _: &str) -> bool {
        false
    }
    fn finish(&self) -> Finish {
        Finish::Keep
    }
    fn most_steps(&self) -> usize {
        60
    }
}

struct WithGit(Sandbox);

impl Machine for Steps {
    fn files(&self) -> &dyn FileSystem {
        self
    }
    fn git(&self) -> &dyn Processes {
        self
    }
}

impl World for WithGit {
    fn root(&self) -> &Path {
        &self.0.root
    }
    fn machine(&self, dies_at: Option<usize>) -> Box<dyn Machine + '_> {
        Box::new(Steps::new(dies_at.map_or(Fault::None, Fault::DeadFrom)))
    }
    fn put(&self, file: usize, bytes: &[u8]) {
        self.0.write(name(file), bytes);
    }
    fn get(&self, file: usize) -> Vec<u8> {
        std::fs::read(self.0.path(name(file))).unwrap()
    }
    fn commit(&self) {
        self.0.commit_all("by hand");
    }
    fn lose_power(&self, _: &mut Dice) {}
    fn strays(&self) -> Vec<String> {
        let mut strays = self.0.leftovers();
        let status = self.0.run_git(&["status", "--porcelain"]);
        strays.extend(status.lines().map(str::to_owned));
        strays
    }
    fn has_set_aside(&self, line: &str) -> bool {
        let folder = self.0.path(".git/tiermod/set-aside");
        let copies = std::fs::read_dir(folder).unwrap().flat_map(|run| {
            std::fs::read_dir(run.unwrap().path()).unwrap().map(|copy| copy.unwrap().path())
        });
        copies.into_iter().any(|copy| std::fs::read_to_string(copy).unwrap().ends_with(line))
    }
    fn finish(&self) -> Finish {
        Finish::Commit
    }
    fn most_steps(&self) -> usize {
        90
    }
}

fn check(world: &dyn World, model: &Model, what: &str) {
    for (file, lines) in model.files.iter().enumerate() {
        let (is, must) = (world.get(file), text(lines));
        let (is, must) = (String::from_utf8_lossy(&is), String::from_utf8_lossy(&must));
        assert_eq!(is, must, "{what}: {}", name(file));
    }
    assert_eq!(world.strays(), Vec::<String>::new(), "{what}");
}

fn is_like(world: &dyn World, model: &Model) -> bool {
    model.files.iter().enumerate().all(|(file, lines)| world.get(file) == text(lines))
}

/// What one run did.
#[derive(Debug, PartialEq, Eq)]
enum Ran {
    Did,
    Nothing,
    Refused(String),
    Died,
}

fn do_apply(world: &dyn World, model: &Model, tier: usize, dies_at: Option<usize>) -> Ran {
    let machine = world.machine(dies_at);
    let after = model.with(tier, true);
    let changes: Vec<Change> = Model::files_of(tier)
        .map(|file| Change {
            path: ProjectPath::new(name(file)).unwrap(),
            old: text(&model.files[file]),
            new: text(&after.files[file]),
            notes: Vec::new(),
        })
        .collect();
    let request = request(TIERS[tier], changes, world.finish());
    let result = run(machine.files(), machine.git(), world.root(), |ready| {
        apply(ready, request, &mut NoChecks).map_err(|failure| failure.to_string())
    });
    ran(result.map_or_else(|error| Err(error.to_string()), |(result, _)| result))
}

fn do_rollback(world: &dyn World, tier: usize, dies_at: Option<usize>) -> Ran {
    let machine = world.machine(dies_at);
    let result = run(machine.files(), machine.git(), world.root(), |ready| {
        roll_back(ready, TIERS[tier], &AllOf(""), world.finish())
    });
    ran(result.map_or_else(|error| Err(error.to_string()), |(result, _)| result))
}

fn ran(result: Result<Outcome, String>) -> Ran {
    match result {
        Ok(Outcome::Done(_)) => Ran::Did,
        Ok(Outcome::Nothing) => Ran::Nothing,
        Err(said) if said.contains("the process is dead") => Ran::Died,
        Err(said) => Ran::Refused(said),
    }
}

fn history(world: &dyn World, mut model: Model, dice: &mut Dice, number: u64) {
    // Whether something of a tier stands, as the history has it.
    let mut stands = [false; TIERS.len()];
    for step in 0..4 + dice.roll(10) {
        let what = format!("history {number}, step {step}");
        let tier = dice.roll(TIERS.len());
        match dice.roll(10) {
            0..=2 => {
                let file = model.edit(dice);
                world.put(file, &text(&model.files[file]));
                world.commit();
            }
            3..=4 => {
                let after = model.with(tier, true);
                let expected = if after == model { Ran::Nothing } else { Ran::Did };
                assert_eq!(do_apply(world, &model, tier, None), expected, "{what}");
                stands[tier] |= expected == Ran::Did;
                model = after;
            }
            5..=6 => {
                let result = do_rollback(world, tier, None);
                let said = format!("{what}: {result:?}");
                match result {
                    Ran::Refused(_) if !stands[tier] || model.has_lost(tier) => {}
                    Ran::Did | Ran::Nothing if stands[tier] && !model.has_lost(tier) => {
                        model = model.with(tier, false);
                        stands[tier] = result == Ran::Nothing;
                    }
                    _ => panic!("{said}"),
                }
            }
            _ => die_and_recover(world, &mut model, &mut stands, dice, &what),
        }
        check(world, &model, &what);
    }
}

/// A run that dies somewhere, an edit by somebody before the next start, and the next start.
fn die_and_recover(
    world: &dyn World,
    model: &mut Model,
    stands: &mut [bool],
    dice: &mut Dice,
    what: &str,
) {
    let tier = dice.roll(TIERS.len());
    let dies_at = 1 + dice.roll(world.most_steps());
    let (applies, mut powerless) = (dice.chance(60), false);
    let result = if applies {
        do_apply(world, model, tier, Some(dies_at))
    } else {
        do_rollback(world, tier, Some(dies_at))
    };
    let after = model.with(tier, applies);
    if result == Ran::Died && dice.chance(50) {
        world.lose_power(dice);
        powerless = true;
    }
    // Somebody adds a line at the end of a file, as it happens to be.
    let added = (result == Ran::Died && !powerless && dice.chance(30)).then(|| {
        let file = dice.roll(model.files.len());
        model.next += 1;
        let line = Line::Plain(model.next);
        let bytes = [world.get(file), line.text().into_bytes()].concat();
        world.put(file, &bytes);
        (file, line)
    });
    let machine = world.machine(None);
    let recovery = run(machine.files(), machine.git(), world.root(), |_| ()).unwrap().1;
    drop(machine);
    let with_added = |mut model: Model| {
        if let Some((file, line)) = &added {
            model.files[*file].push(line.clone());
            if let Line::Plain(number) = line {
                model.next = *number;
            }
        }
        model
    };
    let untouched = model.clone();
    let (before, after) = (with_added(model.clone()), with_added(after));
    let did = is_like(world, &after);
    if !did && !is_like(world, &before) {
        // In the middle of a commit nobody knows a hook's work from somebody's: it is set aside.
        let (_, line) = added.as_ref().expect(what);
        assert!(is_like(world, &untouched), "{what}: {result:?}, neither old nor new");
        assert!(world.has_set_aside(&line.text()), "{what}: {line:?} is lost: {recovery:?}");
        *model = untouched;
        return;
    }
    if added.is_some() {
        world.commit();
    }
    // Where old and new are the same, the log alone knows; nothing depends on it but this.
    if before == after {
        *model = before;
    } else {
        *model = if did { after } else { before };
        if did {
            stands[tier] = applies;
        }
    }
}

fn count(variable: &str, default: u64) -> Vec<u64> {
    if let Some(one) = std::env::var("TIERMOD_TEST_HISTORY").ok().and_then(|n| n.parse().ok()) {
        return vec![one];
    }
    let count = std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    (0..count).collect()
}

fn in_parallel(numbers: &[u64], work: impl Fn(u64) + Sync) {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(number) =
                    numbers.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
                {
                    work(*number);
                }
            });
        }
    });
}

#[test]
fn random_histories_without_git_are_as_the_model_says() {
    let numbers = count("TIERMOD_TEST_HISTORIES", 2000);
    in_parallel(&numbers, |number| {
        let mut dice = Dice::new(number + 1);
        let model = Model::new(&mut dice);
        let root = PathBuf::from("/p");
        let files: Vec<_> = model
            .files
            .iter()
            .enumerate()
            .map(|(file, lines)| (root.join(name(file)), text(lines)))
            .collect();
        let world = InMemory { root, disk: Disk::new(&files) };
        history(&world, model, &mut dice, number);
    });
    say(&format!("histories without git: {}", numbers.len()));
}

#[test]
fn random_histories_with_git_are_as_the_model_says() {
    let numbers = count("TIERMOD_TEST_GIT_HISTORIES", 20);
    in_parallel(&numbers, |number| {
        let mut dice = Dice::new(number + 1);
        let model = Model::new(&mut dice);
        let world = WithGit(Sandbox::git());
        for (file, lines) in model.files.iter().enumerate() {
            world.put(file, &text(lines));
        }
        world.commit();
        history(&world, model, &mut dice, number);
    });
    say(&format!("histories with git: {}", numbers.len()));
}
