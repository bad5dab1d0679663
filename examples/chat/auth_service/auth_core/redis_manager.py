"""The auth service's Redis manager, and the one instance that it can share."""

from __future__ import annotations

import asyncio
import os
from array import array
from collections.abc import Awaitable
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

T = TypeVar("T")

# Answer sizes are kept for the capacity report.
SIZE_WINDOW = 65_536


class AuthRedisUnavailable(RuntimeError):
    """Redis refused a connection, dropped one, or did not answer in time."""


def open_client(url: str, pool_size: int) -> Redis:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=pool_size,
        timeout=10,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


class AuthRedisManager:
    """Talks to Redis, opening the pool at the first command."""

    built = 0  # managers built in this process, for /health

    def __init__(self, url: str | None = None) -> None:
        self.url = url or os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
        self.pool_size = int(os.environ.get("REDIS_POOL_SIZE", "1"))
        self.sizes = array("q", bytes(8 * SIZE_WINDOW))
        self.answers = 0
        self._client: Redis | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        AuthRedisManager.built += 1

    @property
    def client(self) -> Redis:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = open_client(self.url, self.pool_size)
            self._loop = loop
        return self._client

    async def connect(self) -> None:
        await self._run(self.client.ping())

    async def close(self) -> None:
        if self._client is not None and self._loop is asyncio.get_running_loop():
            await self._client.aclose()
        self._client = self._loop = None

    async def get(self, key: str) -> str | None:
        value = await self._run(self.client.get(key))
        self.sizes[self.answers % SIZE_WINDOW] = len(value or "")
        self.answers += 1
        return value

    async def set(self, key: str, value: str, seconds: int | None = None) -> None:
        await self._run(self.client.set(key, value, ex=seconds))

    async def push(self, key: str, value: str) -> int:
        return await self._run(self.client.rpush(key, value))

    async def _run(self, command: Awaitable[T]) -> T:
        try:
            return await command
        except (RedisError, OSError) as error:
            raise AuthRedisUnavailable(str(error)) from error


auth_redis_manager = AuthRedisManager()


def get_auth_redis_manager() -> AuthRedisManager:
    return auth_redis_manager
