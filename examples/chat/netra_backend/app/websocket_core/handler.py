"""What becomes of a message."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field

from netra_backend.app.agents.execution_engine import ExecutionEngine
from netra_backend.app.redis_manager import RedisManager, RedisUnavailable
from netra_backend.app.websocket_core.events import EventEmitter

logger = logging.getLogger(__name__)


@dataclass
class MessageHandler:
    """Hands the messages of one connection to its agents."""

    user_id: str
    emitter: EventEmitter
    redis: RedisManager = field(default_factory=RedisManager)
    engine: ExecutionEngine | None = None

    async def start(self) -> None:
        await self.redis.set(f"user:{self.user_id}:last_message", "")

    async def handle(self, text: str) -> None:
        try:
            message = json.loads(text)
            kind = message["type"]
            words = str(message.get("text", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            await self.emitter.send("error", reason="not a message")
            return
        if kind == "ping":
            await self.emitter.send("pong")
        elif kind == "user_message":
            await self._converse(words)
        else:
            await self.emitter.send("error", reason=f"unknown type {kind}")

    async def _converse(self, words: str) -> None:
        try:
            await self.redis.set(f"user:{self.user_id}:last_message", words)
            if self.engine is None:
                self.engine = ExecutionEngine(self.user_id, self.emitter)
            await self.engine.run(words)
        except RedisUnavailable as error:
            # The connection stays: the user may try again.
            logger.error("no answer for %s: %s", self.user_id, error)
            await self.emitter.send("error", reason=f"redis: {error}")
