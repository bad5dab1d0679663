"""Tokens, sessions, and the Redis manager under them."""

from auth_service.auth_core.redis_manager import (
    AuthRedisManager,
    AuthRedisUnavailable,
    auth_redis_manager,
)

__all__ = ["AuthRedisManager", "AuthRedisUnavailable", "auth_redis_manager"]
