"""How many messages a user may send in a day."""

from __future__ import annotations

from dataclasses import dataclass, field

from netra_backend.app.redis_manager import RedisManager

DAY = 86_400


@dataclass
class Quota:
    user_id: str
    limit: int = 1000
    redis: RedisManager = field(default_factory=lambda: RedisManager())

    async def left(self) -> int:
        used = await self.redis.get(f"user:{self.user_id}:quota")
        return self.limit - int(used or 0)

    async def spend(self) -> bool:
        """Count one message; False when the day's are used up."""
        used = await self.redis.count_within(f"user:{self.user_id}:quota", DAY)
        return used <= self.limit
