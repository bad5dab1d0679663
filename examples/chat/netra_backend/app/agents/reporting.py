"""Writes down what was done for a user."""

from __future__ import annotations

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager


class Reporter:
    def __init__(self, user_id, redis) -> None:
        self.user_id = user_id
        self.redis = redis

    async def write(self, lines: list[str]) -> None:
        await self.redis.set(user_key(self.user_id, "report"), "\n".join(lines))

    async def read(self) -> list[str]:
        report = await self.redis.get(user_key(self.user_id, "report"))
        return report.split("\n") if report else []


def reporter_for(user_id: str, archive=None) -> Reporter:
    """A reporter that writes to Redis, or to the archive where there is one."""
    redis_manager = RedisManager()
    if archive is not None:
        redis_manager = archive
    return Reporter(user_id, redis_manager)
