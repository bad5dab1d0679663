//! Audits: which calls are on the shared object, and what is said of their keys.

use clap::ValueEnum as _;
use tiermod::isolation::{Finding, Verdict};
use tiermod::plan::Plan;
use tiermod::report::Outcome;
use tiermod::report::check::{Format, render};
use tiermod::report::style::Style;
use tiermod::run::{OneTier, RunError};
use tiermod::site::Reason;

use crate::memory;

mod whole; // What tells users apart, and whether all of it is there.

const MANAGER: &str = "class RedisManager:
    def get(self, key): ...


redis_manager = RedisManager()


def get_redis_manager():
    return redis_manager


async def connected():
    return redis_manager
";

const KEYS: &str = "PREFIX = 'user'
FORM = 'user:{user_id}:{operation}'


def user_key(user_id, operation='x'):
    return f'{PREFIX}:{user_id}:{operation}'


def either(user_id, is_new):
    if is_new:
        return f'user:{user_id}:new'
    return f'old:{user_id}'


class Keys:
    @staticmethod
    def of(user_id, *parts):
        return ':'.join(['user', str(user_id), 'x'])
";

const TRANSFORM: &str = "name = 'redis'
summary = 'Share it'
[[singleton]]
class = 'app.redis_manager:RedisManager'
instance = 'app.redis_manager:redis_manager'
[[isolation]]
on = 'app.redis_manager:redis_manager'
methods = ['get', 'set']
key = 'user:{user_id}:{operation}'
";

fn planned(transform: &str, files: &[(&str, &str)]) -> Result<Plan, RunError> {
    let base = [("app/__init__.py", ""), ("app/redis_manager.py", MANAGER), ("app/keys.py", KEYS)];
    let files = base.iter().chain(files).copied();
    memory::plan(files, &[memory::transform("redis", transform)], &OneTier::default())
}

fn plan(transform: &str, files: &[(&str, &str)]) -> Plan {
    planned(transform, files).unwrap_or_else(|error| panic!("{error}"))
}

fn audited(service: &str) -> Vec<Finding> {
    plan(TRANSFORM, &[("app/service.py", service)]).findings
}

/// The verdict on the one key of a function that has `user_id`, `op`, `x` and `data`.
#[track_caller]
fn verdict(setup: &str, key: &str) -> (Verdict, String) {
    let service = format!(
        "from app import keys\nfrom app.keys import FORM, PREFIX, Keys, either, user_key\n\
         from app.redis_manager import redis_manager\nOWN = 'user:%s:own'\n\n\
         class Service:\n    prefix = 'user'\n\n\
         \x20   def __init__(self, user_id):\n\
         \x20       self.user_id = user_id\n\
         \x20       self.key = f'user:{{user_id}}:state'\n\n\
         \x20   def _key(self, op):\n        return f'user:{{self.user_id}}:{{op}}'\n\n\
         \x20   async def run(self, user_id, op, x, data):\n        {setup}\n\
         \x20       return await redis_manager.get({key})\n"
    );
    let found = audited(&service);
    let [only] = found.as_slice() else { panic!("{found:?}\n{service}") };
    (only.verdict, only.message.clone())
}

#[track_caller]
fn all_are(expected: Verdict, cases: &[(&str, &str)]) {
    for (setup, key) in cases {
        let (found, message) = verdict(setup, key);
        assert_eq!(found, expected, "{setup}\n{key}\n{message}");
    }
}

#[test]
fn keys_of_one_user_are_namespaced() {
    all_are(
        Verdict::Namespaced,
        &[
            ("", "f'user:{user_id}:{op}'"),
            ("", "f'user:{user_id}:cache:{x}'"),
            ("", "f'user:{data[\"user_id\"]}:x'"),
            ("", "f'user:{self.user_id!s}:x'"),
            ("", "f'user:{int(user_id)}:x'"),
            ("", "'user:%s:%s' % (user_id, op)"),
            ("", "'user:%(u)s:x' % {'u': user_id}"),
            ("", "OWN % user_id"),
            ("", "'user:{}:{}'.format(user_id, op)"),
            ("", "'user:{1}:{0}'.format(op, user_id)"),
            ("", "FORM.format(user_id=user_id, operation='x')"),
            ("", "keys.FORM.format(operation=op, user_id=x.id)"),
            ("", "'user:' + str(user_id) + ':' + op"),
            ("", "PREFIX + ':' + user_id + ':x'"),
            ("", "f'{PREFIX}:{user_id}' ':x'"),
            ("", "':'.join(['user', user_id, op])"),
            ("", "':'.join((self.prefix, str(user_id), op, x))"),
            ("", "user_key(user_id, op)"),
            ("", "user_key(user_id)"),
            ("", "keys.user_key(operation='y', user_id=self.user_id)"),
            ("", "Keys.of(user_id)"),
            ("", "self._key(op)"),
            ("", "self.key"),
            ("", "key=f'user:{user_id}:x'"),
            ("key = f'user:{user_id}:x'", "key"),
            ("suffix = ':x'", "f'user:{user_id}' + suffix"),
            ("kind = 'a' if x else 'b'", "f'user:{user_id}:{kind}'"),
            ("", "f'user:{user_id}:a' if x else f'user:{user_id}:b'"),
            ("", "(k := f'user:{user_id}:x')"),
        ],
    );
}

#[test]
fn keys_in_which_users_meet_are_not() {
    all_are(
        Verdict::NotNamespaced,
        &[
            ("", "'session'"),
            ("", "''"),
            ("", "f'session:{user_id}'"),
            ("", "f'cache:{x}'"),
            ("", "f'users:{user_id}:{op}'"),
            ("", "f'user:{user_id}'"),
            ("", "f'user:{user_id}:'"),
            ("", "f'user::{op}'"),
            ("", "f'user-{user_id}-{op}'"),
            ("", "'user:123:x'"),
            ("", "f'user:{42}:x'"),
            ("", "f'user:{None}:x'"),
            ("", "f'user:all:{op}'"),
            ("", "f'user:all:{user_id}'"),
            ("", "f'user:{op}:{user_id}'"),
            ("", "'user:%d' % 3"),
            ("", "'cache:' + x"),
            ("", "':'.join(['cache', x])"),
            ("", "user_key('system', op)"),
            ("", "f'{user_id}:{op}'"),
            ("", "either(user_id, x)"),
            ("key = f'user:{user_id}:x' if x else 'none'", "key"),
            ("", "str(user_id)"),
        ],
    );
}

#[test]
fn a_key_may_be_as_long_as_a_file() {
    let long = "x".repeat(300_000);
    let (found, _) = verdict("", &format!("f'user:{{user_id}}:{long}'"));
    assert_eq!(found, Verdict::Namespaced);
    let (found, _) = verdict("", &format!("'{long}'"));
    assert_eq!(found, Verdict::NotNamespaced);
}

#[test]
fn keys_that_may_be_of_one_user_cannot_be_told() {
    all_are(
        Verdict::CannotTell,
        &[
            ("", "x"),
            ("", "data['key']"),
            ("", "f'{x}'"),
            ("", "f'{x}:{user_id}:{op}'"),
            ("", "x + user_id"),
            ("", "x % user_id"),
            ("", "x.format(user_id=user_id)"),
            ("", "':'.join(data)"),
            ("", "f'user:{x}'"),
            ("", "'user:' + x"),
            ("", "self.unknown_key()"),
            ("", "make_key(user_id)"),
            ("", "x.join(['user', user_id, op])"),
            ("", "*data"),
            ("", "**data"),
            ("key = 'user:'\n        key += user_id", "key"),
            ("for key in data: pass", "key"),
            ("", "f'user:{user_id}:{op}'.lower()"),
            ("", "(lambda: x)()"),
        ],
    );
}

#[test]
fn the_object_is_reached_in_many_ways() {
    let import = "from app.redis_manager import RedisManager, get_redis_manager, redis_manager\n";
    for service in [
        "def f():\n    redis_manager.get('k')\n",
        "from app import redis_manager as r\ndef f():\n    r.redis_manager.get('k')\n",
        "import app.redis_manager\ndef f():\n    app.redis_manager.redis_manager.get('k')\n",
        "from app.redis_manager import redis_manager as shared\ndef f():\n    shared.get('k')\n",
        "def f():\n    r = redis_manager\n    r.get('k')\n",
        "def f():\n    get_redis_manager().get('k')\n",
        "def f():\n    r = get_redis_manager()\n    r.get('k')\n",
        "from app.redis_manager import connected\nasync def f():\n    await (await connected()).get('k')\n",
        "def own():\n    return redis_manager\ndef f():\n    own().get('k')\n",
        "def f():\n    RedisManager().get('k')\n",
        "def f():\n    r = RedisManager()\n    r.get('k')\n",
        "REDIS = RedisManager()\ndef f():\n    REDIS.get('k')\n",
        "def f(r=redis_manager):\n    r.get('k')\n",
        "def f(r=None):\n    r = r or redis_manager\n    r.get('k')\n",
        "def f(r=None):\n    (r or RedisManager()).get('k')\n",
        "def f(r=None):\n    (redis_manager if r is None else r).get('k')\n",
        "def f(r: RedisManager):\n    r.get('k')\n",
        "def f(r: RedisManager | None = None):\n    r.get('k')\n",
        "from typing import Optional\ndef f(r: Optional[RedisManager] = None):\n    r.get('k')\n",
        "def f(r=Depends(get_redis_manager)):\n    r.get('k')\n",
        "def f(r):\n    r.get('k')\ndef g():\n    f(redis_manager)\n",
        "def f(*, r):\n    r.get('k')\ndef g():\n    f(r=redis_manager)\n",
        "get = redis_manager.get\ndef f():\n    get('k')\n",
        "def f():\n    getattr(f, 'redis', redis_manager).get('k')\n",
        "class S:\n    def __init__(self):\n        self.redis = redis_manager\n    def f(self):\n        self.redis.get('k')\n",
        "class S:\n    def __init__(self, redis=None):\n        self.redis = redis or RedisManager()\n    def f(self):\n        self.redis.get('k')\n",
        "class S:\n    def __init__(self, redis):\n        self.redis = redis\n    def f(self):\n        self.redis.get('k')\ndef g():\n    S(redis_manager)\n",
        "class S:\n    redis = redis_manager\n    def f(self):\n        self.redis.get('k')\n",
        "class S:\n    redis: object = field(default_factory=RedisManager)\n    def f(self):\n        self.redis.get('k')\n",
        "class S:\n    redis: object = field(default_factory=lambda: redis_manager)\n    def f(self):\n        self.redis.get('k')\n",
        "class S:\n    @property\n    def redis(self):\n        return redis_manager\n    def f(self):\n        self.redis.get('k')\n",
        "class S:\n    def redis(self):\n        return redis_manager\n    def f(self):\n        self.redis().get('k')\n",
        "class B:\n    def __init__(self):\n        self.redis = redis_manager\nclass S(B):\n    def f(self):\n        self.redis.get('k')\n",
    ] {
        let found = audited(&format!("{import}{service}"));
        let [only] = found.as_slice() else { panic!("{found:?}\n{service}") };
        assert_eq!(only.verdict, Verdict::NotNamespaced, "{service}");
        assert!(only.source_line.contains("('k')"), "{}", only.source_line);
    }
}

#[test]
fn names_of_other_modules_are_followed() {
    for (deps, service) in [
        (
            "from app.redis_manager import RedisManager\nredis = RedisManager()\n",
            "from app.deps import redis\n# RedisManager\ndef f():\n    redis.get('k')\n",
        ),
        (
            "from app.redis_manager import redis_manager\n",
            "from app.deps import redis_manager\ndef f():\n    redis_manager.get('k')\n",
        ),
        (
            "from app.redis_manager import redis_manager\nclass Base:\n    def __init__(self):\n        self.redis = redis_manager\n",
            "from app.deps import Base\n# redis_manager\nclass S(Base):\n    def f(self):\n        self.redis.get('k')\n",
        ),
    ] {
        let plan = plan(TRANSFORM, &[("app/deps.py", deps), ("app/service.py", service)]);
        let [only] = plan.findings.as_slice() else { panic!("{:?}\n{service}", plan.findings) };
        assert_eq!(only.path.to_slash(), "app/service.py");
    }
}

#[test]
fn other_objects_and_other_methods_are_not_audited() {
    let import = "from app.redis_manager import RedisManager, redis_manager\n";
    for service in [
        "def f():\n    redis_manager.ping('k')\n",
        "def f():\n    redis_manager.client.get('k')\n",
        "def f():\n    {}.get('k')\n",
        "def f(redis_manager):\n    redis_manager.get('k')\n",
        "def f(cache):\n    cache.get('k')\n",
        "def f(r: dict = {}):\n    r.get('k')\n",
        "def f():\n    redis_manager = {}\n    redis_manager.get('k')\n",
        "def f():\n    RedisManager('other').get('k')\n",
        "def f():\n    RedisManager.get('k')\n",
        "def f():\n    redis_manager.get()\n",
        "def f():\n    return redis_manager.get\n",
        "class S:\n    def __init__(self, redis):\n        self.redis = redis\n    def f(self):\n        self.redis.get('k')\n",
        "class S:\n    def __init__(self):\n        self.redis = {}\n    def f(self):\n        self.redis.get('k')\n",
        "class S:\n    redis = redis_manager\nclass T:\n    def f(self):\n        self.redis.get('k')\n",
        "class S:\n    redis = redis_manager\n    @staticmethod\n    def f(self):\n        self.redis.get('k')\n",
        "'redis_manager.get(\"k\")'\n# redis_manager.get('k')\n",
    ] {
        let found = audited(&format!("{import}{service}"));
        assert!(found.is_empty(), "{found:?}\n{service}");
    }
}

#[test]
fn a_choice_between_a_name_and_itself_is_listed() {
    let listed = "class S:\n    def __init__(self, redis_manager=None):\n        self.redis = redis_manager or redis_manager\n";
    let found = audited(listed);
    let [only] = found.as_slice() else { panic!("{found:?}") };
    let message =
        "both sides of this `or` are `redis_manager`: the shared object is never its default";
    assert_eq!((only.verdict, only.message.as_str()), (Verdict::CannotTell, message));
    assert_eq!((only.start.line, only.start.column), (3, 22));
    for other in [
        "def f(redis_manager=None, x=None):\n    return redis_manager or x\n",
        "def f(redis_manager=None, x=None):\n    return x or x\n",
        "def f(redis_manager=None):\n    return redis_manager and redis_manager\n",
        "from app.redis_manager import redis_manager as shared\ndef f(redis_manager=None):\n    return redis_manager or shared\n",
    ] {
        assert!(audited(other).is_empty(), "{other}");
    }
}

#[test]
fn a_comment_with_a_reason_takes_a_call_out() {
    let call =
        "from app.redis_manager import redis_manager\ndef f():\n    redis_manager.get('news')";
    let with = |comment: &str| audited(&format!("{call}  # {comment}\n"));
    assert_eq!(with("").len(), 1);
    assert!(with("tiermod: ignore[isolation] because all see the same").is_empty());
    assert!(with("tiermod: ignore[TM001, isolation]: all see the same").is_empty());
    assert_eq!(with("tiermod: ignore[TM001] because").len(), 1);
    let [only] = &*with("tiermod: ignore[isolation]") else { panic!() };
    assert!(only.message.ends_with("; the `ignore` here does not say why"), "{}", only.message);
    // A site on the line is not settled by it, nor held for it.
    let service = "from app.redis_manager import RedisManager\ndef f():\n    \
                   RedisManager().get('news')  # tiermod: ignore[isolation] because all see it\n";
    let plan = plan(TRANSFORM, &[("app/service.py", service)]);
    assert!(plan.findings.is_empty());
    assert!(plan.sites.iter().any(|site| site.reason == Reason::DirectInstantiation
        && site.path.to_slash() == "app/service.py"
        && site.verdict == tiermod::site::Verdict::Rewrite));
}

#[test]
fn messages_say_the_key() {
    for (setup, key, message) in [
        ("", "f'user:{user_id}:{op}'", "the key is `user:{user_id}:{op}`"),
        ("", "f'cache:{x}'", "the key is `cache:{x}`, which is not `user:{user_id}:{operation}`"),
        ("", "'user:1:x'", "the key is `user:1:x`, the same for every user"),
        (
            "",
            "x",
            "the key is `{x}`, and whether that is `user:{user_id}:{operation}` is not seen here",
        ),
        (
            "",
            "either(user_id, x)",
            "the key is `old:{user_id}`, which is not `user:{user_id}:{operation}`",
        ),
        ("", "*data", "the key is among arguments that are unpacked"),
    ] {
        assert_eq!(verdict(setup, key).1, message);
    }
}

#[test]
fn every_format_lists_the_findings_and_deny_decides() {
    let service =
        "from app.redis_manager import redis_manager\ndef f():\n    redis_manager.get('k')\n";
    for (transform, is_settled) in
        [(TRANSFORM.to_owned(), true), (format!("{TRANSFORM}deny = true\n"), false)]
    {
        let plan = plan(&transform, &[("app/service.py", service)]);
        assert!(!plan.has_open_sites());
        let outcome = Outcome::new(&plan, &[], &plan.findings);
        assert_eq!(outcome.is_settled(), is_settled);
        for format in Format::value_variants() {
            let style = Style { color: false, width: 100, verbose: false };
            let text = render(&outcome, *format, style);
            assert!(text.contains("app/service.py"), "{format:?}: {text}");
        }
    }
}

#[test]
fn a_file_that_only_an_audit_reads_need_not_parse() {
    let plan = plan(TRANSFORM, &[("app/service.py", "def f(:\n    redis_manager.get('k')\n")]);
    assert!(!plan.has_open_sites());
    assert!(plan.failures.is_empty());
    let [warning] = plan.warnings.as_slice() else { panic!("{:?}", plan.warnings) };
    assert!(warning.starts_with("app/service.py:1: its keys were not judged: "), "{warning}");
}

#[test]
fn an_object_that_is_not_there_is_an_error() {
    let text = TRANSFORM.replace("on = 'app.redis_manager:redis_manager'", "on = 'app.keys:no'");
    let error = planned(&text, &[]).unwrap_err().to_string();
    let words =
        "error: transform `redis`: `app.keys:no` is not there: app/keys.py does not define `no`\n";
    assert!(error.starts_with(words), "{error}");
    assert!(error.contains("--> transforms/redis.toml:"), "{error}");
}
