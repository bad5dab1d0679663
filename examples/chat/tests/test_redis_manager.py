"""The manager itself: what it reads, what it owns, what closing it does."""

from __future__ import annotations

import asyncio
import os
from unittest.mock import patch

import pytest

from netra_backend.app.redis_manager import (
    RedisManager,
    RedisUnavailable,
    get_redis_manager,
    redis_manager,
)


def test_url_comes_from_the_environment() -> None:
    with patch.dict(os.environ, {"REDIS_URL": "redis://elsewhere:6380/2"}):
        manager = RedisManager()
    assert manager.url == "redis://elsewhere:6380/2"


def test_each_manager_has_a_window_of_its_own() -> None:
    first = RedisManager()
    second = RedisManager()
    assert first is not second
    assert first.latencies is not second.latencies


def test_a_closed_manager_opens_again(fake_redis) -> None:
    async def story() -> None:
        manager = RedisManager()
        await manager.set("user:a:note", "kept")
        opened = fake_redis.clients
        await manager.close()
        assert await manager.get("user:a:note") == "kept"
        assert fake_redis.clients == opened + 1

    asyncio.run(story())


def test_the_factory_gives_the_shared_manager() -> None:
    assert get_redis_manager() is redis_manager


def test_a_refused_connection_is_said(fake_redis) -> None:
    fake_redis.refusing = True
    with pytest.raises(RedisUnavailable, match="max number of clients"):
        asyncio.run(redis_manager.connect())


def test_events_are_counted() -> None:
    async def story() -> list[int]:
        key = "user:a:messages"
        return [await redis_manager.count_within(key, 60) for _ in range(3)]

    assert asyncio.run(story()) == [1, 2, 3]
    assert redis_manager.slowest() >= 0
