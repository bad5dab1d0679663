"""The way out: give back what the process shared."""

from __future__ import annotations

from netra_backend.app.redis_manager import get_redis_manager


async def close_shared() -> None:
    """Close the shared manager. Nobody else may: it would close it for all."""
    await get_redis_manager().close()
