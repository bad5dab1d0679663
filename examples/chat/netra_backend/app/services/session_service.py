"""When a user was here last."""

import time

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager

SESSION_SECONDS = 3600


class SessionService:
    """Callers may bring a manager; those who bring none get one."""

    def __init__(self, redis_manager: "RedisManager | None" = None) -> None:
        self.redis = redis_manager or RedisManager()

    async def seen(self, user_id: str) -> None:
        now = str(int(time.time()))
        await self.redis.set(user_key(user_id, "seen"), now, SESSION_SECONDS)

    async def last_seen(self, user_id: str) -> int | None:
        value = await self.redis.get(user_key(user_id, "seen"))
        return int(value) if value else None

    async def forget(self, user_id: str) -> None:
        await self.redis.delete(user_key(user_id, "seen"))
