"""The state of a user's agents between two messages."""

from __future__ import annotations

import json
from typing import Any

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager


class AgentState:
    def __init__(self, user_id: str, manager: RedisManager = RedisManager()) -> None:
        self.key = user_key(user_id, "state")
        self.manager = manager

    async def load(self) -> dict[str, Any]:
        saved = await self.manager.get(self.key)
        return json.loads(saved) if saved else {"turns": 0}

    async def save(self, state: dict[str, Any]) -> None:
        await self.manager.set(self.key, json.dumps(state))
