"""The way out: give back what the process shared."""

from __future__ import annotations

from auth_service.auth_core.redis_manager import get_auth_redis_manager


async def close_shared() -> None:
    await get_auth_redis_manager().close()
