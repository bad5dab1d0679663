//! One outcome in which every kind of site, finding and trouble occurs.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be built fails its tests")]

use tiermod::fs::ProjectPath;
use tiermod::plan::{FilePlan, Plan, Unproven};
use tiermod::project::{Failure, Source};
use tiermod::report::html::TransformInfo;
use tiermod::report::status::{Applied, GateRow, GateState, Row, State};
use tiermod::report::{Finding, Isolation, TierInfo};
use tiermod::site::{Reason, Site, SiteKind, Suggestion, Verdict};
use tiermod::text::{Edit, LineColumn, Lines, TextRange, size};

const SYMBOL: &str = "app.redis_manager:RedisManager";

pub(super) fn tiers() -> [TierInfo<'static>; 4] {
    [
        TierInfo { name: "websocket", summary: "WebSocket core", risk: Some("high") },
        TierInfo { name: "agents", summary: "Agent execution", risk: Some("medium") },
        TierInfo { name: "tests", summary: "", risk: None },
        TierInfo { name: "tools", summary: "Nothing to do here", risk: Some("low") },
    ]
}

pub(super) fn transforms() -> [TransformInfo<'static>; 1] {
    [TransformInfo {
        name: "redis-singleton",
        summary: "Use the shared Redis manager instead of building another",
        docs: "Every `RedisManager()` opens a pool of its own.\n\n- **Who closes it.** Only the \
               process's shutdown may.\n- **Keys.** Every key of a user's has to be \
               `user:{user_id}:{operation}`.\n",
    }]
}

/// A file, as it is and, where it changes, as it will be.
struct File {
    path: &'static str,
    tier: Option<usize>,
    old: &'static str,
    new: &'static str,
}

const AUTH: File = File {
    path: "app/websocket/auth.py",
    tier: Some(0),
    old: "\"\"\"Who opens the connection.\"\"\"\n\nfrom app.redis_manager import RedisManager, \
          RedisUnavailable\n\n\nclass Authenticator:\n    def __init__(self):\n        self.redis = \
          RedisManager()  # one pool for each handshake\n\n    async def ready(self):\n        \
          try:\n            await self.redis.ping()\n        except RedisUnavailable:\n            \
          return False\n        return True\n",
    new: "\"\"\"Who opens the connection.\"\"\"\n\nfrom app.redis_manager import RedisUnavailable, \
          redis_manager\n\n\nclass Authenticator:\n    def __init__(self):\n        self.redis = \
          redis_manager  # one pool for each handshake\n\n    async def ready(self):\n        \
          try:\n            await self.redis.ping()\n        except RedisUnavailable:\n            \
          return False\n        return True\n",
};

const MANAGER: File = File {
    path: "app/websocket/manager.py",
    tier: Some(0),
    old: "from app.redis_manager import RedisManager\n\n\nclass Manager:\n    def __init__(self, \
          redis_manager: RedisManager | None = None):\n        self.redis = redis_manager or \
          RedisManager()\n",
    new: "from app.redis_manager import RedisManager\nfrom app.redis_manager import redis_manager \
          as shared_redis_manager\n\n\nclass Manager:\n    def __init__(self, redis_manager: \
          RedisManager | None = None):\n        self.redis = redis_manager or \
          shared_redis_manager\n",
};

const STATE: File = File {
    path: "app/agents/state.py",
    tier: Some(1),
    old: "from app.storage import RedisManager\n\nstore = RedisManager()\n",
    new: "from app.redis_manager import redis_manager\n\nstore = redis_manager\n",
};

const REGISTRY: File = File {
    path: "app/agents/registry.py",
    tier: Some(1),
    old: "from app.redis_manager import RedisManager\n\nMANAGERS = {\"redis\": RedisManager}\n\
          archive = RedisManager(\n    url=\"redis://archive:6379/0\",\n)\n",
    new: "",
};

const BROKEN: File = File {
    path: "app/agents/broken.py",
    tier: Some(1),
    old: "def get(:\n    return RedisManager()\n",
    new: "",
};

const TEST: File = File {
    path: "tests/test_close.py",
    tier: Some(2),
    old: "from app.redis_manager import RedisManager\n\n\nasync def test_close():\n\tmanager = \
          RedisManager()\n\tawait manager.close()\n\n\n# Not RedisManager() of tests/stubs.py\n\
          probe = RedisManager()  # tiermod: ignore[TM001] the probe needs its own connection\n",
    new: "",
};

const DEFINITION: File = File {
    path: "app/redis_manager.py",
    tier: None,
    old: "class RedisManager:\n    pass\n\n\nredis_manager = RedisManager()\n",
    new: "",
};

impl File {
    fn path(&self) -> ProjectPath {
        ProjectPath::new(self.path).unwrap()
    }

    /// The site whose text is the `nth` (from 0) occurrence of `needle`.
    fn site(&self, needle: &str, nth: usize, verdict: Verdict, reason: Reason, say: &str) -> Site {
        let lines = Lines::new(self.old);
        let (start, _) = self.old.match_indices(needle).nth(nth).unwrap();
        let range = TextRange::at(size(start), size(needle.len()));
        let from = lines.position(range.start());
        Site {
            path: self.path(),
            range,
            start: from,
            end: lines.position(range.end()),
            source_line: lines.line_text(from.line).to_owned(),
            transform: "redis-singleton".to_owned(),
            symbol: SYMBOL.to_owned(),
            kind: SiteKind::Class,
            tier: self.tier,
            verdict,
            reason,
            message: say.to_owned(),
            suggestion: None,
            chain: vec![
                format!("`RedisManager` is imported in {}, line 1", self.path),
                "app/redis_manager.py defines it, line 1".to_owned(),
            ],
        }
    }

    fn plan(&self, notes: &[(std::ops::Range<u32>, &str)], why: &[&str]) -> FilePlan {
        FilePlan {
            source: Source::new(&self.path(), self.old.as_bytes()).unwrap().into(),
            tier: self.tier,
            new: self.new.as_bytes().to_vec(),
            edits: Vec::new(),
            notes: notes.iter().map(|(lines, note)| (lines.clone(), (*note).to_owned())).collect(),
            why: why.iter().map(|why| (*why).to_owned()).collect(),
        }
    }
}

/// The plan.
pub(super) fn plan() -> Plan {
    let another = "builds another `RedisManager`";
    let plain = Reason::DirectInstantiation;
    let class_as_value = Site {
        suggestion: Some(suggestion(
            &REGISTRY,
            "{\"redis\": RedisManager}",
            10,
            "RedisManager",
            "hand on a function that returns the shared object",
            "lambda: redis_manager",
        )),
        ..REGISTRY.site(
            "RedisManager",
            1,
            Verdict::Review,
            Reason::ClassAsValue,
            "the class itself is a value of a dict: what is done with it there is not known",
        )
    };
    let lifecycle = Site {
        suggestion: Some(Suggestion {
            message: "remove `await manager.close()` on line 6".to_owned(),
            edits: Vec::new(),
            places: Vec::new(),
        }),
        ..TEST.site(
            "RedisManager()",
            0,
            Verdict::Review,
            Reason::Lifecycle,
            "the object is closed here: `await manager.close()` on line 6",
        )
    };
    let sites = vec![
        Site {
            verdict: Verdict::Review,
            reason: Reason::DoesNotParse,
            message: "expected a parameter".to_owned(),
            chain: Vec::new(),
            ..BROKEN.site(":", 0, Verdict::Review, Reason::DoesNotParse, "")
        },
        class_as_value,
        REGISTRY.site(
            "RedisManager(\n    url=\"redis://archive:6379/0\",\n)",
            0,
            Verdict::Review,
            Reason::Arguments,
            "the constructor gets arguments, which the shared object cannot have",
        ),
        STATE.site(
            "RedisManager()",
            0,
            Verdict::Rewrite,
            Reason::ImportCycle,
            "the import would close a cycle: app.redis_manager imports app.agents.state",
        ),
        DEFINITION.site(
            "RedisManager()",
            0,
            Verdict::Keep,
            Reason::Definition,
            "this module defines `app.redis_manager:RedisManager` or the shared object",
        ),
        AUTH.site("RedisManager()", 0, Verdict::Rewrite, plain, another),
        MANAGER.site("RedisManager()", 0, Verdict::Rewrite, plain, another),
        lifecycle,
        Site {
            chain: Vec::new(),
            ..TEST.site(
                "RedisManager(",
                1,
                Verdict::Keep,
                Reason::StringOrComment,
                "a comment mentions the call",
            )
        },
        TEST.site(
            "RedisManager()",
            2,
            Verdict::Keep,
            plain,
            "ignored: the probe needs its own connection",
        ),
    ];
    Plan {
        findings: Vec::new(),
        sites,
        files: vec![
            STATE.plan(
                &[(1..4, "redis-singleton TM112 rewrite, accepted")],
                &["the re-export does not carry the shared object: the import is a new statement"],
            ),
            AUTH.plan(
                &[(8..9, "redis-singleton TM001 rewrite")],
                &["the import that brings the old name can bring the new one"],
            ),
            MANAGER.plan(
                &[(1..7, "redis-singleton TM001 rewrite")],
                &[
                    "the old import stays: an annotation needs it",
                    "as `shared_redis_manager`: `redis_manager` is a parameter",
                ],
            ),
        ],
        inputs: Vec::new(),
        unproven: vec![Unproven {
            path: ProjectPath::new("app/agents/odd.py").unwrap(),
            tier: Some(1),
            message: "`redis_manager` on line 12 would mean something else".to_owned(),
        }],
        failures: vec![
            failure(BROKEN.path, 1, 9, "expected a parameter", "def get(:"),
            failure("app/agents/latin.py", 3, 1, "line 3 is not valid utf-8", ""),
        ],
        searched: 214,
        parsed: 9,
        problems: Vec::new(),
        warnings: vec!["the tier `tools` matches no file".to_owned()],
    }
}

fn failure(
    path: &str,
    line: u32,
    column: u32,
    message: &str,
    source: &str,
) -> (ProjectPath, Failure) {
    let failure = Failure {
        position: LineColumn { line, column },
        message: message.to_owned(),
        source_line: source.to_owned(),
    };
    (ProjectPath::new(path).unwrap(), failure)
}

/// Replaces `text`, which is `inside` bytes into the occurrence of `around`.
fn suggestion(
    file: &File,
    around: &str,
    inside: usize,
    text: &str,
    message: &str,
    by: &str,
) -> Suggestion {
    let start = file.old.find(around).unwrap() + inside;
    let range = TextRange::at(size(start), size(text.len()));
    let lines = Lines::new(file.old);
    let place = (lines.position(range.start()), lines.position(range.end()));
    let edits = vec![Edit::replace(range, by)];
    Suggestion { message: message.to_owned(), edits, places: vec![place] }
}

/// What an isolation audit found.
pub(super) fn findings() -> Vec<Finding> {
    let finding = |line, verdict, source: &str, message: &str| Finding {
        path: ProjectPath::new("app/websocket/presence.py").unwrap(),
        start: LineColumn { line, column: 11 },
        end: LineColumn { line, column: u32::try_from(source.len()).unwrap() + 1 },
        source_line: source.to_owned(),
        symbol: "app.redis_manager:redis_manager".to_owned(),
        verdict,
        message: message.to_owned(),
        deny: true,
    };
    vec![
        finding(
            8,
            Isolation::Namespaced,
            "    await redis_manager.get(f\"user:{user_id}:presence\")",
            "the key is `user:{user_id}:presence`",
        ),
        finding(
            14,
            Isolation::NotNamespaced,
            "    await redis_manager.set(\"last_seen\", now)",
            "the key is `last_seen`: every user has the same one",
        ),
        finding(
            21,
            Isolation::CannotTell,
            "    await redis_manager.delete(key)",
            "the key is the parameter `key`",
        ),
    ]
}

/// A finding that is not namespaced.
pub(super) fn finding(deny: bool) -> Finding {
    let finding = findings().into_iter().find(|one| one.verdict == Isolation::NotNamespaced);
    Finding { deny, ..finding.unwrap() }
}

/// The tiers as they stand.
pub(super) fn rows() -> Vec<Row> {
    let row = |number, tier: &str, state| Row {
        tier: tier.to_owned(),
        number,
        summary: String::new(),
        files: 7,
        done: 0,
        left: 0,
        held: 0,
        state,
        applied: None,
        rolled_back: None,
        gates: Vec::new(),
    };
    let applied = |when: &str, commit: &str| {
        Some(Applied { when: when.to_owned(), by: "Release".to_owned(), commit: commit.to_owned() })
    };
    let gate = |name: &str, status, figure: Option<&str>| GateRow {
        name: name.to_owned(),
        status,
        figure: figure.map(str::to_owned),
    };
    vec![
        Row {
            summary: "WebSocket core".to_owned(),
            done: 8,
            applied: applied("2026-01-12 09:30", "4f1d2c3b5a697887766554433221100ffeeddccb"),
            gates: vec![
                gate("websocket events", GateState::Passed, None),
                gate("connections", GateState::Passed, Some("12 <= 43")),
            ],
            ..row(1, "websocket", State::Applied)
        },
        Row {
            files: 12,
            done: 9,
            left: 3,
            held: 1,
            applied: applied("2026-01-13 17:05", ""),
            gates: vec![
                gate("memory", GateState::Failed, Some("512 > 1.10 * 440")),
                gate("flaky", GateState::KnownFailing, None),
            ],
            ..row(2, "agents", State::Partial)
        },
        Row {
            left: 15,
            applied: applied("2026-01-14 08:00", "00aa11bb22cc33dd44ee55ff66778899aabbccdd"),
            rolled_back: Some("2026-01-14 08:20".to_owned()),
            gates: vec![gate("connections", GateState::NotRun, None)],
            ..row(3, "startup", State::RolledBack)
        },
        Row { left: 8, held: 4, files: 4, ..row(4, "tests", State::Pending) },
    ]
}
