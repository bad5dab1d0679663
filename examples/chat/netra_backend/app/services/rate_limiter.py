"""How often a user may open a connection."""

from __future__ import annotations

HANDSHAKES_PER_MINUTE = 60


class HandshakeLimiter:
    def __init__(self, user_id, redis) -> None:
        self.key = "user:%s:handshakes" % user_id
        self.redis = redis

    async def allow(self) -> bool:
        count = await self.redis.count_within(self.key, 60)
        return count <= HANDSHAKES_PER_MINUTE


def handshake_limiter(user_id: str) -> HandshakeLimiter:
    """The limiter for one handshake."""
    from netra_backend.app.redis_manager import RedisManager as _RedisManager

    return HandshakeLimiter(user_id, redis=_RedisManager())
