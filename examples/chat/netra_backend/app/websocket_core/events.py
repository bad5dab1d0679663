"""The events that a client is sent, and the record of them."""

from __future__ import annotations

from aiohttp import web

from ..keys import user_key
from ..redis_manager import RedisManager as Manager

AGENT_EVENTS = (
    "agent_started",
    "agent_thinking",
    "tool_executing",
    "tool_completed",
    "agent_completed",
)


class EventEmitter:
    def __init__(self, user_id: str, socket: web.WebSocketResponse) -> None:
        self.user_id = user_id
        self.socket = socket
        self._redis = Manager()

    async def emit(self, event: str, **data: object) -> None:
        """Record the event, then send it."""
        await self._redis.push(user_key(self.user_id, "events"), event)
        await self.send(event, **data)

    async def send(self, event: str, **data: object) -> None:
        """Send the event unrecorded: this works without Redis."""
        if not self.socket.closed:
            await self.socket.send_json({"type": event, **data})
