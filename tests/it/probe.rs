//! What a probe counts, in processes of every kind, and that the program does not notice.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;
use tiermod::probe::{ClassReport, Observed, Options, Session, Targets};

/// A program in a folder of its own, and how it is started.
pub(crate) struct Program {
    folder: TempDir,
    targets: Vec<&'static str>,
    env: Vec<(&'static str, String)>,
    options: Options,
}

/// The class that most tests count.
pub(crate) const MANAGER: &str = "app.manager:Manager";

impl Program {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::default();
        let program = Self { folder, targets: vec![MANAGER], env: vec![], options };
        for (path, text) in files {
            program.write(path, text);
        }
        program
    }

    /// With a plain class as the target.
    pub(crate) fn with_main(main: &str) -> Self {
        let class =
            "class Manager:\n    def __init__(self, url='redis'):\n        self.url = url\n";
        Self::new(&[("app/__init__.py", ""), ("app/manager.py", class), ("main.py", main)])
    }

    pub(crate) fn targets(mut self, targets: &[&'static str]) -> Self {
        self.targets = targets.to_vec();
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    pub(crate) fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let (program, arguments) = words.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path());
        command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it as it is.
    pub(crate) fn plain(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Runs it under observation.
    pub(crate) fn observed(&self, words: &[&str]) -> (Output, Observed) {
        let targets: Vec<_> = self.targets.iter().map(|target| target.parse().unwrap()).collect();
        let session = Session::start(&Targets::from(targets), &self.options).unwrap();
        let path = self.env.iter().find(|(name, _)| *name == "PYTHONPATH");
        let mut command = self.command(words);
        command.envs(session.env(path.map(|(_, value)| value.as_ref())));
        let output = command.output().unwrap();
        let observed = session.finish(&self.path());
        (output, observed)
    }

    /// Runs `main.py`, which must succeed, and gives what was seen of its first target.
    pub(crate) fn class(&self) -> ClassReport {
        let (output, observed) = self.observed(&["python3", "main.py"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(observed.notes, Vec::<String>::new());
        observed.classes.into_iter().next().unwrap()
    }

    /// The places that `main.py` builds from, as `instances path:line`.
    pub(crate) fn places(&self) -> Vec<String> {
        places(&self.class())
    }

    /// That `main.py` does the same with and without observation.
    pub(crate) fn assert_unnoticed(&self) -> Observed {
        let plain = self.plain(&["python3", "main.py"]);
        let (output, observed) = self.observed(&["python3", "main.py"]);
        assert_eq!(text(&plain.stdout), text(&output.stdout));
        assert_eq!(text(&plain.stderr), text(&output.stderr));
        assert_eq!(plain.status, output.status);
        observed
    }
}

pub(crate) fn places(class: &ClassReport) -> Vec<String> {
    class
        .by_place
        .iter()
        .map(|place| format!("{} {}:{}", place.instances, place.path, place.line))
        .collect()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn instances_are_counted_by_the_line_that_built_them() {
    let program = Program::with_main(
        "from app.manager import Manager\n\
         import app.manager as other\n\
         a = Manager()\n\
         def build():\n\
         \x20   return other.Manager(\n\
         \x20       'x',\n\
         \x20   )\n\
         for _ in range(3): build()\n\
         b = [Manager() for _ in range(2)]\n",
    );
    let class = program.class();
    assert_eq!(places(&class), ["3 main.py:5", "2 main.py:9", "1 main.py:3"]);
    assert_eq!((class.instances, class.places), (6, 3));
    assert_eq!((class.processes, class.most_in_one_process), (1, 6));
}

#[test]
fn the_shared_object_is_counted_in_the_module_that_defines_it() {
    let program = Program::new(&[
        ("app/__init__.py", ""),
        ("app/manager.py", "class Manager:\n    pass\n\n\nmanager = Manager()\n"),
        ("main.py", "from app.manager import manager\n"),
    ]);
    assert_eq!(program.places(), ["1 app/manager.py:5"]);
}

#[test]
fn a_class_that_is_never_built_is_counted_as_such() {
    let class = Program::with_main("import app.manager\n").class();
    assert_eq!((class.instances, class.places, class.processes), (0, 0, 0));
}

#[test]
fn every_target_has_its_own_count() {
    let program = Program::new(&[
        ("one.py", "class A:\n    class Inner:\n        pass\n"),
        ("two.py", "class B:\n    pass\nclass Unwatched:\n    pass\n"),
        ("main.py", "import one, two\none.A(); one.A(); one.A.Inner(); two.B(); two.Unwatched()\n"),
    ])
    .targets(&["one:A", "one:A.Inner", "two:B", "one:A"]);
    let (_, observed) = program.observed(&["python3", "main.py"]);
    let counts: Vec<_> =
        observed.classes.iter().map(|class| (class.class.as_str(), class.instances)).collect();
    assert_eq!(counts, [("one:A", 2), ("one:A.Inner", 1), ("two:B", 1)]);
}

#[test]
fn a_re_exported_class_can_be_named_where_it_is_exported() {
    let program = Program::new(&[
        ("app/__init__.py", "from app._impl import Manager\n"),
        ("app/_impl.py", "class Manager:\n    pass\n"),
        ("main.py", "from app import Manager\nManager()\n"),
    ])
    .targets(&["app:Manager"]);
    assert_eq!(program.places(), ["1 main.py:2"]);
}

#[test]
fn a_target_that_is_not_there_is_said() {
    let program = Program::with_main("import app.manager\n").targets(&[
        "app.manager:Missing",
        "app.manager:Manager.url",
        "app:manager",
    ]);
    let (_, observed) = program.observed(&["python3", "main.py"]);
    assert_eq!(
        observed.notes,
        [
            "app.manager:Manager.url is not there",
            "app.manager:Missing is not there",
            "app:manager is not there"
        ]
    );
}

#[test]
fn a_target_that_is_no_class_is_said() {
    let program = Program::new(&[
        ("tools.py", "def build():\n    pass\n"),
        ("main.py", "import tools, datetime\n"),
    ])
    .targets(&["tools:build", "datetime:date"]);
    let (_, observed) = program.observed(&["python3", "main.py"]);
    assert_eq!(observed.notes[0], "datetime:date cannot be counted: it is not written in Python");
    assert_eq!(observed.notes[1], "tools:build is not a class");
}

#[test]
fn threads_lose_no_count() {
    let program = Program::with_main(
        "import sys, threading\n\
         from app.manager import Manager\n\
         sys.setswitchinterval(1e-6)\n\
         def build():\n\
         \x20   for _ in range(2000): Manager()\n\
         threads = [threading.Thread(target=build) for _ in range(8)]\n\
         for thread in threads: thread.start()\n\
         for thread in threads: thread.join()\n",
    );
    assert_eq!(program.places(), ["16000 main.py:5"]);
}

#[test]
fn coroutines_are_counted_at_their_lines() {
    let program = Program::with_main(
        "import asyncio\n\
         from app.manager import Manager\n\
         async def build():\n\
         \x20   await asyncio.sleep(0)\n\
         \x20   return Manager()\n\
         async def main():\n\
         \x20   await asyncio.gather(*(build() for _ in range(5)))\n\
         asyncio.run(main())\n",
    );
    assert_eq!(program.places(), ["5 main.py:5"]);
}

#[test]
fn more_places_than_there_is_room_for_are_counted_together() {
    let lines = "Manager()\n".repeat(5000);
    let class = Program::with_main(&format!("from app.manager import Manager\n{lines}")).class();
    assert_eq!(class.instances, 5000);
    assert!(places(&class).iter().any(|place| place.ends_with("(other places):0")));
    assert!(class.places > 4000);
}

#[test]
fn a_script_that_changes_its_folder_keeps_its_paths() {
    let program = Program::with_main(
        "import os\nfrom app.manager import Manager\nos.chdir('/')\nManager()\n",
    );
    assert_eq!(program.places(), ["1 main.py:4"]);
}

#[test]
fn a_program_that_closes_every_file_is_still_counted() {
    let program = Program::with_main(
        "import os\nfrom app.manager import Manager\nManager()\nos.closerange(3, 256)\n\
         kept = [open(__file__) for _ in range(5)]\nManager()\nManager('x')\n\
         print([file.readable() for file in kept])\n",
    );
    assert_eq!(program.places(), ["1 main.py:3", "1 main.py:6", "1 main.py:7"]);
    program.assert_unnoticed();
}

#[test]
fn names_that_are_no_text_do_no_harm() {
    let program = Program::with_main("");
    program.write(
        "maé\tin.py",
        "from app.manager import Manager\nclass Ünder(Manager): pass\nÜnder()\n",
    );
    let (output, observed) = program.observed(&["python3", "maé\tin.py"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(places(&observed.classes[0]), ["1 maé\tin.py:3"]);
    assert_eq!(observed.classes[0].by_place[0].class.as_deref(), Some("__main__:Ünder"));
}

#[test]
fn a_probe_that_cannot_write_lets_the_program_run() {
    let program = Program::with_main(
        "import os, shutil\nfrom app.manager import Manager\nManager()\n\
         shutil.rmtree(os.environ['TIERMOD_PROBE'])\nManager('again')\nprint(Manager('x').url)\n",
    );
    let (output, observed) = program.observed(&["python3", "main.py"]);
    assert_eq!(text(&output.stdout), "x\n");
    assert_eq!(text(&output.stderr), "");
    assert!(observed.notes.iter().any(|note| note.contains("cannot be read")));
}

#[test]
fn generated_code_counts_for_the_line_that_called_it() {
    let program = Program::with_main(
        "import dataclasses, copy, pickle\n\
         from app.manager import Manager\n\
         @dataclasses.dataclass\n\
         class Service:\n\
         \x20   manager: Manager = dataclasses.field(default_factory=Manager)\n\
         service = Service()\n\
         copy.copy(service.manager)\n\
         copy.deepcopy(service)\n\
         pickle.loads(pickle.dumps(service.manager))\n\
         list(map(Manager, 'ab'))\n",
    );
    assert_eq!(
        program.places(),
        ["2 main.py:10", "1 main.py:6", "1 main.py:7", "1 main.py:8", "1 main.py:9"]
    );
}

#[test]
fn a_module_run_by_name_and_code_on_the_command_line_are_counted() {
    let program = Program::with_main("");
    program.write("tool.py", "from app.manager import Manager\nManager()\n");
    let (_, observed) = program.observed(&["python3", "-m", "tool"]);
    assert_eq!(places(&observed.classes[0]), ["1 tool.py:2"]);
    let (_, observed) =
        program.observed(&["python3", "-c", "from app.manager import Manager; Manager()"]);
    assert_eq!(places(&observed.classes[0]), ["1 <string>:1"]);
}

#[test]
fn byte_code_and_archives_are_counted() {
    let program = Program::with_main(
        "import sys\nsys.path.insert(0, 'lib.zip')\nfrom app.manager import Manager\nManager()\n",
    );
    let make = "import zipfile, shutil, compileall\n\
        compileall.compile_dir('app', quiet=1, legacy=True)\n\
        zipfile.ZipFile('lib.zip', 'w').write('app/__init__.pyc')\n\
        archive = zipfile.ZipFile('lib.zip', 'a')\n\
        archive.write('app/manager.py')\n\
        shutil.rmtree('app')\n";
    assert!(program.plain(&["python3", "-c", make]).status.success());
    assert_eq!(program.places(), ["1 main.py:4"]);
    let program = Program::with_main("from app.manager import Manager\nManager()\n");
    let make = "import compileall, os\n\
        compileall.compile_dir('app', quiet=1, legacy=True)\nos.remove('app/manager.py')\n";
    assert!(program.plain(&["python3", "-c", make]).status.success());
    assert_eq!(program.places(), ["1 main.py:2"]);
}

#[test]
fn paths_outside_the_project_are_shown_whole() {
    let library = tempfile::tempdir().unwrap();
    let library = library.path().canonicalize().unwrap();
    fs::write(library.join("outside.py"), "def build(cls):\n    return cls()\n").unwrap();
    let program = Program::with_main(
        "from app.manager import Manager\nimport outside\noutside.build(Manager)\n",
    )
    .env("PYTHONPATH", library.display().to_string());
    assert_eq!(program.places(), [format!("1 {}/outside.py:2", library.display())]);
}
