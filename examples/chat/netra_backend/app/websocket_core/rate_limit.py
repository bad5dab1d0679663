"""How often a user may speak."""

from __future__ import annotations

from netra_backend.app import keys, redis_manager

MESSAGES_PER_MINUTE = 120


class MessageRateLimit:
    def __init__(self, user_id: str) -> None:
        self.key = keys.user_key(user_id, "messages")
        self.redis: redis_manager.RedisManager = redis_manager.RedisManager()

    async def allow(self) -> bool:
        return await self.redis.count_within(self.key, 60) <= MESSAGES_PER_MINUTE
