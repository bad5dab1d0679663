"""Sorts messages by what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netra_backend.app.keys import user_key

if TYPE_CHECKING:
    from netra_backend.app.redis_manager import RedisManager


@dataclass(frozen=True)
class Intent:
    kind: str
    name: str = ""
    value: str = ""


def parse(words: str) -> Intent:
    """`remember NAME=VALUE`, `recall NAME`; whatever else is a question."""
    verb, _, rest = words.strip().partition(" ")
    if verb == "remember" and "=" in rest:
        name, _, value = rest.partition("=")
        return Intent("remember", name.strip(), value.strip())
    if verb == "recall" and rest:
        return Intent("recall", rest.strip())
    return Intent("question", value=words.strip())


class TriageAgent:
    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self._redis: RedisManager | None = None

    def _manager(self) -> RedisManager:
        if self._redis is None:
            from netra_backend.app.redis_manager import RedisManager

            self._redis = RedisManager()
        return self._redis

    async def classify(self, words: str) -> Intent:
        intent = parse(words)
        await self._manager().push(user_key(self.user_id, "intents"), intent.kind)
        return intent
