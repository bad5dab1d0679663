"""Checks a reply before it is sent."""

from __future__ import annotations

from ..keys import user_key
from ..redis_manager import RedisManager


class ReplyValidator:
    def __init__(self, user_id: str, parent: object = None) -> None:
        self.user_id = user_id
        self.redis = getattr(parent, "redis", None) or RedisManager()

    async def check(self, reply: str) -> str:
        """The reply, or a stand-in for an empty one."""
        reply = reply or "I have nothing to say to that."
        await self.redis.set(user_key(self.user_id, "reply"), reply)
        return reply
