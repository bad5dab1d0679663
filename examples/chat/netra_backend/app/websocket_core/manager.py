"""Which users are connected, and how often."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager

if TYPE_CHECKING:
    from netra_backend.app.websocket_core.connection import Connection


class WebSocketManager:
    def __init__(self, redis_manager: RedisManager | None = None) -> None:
        self.redis = redis_manager or RedisManager()
        self.connections: defaultdict[str, list[Connection]] = defaultdict(list)

    async def add(self, connection: Connection) -> None:
        user_id = connection.user_id
        self.connections[user_id].append(connection)
        await self._publish(user_id)

    async def remove(self, connection: Connection) -> None:
        user_id = connection.user_id
        self.connections[user_id].remove(connection)
        await self._publish(user_id)
        if not self.connections[user_id]:
            del self.connections[user_id]

    async def _publish(self, user_id: str) -> None:
        count = len(self.connections[user_id])
        await self.redis.set(user_key(user_id, "connections"), str(count))
