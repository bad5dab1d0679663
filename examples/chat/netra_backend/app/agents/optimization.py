"""What an answer costs, worked out once for each user and kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager

COSTS = {"remember": 1, "recall": 1, "question": 3}


def cost_lookup(user_id: str) -> Callable[[str], Awaitable[int]]:
    """A function that tells the cost of an answer of a kind."""
    redis_manager = RedisManager()
    saved = 0

    async def lookup(kind: str) -> int:
        nonlocal saved
        key = user_key(user_id, f"cost:{kind}")
        known = await redis_manager.get(key)
        if known is not None:
            saved += 1
            return int(known)
        cost = COSTS.get(kind, 5)
        await redis_manager.set(key, str(cost))
        return cost

    return lookup
