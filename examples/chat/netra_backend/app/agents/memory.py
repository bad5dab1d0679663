"""What a user asked to have remembered, and what was said."""

from __future__ import annotations

from netra_backend.app.keys import user_key
from netra_backend.app.storage import RedisManager


class ConversationMemory:
    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.store = RedisManager()

    async def note(self, words: str) -> None:
        await self.store.push(user_key(self.user_id, "history"), words)

    async def remember(self, name: str, value: str) -> None:
        await self.store.set(user_key(self.user_id, f"memory:{name}"), value)

    async def recall(self, name: str) -> str | None:
        return await self.store.get(user_key(self.user_id, f"memory:{name}"))
