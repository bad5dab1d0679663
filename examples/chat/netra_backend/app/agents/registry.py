"""The tools there are, each built for one user when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager


class WordCount:
    """Counts the words of a text, and of all texts so far."""

    def __init__(self, user_id: str, redis: RedisManager) -> None:
        self.user_id = user_id
        self.redis = redis

    async def __call__(self, text: str) -> str:
        words = len(text.split())
        total = await self.redis.increment(user_key(self.user_id, "words"), words)
        return f"{words} words, {total} so far"


TOOLS: dict[str, Callable[..., Any]] = {
    # Callers with a manager of their own pass it; RedisManager() is for the rest.
    "word_count": lambda user_id, redis_manager=None: WordCount(
        user_id, redis_manager or RedisManager()
    ),
}
