"""The state of one connection that outlives a message."""

from __future__ import annotations

import time


class Session:
    def __init__(self, user_id, redis_manager) -> None:
        self.user_id = user_id
        self.redis_manager = redis_manager
        self.opened = time.monotonic()

    async def touch(self) -> None:
        """Keep the session for another half hour."""
        key = f"user:{self.user_id}:session"
        if await self.redis_manager.exists(key):
            await self.redis_manager.expire(key, 1800)
        else:
            await self.redis_manager.set(key, "open", 1800)


async def open_session(user_id: str) -> Session:
    # Only here: tools that read sessions from a dump need no Redis.
    from netra_backend.app.redis_manager import RedisManager

    redis_manager = RedisManager()
    session = Session(user_id, redis_manager)
    await session.touch()
    return session
