"""Everything that belongs to one open connection."""

from __future__ import annotations

from dataclasses import dataclass

from netra_backend.app.services.quota import Quota
from netra_backend.app.services.rate_limiter import HandshakeLimiter
from netra_backend.app.websocket_core.auth import WebSocketAuthenticator
from netra_backend.app.websocket_core.events import EventEmitter
from netra_backend.app.websocket_core.handler import MessageHandler
from netra_backend.app.websocket_core.rate_limit import MessageRateLimit
from netra_backend.app.websocket_core.session import Session


@dataclass
class Connection:
    user_id: str
    authenticator: WebSocketAuthenticator
    limiter: HandshakeLimiter
    rate: MessageRateLimit
    quota: Quota
    session: Session
    emitter: EventEmitter
    handler: MessageHandler

    async def receive(self, text: str) -> None:
        if not await self.rate.allow() or not await self.quota.spend():
            await self.emitter.send("error", reason="too many messages")
            return
        await self.session.touch()
        await self.handler.handle(text)
