"""What /health says."""

from __future__ import annotations

from netra_backend.app.redis_manager import (
    RedisManager,
    RedisUnavailable,
    redis_manager,
)


class HealthService:
    """Asks Redis through the shared manager and through a manager of its own."""

    def __init__(self) -> None:
        self.managers = {"shared": redis_manager, "health": RedisManager()}

    async def connect(self) -> None:
        for manager in self.managers.values():
            await manager.connect()

    async def report(self) -> dict[str, object]:
        redis = {}
        for name, manager in self.managers.items():
            try:
                await manager.ping()
                redis[name] = "ok"
            except RedisUnavailable as error:
                redis[name] = str(error)
        return {"redis": redis, "redis_managers": RedisManager.built}
