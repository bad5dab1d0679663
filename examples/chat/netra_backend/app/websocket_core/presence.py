"""Who is online, for the other users' lists."""

from __future__ import annotations

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager

PRESENCE_SECONDS = 90

_redis: RedisManager | None = None


def _manager() -> RedisManager:
    """The manager of this module, built when it is first wanted."""
    global _redis
    if _redis is None:
        _redis = RedisManager()
    return _redis


async def mark_online(user_id: str) -> None:
    await _manager().set(user_key(user_id, "presence"), "online", PRESENCE_SECONDS)


async def mark_offline(user_id: str) -> None:
    await _manager().delete(user_key(user_id, "presence"))


async def is_online(user_id: str) -> bool:
    return await _manager().exists(user_key(user_id, "presence"))
