"""A cache of what is costly to work out, one value for each user and name."""

from __future__ import annotations

from netra_backend.app.redis_manager import RedisManager

CACHE_KEY = "user:{user_id}:cache:{name}"
CACHE_SECONDS = 300

# The profile service reads the same cache and takes the manager from here.
redis_manager = RedisManager()


async def remember(user_id: str, name: str, value: str) -> None:
    key = CACHE_KEY.format(user_id=user_id, name=name)
    await redis_manager.set(key, value, CACHE_SECONDS)


async def recall(user_id: str, name: str) -> str | None:
    return await redis_manager.get(CACHE_KEY.format(user_id=user_id, name=name))
