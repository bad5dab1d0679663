"""What the rest of the backend may use of the storage layer."""

from netra_backend.app.redis_manager import (
    RedisManager,
    RedisUnavailable,
    get_redis_manager,
)

__all__ = ["RedisManager", "RedisUnavailable", "get_redis_manager"]
