"""Runs tools by name, and keeps count."""

from __future__ import annotations

from typing import Any

import netra_backend.app.redis_manager as redis_module
from netra_backend.app.agents.registry import TOOLS
from netra_backend.app.keys import user_key


class ToolDispatcher:
    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.redis = redis_module.RedisManager()
        self.tools: dict[str, Any] = {}

    async def run(self, name: str, text: str) -> str:
        if name not in self.tools:
            self.tools[name] = TOOLS[name](self.user_id)
        result = await self.tools[name](text)
        await self.redis.increment(user_key(self.user_id, f"tool:{name}"))
        return result
