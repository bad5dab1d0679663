"""Starts the backend: python -m netra_backend.app.main"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from netra_backend.app.backend import BACKEND, Backend
from netra_backend.app.config import Settings
from netra_backend.app.core.lifespan import warm_up
from netra_backend.app.core.metrics import MetricsFlusher
from netra_backend.app.core.shutdown import close_shared
from netra_backend.app.core.startup import StartupCheck
from netra_backend.app.routes.http import health, thread
from netra_backend.app.routes.websocket import websocket_endpoint
from netra_backend.app.services import cache_service
from netra_backend.app.services.health import HealthService
from netra_backend.app.services.session_service import SessionService
from netra_backend.app.services.thread_service import ThreadService

try:
    from netra_backend.app.redis_manager import RedisManager
except ImportError as error:
    raise SystemExit(f"{error}: is requirements.txt installed?") from error


async def lifespan(app: web.Application) -> AsyncIterator[None]:
    """Open what every request needs, and give it back at the end."""
    backend = app[BACKEND]
    await backend.check.run()
    await warm_up()
    await backend.redis.connect()
    await backend.health.connect()
    await backend.threads.connect()
    await backend.sessions.seen("backend")
    await cache_service.remember("backend", "state", "up")
    await backend.flusher.flush()
    flushing = asyncio.create_task(backend.flusher.run())
    yield
    flushing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await flushing
    await close_shared()


def build_app() -> web.Application:
    app = web.Application()
    app[BACKEND] = Backend(
        redis=RedisManager(),
        check=StartupCheck(),
        flusher=MetricsFlusher(),
        health=HealthService(),
        sessions=SessionService(),
        threads=ThreadService(),
    )
    app.router.add_get("/health", health)
    app.router.add_get("/thread", thread)
    app.router.add_get("/ws", websocket_endpoint)
    app.cleanup_ctx.append(lifespan)
    return app


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    settings = Settings.from_environment()
    web.run_app(build_app(), host=settings.host, port=settings.port, print=None)


if __name__ == "__main__":
    main()
