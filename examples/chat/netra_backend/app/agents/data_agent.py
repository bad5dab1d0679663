"""Figures for the report."""

from __future__ import annotations

from netra_backend.app.redis_manager import RedisManager


class DataAgent:
    redis: RedisManager = RedisManager()

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id

    async def messages(self) -> int:
        """How many messages the user has sent."""
        return len(await self.redis.items(f"user:{self.user_id}:history"))
