"""Starts the auth service: python -m auth_service.main"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator

from aiohttp import web

from auth_service.auth_core.audit import AuditLog
from auth_service.auth_core.redis_manager import AuthRedisManager, AuthRedisUnavailable
from auth_service.auth_core.sessions import open_session
from auth_service.auth_core.shutdown import close_shared
from auth_service.auth_core.token_store import TokenStore
from auth_service.auth_core.verify import verify_token

AUDIT = web.AppKey("audit", AuditLog)
TOKENS = web.AppKey("tokens", TokenStore)

auth_redis_manager = AuthRedisManager()  # the health check asks through this one


async def token(request: web.Request) -> web.Response:
    """POST {"user_id": …}: a token for that user."""
    body = await request.json()
    user_id = body["user_id"]
    issued = await request.app[TOKENS].issue(user_id)
    await open_session(user_id)
    return web.json_response({"token": issued})


async def verify(request: web.Request) -> web.Response:
    """GET, with the token in the Authorization header: whose it is."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    user_id = await verify_token(given)
    if user_id is None:
        return web.json_response({"error": "unknown token"}, status=401)
    await request.app[AUDIT].write(user_id, "verified")
    return web.json_response({"user_id": user_id})


async def health(request: web.Request) -> web.Response:
    await auth_redis_manager.connect()
    return web.json_response({"redis_managers": AuthRedisManager.built})


@web.middleware
async def unavailable(request: web.Request, handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except AuthRedisUnavailable as error:
        return web.json_response({"error": f"redis: {error}"}, status=503)


async def lifespan(app: web.Application) -> AsyncIterator[None]:
    await auth_redis_manager.connect()
    await open_session("auth")
    await app[TOKENS].issue("auth")
    await app[AUDIT].write("auth", "started")
    yield
    await close_shared()


def build_app() -> web.Application:
    app = web.Application(middlewares=[unavailable])
    app[AUDIT] = AuditLog()
    app[TOKENS] = TokenStore()
    app.router.add_post("/token", token)
    app.router.add_get("/verify", verify)
    app.router.add_get("/health", health)
    app.cleanup_ctx.append(lifespan)
    return app


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    host = os.environ.get("AUTH_HOST", "127.0.0.1")
    port = int(os.environ.get("AUTH_PORT", "8001"))
    web.run_app(build_app(), host=host, port=port, print=None)


if __name__ == "__main__":
    main()
