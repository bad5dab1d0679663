"""A line for every decision, so that it can be looked up later."""

from __future__ import annotations

from auth_service.auth_core import AuthRedisManager


class AuditLog:
    def __init__(self) -> None:
        self.redis = AuthRedisManager()

    async def write(self, user_id: str, decision: str) -> None:
        await self.redis.push(f"user:{user_id}:audit", decision)
