"""Counters of this process, added to the totals in Redis every few seconds."""

from __future__ import annotations

import asyncio
from collections import Counter

counters: Counter[str] = Counter()


def count(name: str, by: int = 1) -> None:
    counters[name] += by


class MetricsFlusher:
    """Moves the counters of this process to `metrics:{name}`."""

    def __init__(self) -> None:
        # The Redis manager counts its commands here, so it cannot be imported above.
        self.redis = _new_manager()

    async def flush(self) -> None:
        pending = dict(counters)
        counters.clear()
        for name, value in pending.items():
            await self.redis.increment(f"metrics:{name}", value)

    async def run(self, every: float = 5.0) -> None:
        while True:
            await asyncio.sleep(every)
            await self.flush()


def _new_manager():
    """The manager that the flusher writes through."""
    from netra_backend.app.storage import RedisManager

    return RedisManager()
