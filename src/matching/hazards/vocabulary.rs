//! Names of methods and functions by which programs keep objects and get them back, whatever the
//! object is whose methods they are.

/// Whether a method puts its last argument into the container whose method it is: of lists, sets,
/// dicts, deques, queues and context variables.
pub(super) fn collects(method: &str) -> bool {
    matches!(
        method,
        "append"
            | "appendleft"
            | "add"
            | "insert"
            | "put"
            | "put_nowait"
            | "push"
            | "set"
            | "setdefault"
    )
}

/// Whether a method puts the elements of its argument into the container whose method it is.
pub(super) fn collects_all(method: &str) -> bool {
    matches!(method, "extend" | "extendleft" | "update")
}

/// Whether a function or class makes a container with the elements of its argument at this position.
pub(super) fn copies(function: &str, position: usize) -> bool {
    match function {
        "list" | "tuple" | "set" | "frozenset" | "dict" | "OrderedDict" | "deque" | "iter"
        | "reversed" | "sorted" | "islice" | "cycle" => position == 0,
        "filter" | "filterfalse" => position == 1,
        "chain" | "ChainMap" => true,
        _ => false,
    }
}

/// Whether a function or method gives back the argument at this position, or may.
pub(super) fn gives_back(function: &str, position: usize) -> bool {
    match position {
        0 => matches!(
            function,
            "run"
                | "wait_for"
                | "run_until_complete"
                | "shield"
                | "create_task"
                | "ensure_future"
                | "closing"
                | "aclosing"
                | "enter_context"
                | "enter_async_context"
                | "enterContext"
                | "enterAsyncContext"
                | "push"
                // Of a function: what it calls.
                | "partial"
        ),
        // Ex) `cast(C, r)`, `cache.setdefault("r", C())`, `cache.get("r", C())`
        1 => matches!(function, "cast" | "setdefault" | "get" | "pop" | "next"),
        2 => function == "getattr",
        _ => false,
    }
}

/// The last part of a dotted name.
pub(super) fn last_part(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

/// Whether a class is a list, dict, set or the like, that its methods and operators change.
pub(super) fn is_container(class: &str) -> bool {
    matches!(
        class,
        "list"
            | "dict"
            | "set"
            | "bytearray"
            | "array"
            | "deque"
            | "defaultdict"
            | "OrderedDict"
            | "Counter"
            | "ChainMap"
            | "UserDict"
            | "UserList"
            | "TypedDict"
            | "List"
            | "Dict"
            | "Set"
            | "Deque"
            | "DefaultDict"
            | "MutableMapping"
            | "MutableSequence"
            | "MutableSet"
            | "WeakSet"
            | "WeakValueDictionary"
            | "WeakKeyDictionary"
    )
}

/// Whether a method changes the container whose method it is.
pub(super) fn changes_container(method: &str) -> bool {
    changes_only_containers(method)
        || matches!(
            method,
            "add" | "clear" | "discard" | "pop" | "remove" | "reverse" | "sort" | "update"
        )
}

/// Whether a method changes the container whose method it is, and little else has one of that name.
pub(super) fn changes_only_containers(method: &str) -> bool {
    matches!(
        method,
        "append"
            | "extend"
            | "insert"
            | "appendleft"
            | "extendleft"
            | "popleft"
            | "popitem"
            | "setdefault"
    )
}

/// Whether the name of a class says that its objects can be raised.
pub(super) fn is_exception(class: &str) -> bool {
    ["Exception", "Error", "Warning", "Exit", "Interrupt", "StopIteration", "StopAsyncIteration"]
        .iter()
        .any(|end| class.ends_with(end))
}

/// Base classes whose constructors read nothing.
pub(super) const HARMLESS_BASES: [&str; 12] = [
    "object",
    "ABC",
    "Generic",
    "Protocol",
    "Exception",
    "Enum",
    "dict",
    "list",
    "NamedTuple",
    "TypedDict",
    "Singleton",
    "Mapping",
];

/// Functions of the standard library that read the environment.
pub(super) const READERS: [&str; 6] = [
    "os.path.expandvars",
    "os.path.expanduser",
    "pathlib.Path.home",
    "tempfile.gettempdir",
    "shutil.which",
    "urllib.request.getproxies",
];

/// Functions whose result depends on the current folder, or mostly does.
pub(super) const READERS_OF_FOLDER: [&str; 9] = [
    "os.getcwd",
    "os.getcwdb",
    "os.listdir",
    "os.path.abspath",
    "os.path.realpath",
    "os.path.exists",
    "pathlib.Path",
    "pathlib.Path.cwd",
    "builtins.open",
];

/// Methods of the built-in types and of loggers, none of which reads the environment.
pub(super) const HARMLESS_METHODS: [&str; 36] = [
    "append",
    "add",
    "update",
    "extend",
    "insert",
    "get",
    "items",
    "keys",
    "values",
    "setdefault",
    "pop",
    "copy",
    "clear",
    "split",
    "rsplit",
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "startswith",
    "endswith",
    "replace",
    "format",
    "join",
    "encode",
    "decode",
    "partition",
    "rpartition",
    "hex",
    "debug",
    "info",
    "warning",
    "error",
    "setLevel",
    "addHandler",
];

/// Whether a function is given another one whose result it gives to the parameter whose default it
/// is.
pub(super) fn is_injector(function: &str) -> bool {
    matches!(function, "Depends" | "Security" | "Provide")
}
