"""Every way in which a scope begins and a name is bound, up to Python 3.11."""
from __future__ import annotations

import os
import os.path as osp
import xml.dom.minidom
from collections import *
from typing import TYPE_CHECKING, Generic as G

counter = 0
counter += 1
annotated: int
annotated_too: "list[int]" = []
(parenthesised): int = 1
first, *rest = (1, 2, 3)
[left, (right, *inner)] = 1, (2, 3)
obj.attribute: int = 1
obj.items[counter] = other = 2


def outer(a, /, b: A = default, *args: B, c=kw_default, **kwargs: C) -> D:
    """Parameters of every kind."""
    global counter, made_global
    made_global = a
    local = b

    def middle():
        nonlocal local
        local = free_in_middle = c
        del free_in_middle

        def innermost():
            return local, kwargs, unknown

        return innermost

    class Inside(local, metaclass=args):
        local = local
        counter = counter

        def method(self):
            return __class__, super(), local, Inside

        __private = 1

        def mangled(self, __parameter):
            self.__private = __parameter
            __local = __other
            return [__local for __each in __parameter]

    return middle, Inside


lambda x, *y, z=counter: (x, y, z, lambda: x + counter)
squares = [i * i for i in range(first) if i if (seen := i)]
nested = {i: {j for j in range(i) for k in range(j)} for i in (lambda: rest)()}
generator = sum(n for n in rest if n)
chained = ((a, b) for a in (c for c in d) for b in (e for e in a))


def with_comprehension(values):
    result = [last := value for value in values]
    return last, result, [[inner for inner in row] for row in values]


async def coroutine():
    async with opened() as (handle, *others), closing(handle):
        pass
    async for item in handle:
        yield item
    else:
        item = None
    return_value = [x async for x in handle if await x]
    await return_value


try:
    import missing
except (ImportError, OSError) as error:
    missing = None
else:
    del missing
finally:
    cleaned = True

try:
    pass
except* ValueError as group:
    print(group)


def matched(value):
    match value:
        case {"key": captured, **remaining}:
            pass
        case [head, *tail] | (head, tail):
            pass
        case Point(x=0, y=vertical) as point if vertical:
            pass
        case osp.sep | None | -1 | "text":
            pass
        case wildcard:
            return captured, remaining, head, tail, point, wildcard


for index, (name, obj.value) in enumerate(rest):
    with open(name) as obj.file, open(name) as files[index]:
        continue
else:
    index = None

while (chunk := read()):
    break


@decorator(argument := counter)
class Decorated(G[T], *bases, **options):
    attribute: int = counter
    annotated_only: "str"

    def __init__(self, value=attribute):
        self.value = value

    class Nested:
        def deep(self):
            nonlocal_free = counter
            return [attribute for attribute in nonlocal_free]

    @property
    def prop(self): return self._prop

    comprehended = [attribute for _ in range(3)]
    del attribute


def conditional():
    if TYPE_CHECKING:
        from elsewhere import Name
    else:
        Name = None
    return f"{Name!r:>{width}} {(lambda: Name)()} {[q for q in Name]}"


def global_class():
    global Exported

    class Exported:
        pass

    def Shadow(): ...
    Shadow: int
    return Shadow


def reads_before():
    print(later)
    later = 1
    del later
    later = 2


def star_expressions(*, keyword):
    return print(*keyword, **keyword, sep=(yield))


assert counter, message
raise SystemExit from counter


def typed(kind: Literal[Kind.A] = 1, made: Annotated[int, Depends(factory)] = 2) -> Literal[Kind.B] | None:
    local: Annotated[Kind, Depends(counter)] = kind
    return local
