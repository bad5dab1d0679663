"""Who was given a token last."""

from __future__ import annotations

from auth_service.auth_core.redis_manager import AuthRedisManager

_redis: AuthRedisManager | None = None


def _manager() -> AuthRedisManager:
    global _redis
    if _redis is None:
        _redis = AuthRedisManager()
    return _redis


async def open_session(user_id: str) -> None:
    await _manager().set(f"user:{user_id}:auth_session", "open", 3600)


async def has_session(user_id: str) -> bool:
    return await _manager().get(f"user:{user_id}:auth_session") is not None
