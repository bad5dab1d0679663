"""Stand-ins for the managers. None of them is a `RedisManager()` of the backend's."""

from __future__ import annotations

from netra_backend.app.redis_manager import RedisManager


class MockRedisManager:
    """Remembers what was set, and answers None to everything."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    async def get(self, key: str) -> None:
        self.calls.append(("get", key))

    async def set(self, key: str, value: str, seconds: int | None = None) -> None:
        self.calls.append(("set", key))

    async def delete(self, key: str) -> None:
        self.calls.append(("delete", key))


class RecordingRedisManager(RedisManager):
    """The real manager, which keeps the keys that it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []

    async def get(self, key: str) -> str | None:
        self.keys.append(key)
        return await super().get(key)
