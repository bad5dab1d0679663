"""The endpoint that clients open: /ws, with a token in the Authorization header."""

from __future__ import annotations

import logging

from aiohttp import WSCloseCode, WSMsgType, web

from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager, RedisUnavailable
from netra_backend.app.services.profile_service import greeting
from netra_backend.app.services.quota import Quota
from netra_backend.app.services.rate_limiter import handshake_limiter
from netra_backend.app.websocket_core.auth import (
    NotAuthenticated,
    WebSocketAuthenticator,
)
from netra_backend.app.websocket_core.connection import Connection
from netra_backend.app.websocket_core.events import EventEmitter
from netra_backend.app.websocket_core.handler import MessageHandler
from netra_backend.app.websocket_core.manager import WebSocketManager
from netra_backend.app.websocket_core.presence import mark_offline, mark_online
from netra_backend.app.websocket_core.rate_limit import MessageRateLimit
from netra_backend.app.websocket_core.session import open_session

logger = logging.getLogger(__name__)
redis_manager = RedisManager()
connections = WebSocketManager()


async def websocket_endpoint(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    try:
        connection = await shake_hands(request, socket)
    except NotAuthenticated as error:
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=_reason(error))
        return socket
    except RedisUnavailable as error:
        logger.error("handshake failed: %s", error)
        await socket.close(code=WSCloseCode.INTERNAL_ERROR, message=_reason(error))
        return socket
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await connection.receive(message.data)
    except RedisUnavailable as error:
        logger.error("connection lost: %s", error)
        await socket.close(code=WSCloseCode.INTERNAL_ERROR, message=_reason(error))
    finally:
        await connections.remove(connection)
        await mark_offline(connection.user_id)
    return socket


async def shake_hands(
    request: web.Request, socket: web.WebSocketResponse
) -> Connection:
    """Everything that must work before the client is told that it is connected."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    authenticator = WebSocketAuthenticator()
    user_id = await authenticator.authenticate(token)
    limiter = handshake_limiter(user_id)
    if not await limiter.allow():
        raise NotAuthenticated("too many handshakes")
    emitter = EventEmitter(user_id, socket)
    connection = Connection(
        user_id=user_id,
        authenticator=authenticator,
        limiter=limiter,
        rate=MessageRateLimit(user_id),
        quota=Quota(user_id),
        session=await open_session(user_id),
        emitter=emitter,
        handler=MessageHandler(user_id, emitter),
    )
    await connection.rate.allow()
    await connection.quota.left()
    await connection.handler.start()
    await redis_manager.set(user_key(user_id, "handshake"), "done", 3600)
    await mark_online(user_id)
    await connections.add(connection)
    await emitter.emit("connection_established", greeting=await greeting(user_id))
    return connection


def _reason(error: Exception) -> bytes:
    """The reason for a close frame, which holds 123 bytes at most."""
    return str(error).encode()[:120]
