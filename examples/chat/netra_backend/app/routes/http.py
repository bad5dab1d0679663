"""The plain HTTP endpoints."""

from __future__ import annotations

from aiohttp import web

from netra_backend.app.backend import BACKEND
from netra_backend.app.redis_manager import RedisUnavailable
from netra_backend.app.websocket_core.auth import (
    NotAuthenticated,
    WebSocketAuthenticator,
)


async def health(request: web.Request) -> web.Response:
    return web.json_response(await request.app[BACKEND].health.report())


async def thread(request: web.Request) -> web.Response:
    """What the caller said so far. The token says whose thread it is."""
    backend = request.app[BACKEND]
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        user_id = await WebSocketAuthenticator().authenticate(token)
        lines = await backend.threads.thread(user_id)
        await backend.sessions.seen(user_id)
    except NotAuthenticated as error:
        return web.json_response({"error": str(error)}, status=401)
    except RedisUnavailable as error:
        return web.json_response({"error": str(error)}, status=503)
    return web.json_response({"user_id": user_id, "thread": lines})
