"""What must be in place before the first handshake is answered."""

from __future__ import annotations

import logging

from netra_backend.app.redis_manager import (
    RedisManager,  # the type of the attribute, too
    RedisUnavailable,
    get_redis_manager,
)

logger = logging.getLogger(__name__)


class StartupCheck:
    """Refuses to start a backend that has no Redis."""

    def __init__(self, required: bool = True) -> None:
        self.required = required
        self.redis: RedisManager = RedisManager()

    async def run(self) -> bool:
        try:
            await self.redis.connect()
            await get_redis_manager().connect()
        except RedisUnavailable:
            if self.required:
                raise
            logger.warning("starting without Redis")
            return False
        return True
