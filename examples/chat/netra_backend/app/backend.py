"""The parts of the backend that live as long as the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from netra_backend.app.core.metrics import MetricsFlusher
from netra_backend.app.core.startup import StartupCheck
from netra_backend.app.services.health import HealthService
from netra_backend.app.services.session_service import SessionService
from netra_backend.app.services.thread_service import ThreadService


@dataclass
class Backend:
    redis: Any  # whatever has the methods of the Redis manager
    check: StartupCheck
    flusher: MetricsFlusher
    health: HealthService
    sessions: SessionService
    threads: ThreadService


BACKEND = web.AppKey("backend", Backend)
