"""Says whose a token is."""

from __future__ import annotations

from auth_service.auth_core.redis_manager import AuthRedisManager


async def verify_token(token: str, auth_redis_manager=None) -> str | None:
    """The user who holds the token; None where nobody does."""
    manager = auth_redis_manager or AuthRedisManager()
    return await manager.get(f"auth:token:{token}")
