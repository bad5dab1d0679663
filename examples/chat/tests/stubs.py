"""A class of the same name as the backend's, from before there was a server."""

from __future__ import annotations


class RedisManager:
    """Keeps everything in a dict. redis_manager = RedisManager() is enough to use it."""

    def __init__(self) -> None:
        self.data: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.data.get(key)

    async def set(self, key: str, value: str, seconds: int | None = None) -> None:
        self.data[key] = value

    async def delete(self, key: str) -> None:
        self.data.pop(key, None)


def stub_manager() -> RedisManager:
    return RedisManager()
