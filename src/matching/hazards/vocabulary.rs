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
