"""What every agent can do."""

from __future__ import annotations

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager


class BaseAgent:
    """Works for one user. Agents that are given no manager get one."""

    name = "base"

    def __init__(self, user_id: str, redis_manager=None) -> None:
        self.user_id = user_id
        self.redis_manager = (
            redis_manager if redis_manager is not None else RedisManager()
        )

    async def save(self, operation: str, value: str) -> None:
        await self.redis_manager.set(user_key(self.user_id, operation), value)

    async def load(self, operation: str) -> str | None:
        return await self.redis_manager.get(user_key(self.user_id, operation))
