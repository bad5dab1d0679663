//! A key is its user's only where it certainly holds all of what tells users apart.

use tiermod::isolation::Verdict;

use super::{all_are, audited};

/// The verdict on the one key of a service that is written out.
#[track_caller]
fn services_are(expected: Verdict, cases: &[&str]) {
    for service in cases {
        let text = format!("from app.redis_manager import redis_manager\n{service}");
        let found = audited(&text);
        let [only] = found.as_slice() else { panic!("{found:?}\n{text}") };
        assert_eq!(only.verdict, expected, "{service}\n{}", only.message);
    }
}

#[test]
fn all_of_the_value_is_there() {
    all_are(
        Verdict::Namespaced,
        &[
            ("", "f'user:{user_id!r}:x'"),
            ("", "f'user:{user_id!a}:x'"),
            ("", "f'user:{user_id:d}:x'"),
            ("", "f'user:{user_id:>12}:x'"),
            ("", "f'user:{user_id:08d}:x'"),
            ("", "f'user:{user_id=}:x'"),
            ("", "'user:%r:x' % user_id"),
            ("", "'user:%8s:x' % (user_id,)"),
            ("", "'user:{!r}:x'.format(user_id)"),
            ("", "'user:{:>8}:x'.format(user_id)"),
            ("", "'user:{0.user_id}:x'.format(data)"),
            ("", "'user:{d[user_id]}:x'.format(d=data)"),
            ("", "'user:{user.id}:x'.format(user=data)"),
            ("", "f'user:{data.user.id}:x'"),
            ("", "f'user:{data.current_user.id}:x'"),
            ("", "f'user:{data.userId}:x'"),
            ("", "f'user:{data[\"user\"][\"id\"]}:x'"),
            ("", "f'user:{str(user_id)}:x'"),
            ("", "f'user:{user_id.strip()}:x'"),
            ("", "f'user:{data.get_user_id()}:x'"),
            ("", "f'user:{get_user_id(data)}:x'"),
            ("", "f'user:{getattr(data, \"user_id\")}:x'"),
            ("", "f'user:{data.target_user_id}:x'"),
            ("", "f'user:{user_id}:{user_id[:1]}'"),
            ("", "f'user:{user_id}:{user_id}'"),
            ("", "f'user:{user_id}:{len(data)}'"),
            ("", "f'user:{user_id}-{x}:y'"),
            ("user_id = data['uid']", "f'user:{user_id}:x'"),
            ("user_id = x[7:]", "f'user:{user_id}:x'"),
            ("user_id = user_id or data.current()", "f'user:{user_id}:x'"),
            ("for user_id in data: pass", "f'user:{user_id}:x'"),
            ("current_user_id = x", "f'user:{current_user_id}:x'"),
        ],
    );
    services_are(
        Verdict::Namespaced,
        &[
            "def f(user_id=None):\n    if user_id is None:\n        raise ValueError\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id=None):\n    if not user_id:\n        return\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id=''):\n    assert user_id\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id=None):\n    if user_id:\n        redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id=None):\n    if user_id is not None and f:\n        redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id=None):\n    user_id = user_id or current_user_id()\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id=Depends(current)):\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def key(user_id):\n    return f'user:{user_id}:x'\ndef f(row):\n    redis_manager.get(key(row['uid']))\n",
            "def key(user_id=None):\n    user_id = user_id or current_user_id()\n    return f'user:{user_id}:x'\ndef f():\n    redis_manager.get(key())\n",
            "def f(ids):\n    [redis_manager.get(f'user:{user_id}:x') for user_id in ids]\n",
        ],
    );
}

#[test]
fn less_than_all_of_it_cannot_be_told() {
    all_are(
        Verdict::CannotTell,
        &[
            ("", "f'user:{x}:x'"),
            ("", "f'user:{user_id[:1]}:x'"),
            ("", "f'user:{user_id[0]}:x'"),
            ("", "f'user:{user_id[-1]}:x'"),
            ("", "f'user:{user_id:.1}:x'"),
            ("", "f'user:{user_id!r:.2}:x'"),
            ("", "f'user:{user_id:.0f}:x'"),
            ("", "f'user:{user_id:{x}}:x'"),
            ("", "'user:%.1s:x' % user_id"),
            ("", "'user:%c:x' % user_id"),
            ("", "'user:%.*s:x' % (1, user_id)"),
            ("", "'user:{:.1}:x'.format(user_id)"),
            ("", "'user:{!r:.2}:x'.format(user_id)"),
            ("", "'user:{0[0]}:x'.format(user_id)"),
            ("", "f'user:{id}:x'"),
            ("", "f'user:{id(x)}:x'"),
            ("", "f'user:{id(user_id)}:x'"),
            ("", "f'user:{type(user_id)}:x'"),
            ("", "f'user:{bool(user_id)}:x'"),
            ("", "f'user:{len(user_id)}:x'"),
            ("", "f'user:{hash(user_id)}:x'"),
            ("", "f'user:{user_id and 0}:x'"),
            ("", "f'user:{not user_id}:x'"),
            ("", "f'user:{user_id == x}:x'"),
            ("", "f'user:{user_id % 10}:x'"),
            ("", "f'user:{user_id.lower()}:x'"),
            ("", "f'user:{user_id.split(\"-\")[0]}:x'"),
            ("", "f'user:{data.order_id}:x'"),
            ("", "f'user:{data.order.id}:x'"),
            ("", "f'user:{data.id}:x'"),
            ("", "f'user:{data[user_id]}:x'"),
            ("", "f'user:{data.short_user_id}:x'"),
            ("", "f'user:{data.user_id_count}:x'"),
            ("", "f'user:{settings.user_id}:x'"),
            ("", "f'user:{os.environ[\"user_id\"]}:x'"),
            ("", "f'user:{x}{user_id}:x'"),
            ("user_id = user_id[:1]", "f'user:{user_id}:x'"),
            ("user_id = len(data)", "f'user:{user_id}:x'"),
            ("user_id = data.order_id", "f'user:{user_id}:x'"),
            ("", "user_key(user_id[:1])"),
            ("", "user_key(data.order_id)"),
            ("for user_id in range(3): pass", "f'user:{user_id}:x'"),
        ],
    );
    services_are(
        Verdict::CannotTell,
        &[
            "def f(user_id=None):\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id='anonymous'):\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id='anonymous'):\n    assert user_id\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id=None):\n    if user_id is None:\n        print()\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def f(user_id=None):\n    redis_manager.get(f'user:{user_id}:x')\n    assert user_id\n",
            "def f(user_id=''):\n    if user_id is None:\n        return\n    redis_manager.get(f'user:{user_id}:x')\n",
            "def f(x):\n    user_id = None\n    if x:\n        user_id = x\n    redis_manager.get(f'user:{user_id}:x')\n",
            "class S:\n    def __init__(self):\n        self.user_id = None\n    def of(self, user_id):\n        self.user_id = user_id\n    def f(self):\n        redis_manager.get(f'user:{self.user_id}:x')\n",
            "class S:\n    def __init__(self, user_id):\n        self.user_id = user_id[:1]\n    def f(self):\n        redis_manager.get(f'user:{self.user_id}:x')\n",
            "@dataclass\nclass S:\n    user_id: str = ''\n    def f(self):\n        redis_manager.get(f'user:{self.user_id}:x')\n",
        ],
    );
}

#[test]
fn what_is_the_same_for_every_user_is_not_namespaced() {
    all_are(
        Verdict::NotNamespaced,
        &[
            ("user_id = None", "f'user:{user_id}:x'"),
            ("user_id = 'a'", "f'user:{user_id}:x'"),
            ("for user_id in ('a', 'b'): pass", "f'user:{user_id}:x'"),
            ("for user_id, n in [('a', 1), ('b', 2)]: pass", "f'user:{user_id}:x'"),
            ("ids = ['a', 'b']\n        for user_id in ids: pass", "f'user:{user_id}:x'"),
            ("", "user_key(None)"),
            ("", "user_key(user_id=None)"),
            ("", "f'user:{user_id or \"all\"}:x'"),
            ("", "f'cache:{user_id[:1]}:x'"),
            ("", "f'user:{\"user_id\"}:x'"),
        ],
    );
    services_are(
        Verdict::NotNamespaced,
        &[
            "def key(user_id=None):\n    return f'user:{user_id}:x'\ndef f():\n    redis_manager.get(key())\n",
            "IDS = ('a', 'b')\ndef f():\n    for user_id in IDS:\n        redis_manager.get(f'user:{user_id}:x')\n",
            "def f():\n    [redis_manager.get(f'user:{user_id}:x') for user_id in ('a', 'b')]\n",
        ],
    );
}

#[test]
fn a_doubt_is_said() {
    for (setup, key, says) in [
        ("", "f'user:{user_id[:1]}:x'", "`{user_id[:1]}` may be less than all of it"),
        ("", "f'user:{len(data)}:x'", "`{len(data)}` may be the same for several users"),
        ("", "f'user:{x}:x'", "whether that is `user:{user_id}:{operation}` is not seen here"),
    ] {
        let (_, message) = super::verdict(setup, key);
        assert!(message.ends_with(says), "{message}");
    }
    let text = "from app.redis_manager import redis_manager\n\
                def f(user_id=None):\n    redis_manager.get(f'user:{user_id}:x')\n";
    let found = audited(text);
    assert!(
        found[0].message.ends_with("`{user_id}` may be its default, the same for several users")
    );
}
