"""Tokens: given out, looked up, unknown."""

from __future__ import annotations

import asyncio

from auth_service.auth_core import AuthRedisManager
from auth_service.auth_core.sessions import has_session, open_session
from auth_service.auth_core.token_store import TokenStore
from auth_service.auth_core.verify import verify_token


def test_a_token_is_its_users() -> None:
    async def story() -> list[str | None]:
        manager = AuthRedisManager()
        token = await TokenStore(manager).issue("a")
        return [
            await verify_token(token),
            await verify_token(token, manager),
            await verify_token("made up"),
        ]

    assert asyncio.run(story()) == ["a", "a", None]


def test_sessions_are_the_users() -> None:
    async def story() -> list[bool]:
        await open_session("a")
        return [await has_session("a"), await has_session("b")]

    assert asyncio.run(story()) == [True, False]
