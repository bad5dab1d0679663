"""The services, with a manager of their own, with one they are given, with stubs."""

from __future__ import annotations

import asyncio

from netra_backend.app.core.startup import StartupCheck
from netra_backend.app.redis_manager import RedisManager
from netra_backend.app.services.profile_service import greeting
from netra_backend.app.services.quota import Quota
from netra_backend.app.services.session_service import SessionService
from netra_backend.app.services.thread_service import ThreadService
from tests import stubs
from tests.mocks import MockRedisManager, RecordingRedisManager


def test_sessions_need_no_manager() -> None:
    async def story() -> None:
        sessions = SessionService()
        await sessions.seen("a")
        assert await sessions.last_seen("a") is not None
        assert await sessions.last_seen("b") is None

    asyncio.run(story())


def test_sessions_use_the_manager_that_they_are_given(redis_manager) -> None:
    assert SessionService(redis_manager).redis is redis_manager
    mock = MockRedisManager()
    asyncio.run(SessionService(mock).forget("a"))
    assert mock.calls == [("delete", "user:a:seen")]


def test_sessions_work_with_the_stub() -> None:
    async def story() -> None:
        sessions = SessionService(stubs.RedisManager())
        await sessions.seen("a")
        assert await sessions.last_seen("a") is not None

    asyncio.run(story())


def test_session_keys_are_the_users() -> None:
    recording = RecordingRedisManager()
    asyncio.run(SessionService(recording).last_seen("a"))
    assert recording.keys == ["user:a:seen"]


def test_quota_runs_out() -> None:
    async def story() -> list[bool]:
        manager = RedisManager()
        quota = Quota("a", limit=2, redis=manager)
        return [await quota.spend() for _ in range(3)]

    assert asyncio.run(story()) == [True, True, False]


def test_greeting_is_kept() -> None:
    async def story() -> list[str]:
        return [await greeting("a"), await greeting("a")]

    assert asyncio.run(story()) == ["welcome", "welcome"]


def test_threads_accept_real_managers_only(redis_manager) -> None:
    threads = ThreadService()
    assert threads.accepts(redis_manager)
    assert not threads.accepts(MockRedisManager())


def test_startup_goes_on_without_redis_where_it_may(fake_redis) -> None:
    fake_redis.refusing = True
    assert not asyncio.run(StartupCheck(required=False).run())
