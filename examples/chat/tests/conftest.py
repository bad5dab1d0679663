"""Every test gets a Redis server of its own, in memory."""

from __future__ import annotations

import pytest

from netra_backend.app.redis_manager import RedisManager
from tests.fakes import FakeServer

OPENERS = (
    "auth_service.auth_core.redis_manager.open_client",
    "netra_backend.app.redis_manager.open_client",
)


@pytest.fixture(autouse=True)
def fake_redis(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    server = FakeServer()
    for opener in OPENERS:
        monkeypatch.setattr(opener, server.open_client)
    return server


@pytest.fixture
def redis_manager() -> RedisManager:
    """A manager to hand to what is tested."""
    return RedisManager()
