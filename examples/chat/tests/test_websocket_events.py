"""Handshakes and events, over real sockets: both services run in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from auth_service.main import build_app as build_auth
from netra_backend.app.core.lifespan import is_warm
from netra_backend.app.main import build_app
from netra_backend.app.routes.websocket import connections
from netra_backend.app.websocket_core.events import AGENT_EVENTS
from netra_backend.app.websocket_core.presence import is_online
from tools.load_client import ANSWER, User

Story = Callable[[ClientSession, str, str], Awaitable[None]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[Story], None]:
    """Runs a story against both services."""

    async def with_services(story: Story) -> None:
        async with TestServer(build_auth()) as auth:
            auth_url = str(auth.make_url("")).rstrip("/")
            monkeypatch.setenv("AUTH_URL", auth_url)
            async with TestServer(build_app()) as server, ClientSession() as http:
                server_url = str(server.make_url("")).rstrip("/")
                await story(http, server_url, auth_url)

    return lambda story: asyncio.run(with_services(story))


def test_a_conversation(run) -> None:
    async def story(http: ClientSession, server: str, auth: str) -> None:
        user = User("a", "green", server, auth)
        await user.arrive(http)
        assert await is_online("a")
        await user.ask_back()
        await user.leave()
        assert not user.failure
        assert user.replies == ["I will remember secret.", "green"]
        assert is_warm()

    run(story)


def test_events_are_recorded_in_order(run, fake_redis) -> None:
    async def story(http: ClientSession, server: str, auth: str) -> None:
        user = User("a", "green", server, auth)
        await user.arrive(http)
        await user.leave()

    run(story)
    recorded = fake_redis.lists["user:a:events"]
    assert recorded == ["connection_established", *AGENT_EVENTS]
    assert list(AGENT_EVENTS) == ANSWER


def test_a_handshake_without_redis_closes_with_1011(run, fake_redis) -> None:
    async def story(http: ClientSession, server: str, auth: str) -> None:
        known = User("a", "green", server, auth)
        await known.arrive(http)
        token = next(key for key in fake_redis.strings if key.startswith("auth:token:"))
        fake_redis.refusing = True
        headers = {"Authorization": f"Bearer {token.removeprefix('auth:token:')}"}
        async with http.ws_connect(f"{server}/ws", headers=headers) as socket:
            await socket.receive(5)
            assert socket.close_code == 1011
        fake_redis.refusing = False
        await known.leave()

    run(story)


def test_an_unknown_token_closes_with_1008(run) -> None:
    async def story(http: ClientSession, server: str, auth: str) -> None:
        headers = {"Authorization": "Bearer made-up"}
        async with http.ws_connect(f"{server}/ws", headers=headers) as socket:
            await socket.receive(5)
            assert socket.close_code == 1008

    run(story)


def test_a_failed_answer_leaves_the_connection_open(run, fake_redis) -> None:
    async def story(http: ClientSession, server: str, auth: str) -> None:
        fake_redis.refused_keys = {"user:a:plan"}
        user = User("a", "green", server, auth)
        await user.arrive(http)
        assert "max number of clients" in user.failure
        assert user.socket is not None
        await user.socket.send_json({"type": "ping"})
        assert await user.socket.receive_json() == {"type": "pong"}
        fake_redis.refused_keys.clear()
        assert await user.say("remember secret=green") == "I will remember secret."
        await user.leave()

    run(story)


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}", '{"type": "other"}'])
def test_what_is_no_message_is_an_error(run, text: str) -> None:
    async def story(http: ClientSession, server: str, auth: str) -> None:
        user = User("a", "green", server, auth)
        await user.arrive(http)
        assert user.socket is not None
        await user.socket.send_str(text)
        assert (await user.socket.receive_json())["type"] == "error"
        await user.leave()

    run(story)


def test_those_who_left_are_gone(run) -> None:
    async def story(http: ClientSession, server: str, auth: str) -> None:
        user = User("a", "green", server, auth)
        await user.arrive(http)
        assert list(connections.connections) == ["a"]
        await user.leave()
        for _ in range(100):
            if not connections.connections:
                break
            await asyncio.sleep(0.01)
        assert not connections.connections

    run(story)


def test_the_thread_is_served(run) -> None:
    async def story(http: ClientSession, server: str, auth: str) -> None:
        user = User("a", "green", server, auth)
        await user.arrive(http)
        async with http.post(f"{auth}/token", json={"user_id": "a"}) as answer:
            token = (await answer.json())["token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with http.get(f"{server}/thread", headers=headers) as answer:
            assert await answer.json() == {
                "user_id": "a",
                "thread": ["remember secret=green"],
            }
        async with http.get(f"{server}/health") as answer:
            redis = (await answer.json())["redis"]
            assert redis == {"shared": "ok", "health": "ok"}
        await user.leave()

    run(story)
