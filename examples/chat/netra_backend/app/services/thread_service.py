"""The threads of a user: what was said, in order."""

from __future__ import annotations

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager

# The name from before managers were Redis's alone.
Manager = RedisManager


class ThreadService:
    def __init__(self) -> None:
        self.store = Manager()

    async def connect(self) -> None:
        await self.store.connect()

    async def thread(self, user_id: str) -> list[str]:
        return await self.store.items(user_key(user_id, "history"))

    def accepts(self, store: object) -> bool:
        return isinstance(store, Manager)
