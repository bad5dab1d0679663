"""Work that is done once, when the first event loop runs."""

from __future__ import annotations

from netra_backend.app.redis_manager import RedisManager

# Set by warm_up(); None until then.
redis_manager = None


async def warm_up() -> None:
    """Open the manager of this module, and note that the backend was started."""
    global redis_manager
    if redis_manager is None:
        redis_manager = RedisManager()
    await redis_manager.connect()
    await redis_manager.increment("metrics:starts")


def is_warm() -> bool:
    return redis_manager is not None
