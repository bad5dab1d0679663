"""The Redis manager, and the one instance that the whole backend can share.

A manager owns a connection pool, its registered scripts and a window of command
latencies. That makes each `RedisManager()` cost half a megabyte and, from its first
command on, a connection of the Redis server's.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Awaitable
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from netra_backend.app.config import Settings
from netra_backend.app.core import metrics

T = TypeVar("T")

LATENCY_WINDOW = 65_536

# Counts one more event, and forgets the count ARGV[1] seconds after the first.
COUNT_WITHIN = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class RedisUnavailable(RuntimeError):
    """Redis refused a connection, dropped one, or did not answer in time."""


def open_client(url: str, pool_size: int) -> Redis:
    """A client whose pool makes callers wait, rather than open more than its share."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=pool_size,
        timeout=10,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


class RedisManager:
    """Talks to Redis, opening the pool at the first command.

    A pool belongs to the event loop that opened it; a manager that is used from
    another loop opens a new one there.
    """

    built = 0  # managers built in this process, for /health

    def __init__(self, url: str | None = None) -> None:
        settings = Settings.from_environment()
        self.url = url or settings.redis_url
        self.pool_size = settings.redis_pool_size
        self.latencies = array("d", bytes(8 * LATENCY_WINDOW))
        self.commands = 0
        self._client: Redis | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        RedisManager.built += 1

    @property
    def client(self) -> Redis:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = open_client(self.url, self.pool_size)
            self._count_within = self._client.register_script(COUNT_WITHIN)
            self._loop = loop
        return self._client

    async def connect(self) -> None:
        """Open the first connection now, to learn early that Redis is there."""
        await self.ping()

    async def close(self) -> None:
        if self._client is not None and self._loop is asyncio.get_running_loop():
            await self._client.aclose()
        self._client = self._loop = None

    async def ping(self) -> None:
        await self._run(self.client.ping())

    async def get(self, key: str) -> str | None:
        return await self._run(self.client.get(key))

    async def set(self, key: str, value: str, seconds: int | None = None) -> None:
        await self._run(self.client.set(key, value, ex=seconds))

    async def delete(self, key: str) -> None:
        await self._run(self.client.delete(key))

    async def exists(self, key: str) -> bool:
        return await self._run(self.client.exists(key)) == 1

    async def expire(self, key: str, seconds: int) -> None:
        await self._run(self.client.expire(key, seconds))

    async def push(self, key: str, value: str) -> int:
        """Append to the list at `key`; its length afterwards."""
        return await self._run(self.client.rpush(key, value))

    async def items(self, key: str) -> list[str]:
        return await self._run(self.client.lrange(key, 0, -1))

    async def increment(self, key: str, by: int = 1) -> int:
        return await self._run(self.client.incrby(key, by))

    async def count_within(self, key: str, seconds: int) -> int:
        """Count one more event at `key`; how many there were in the last `seconds`."""
        client = self.client  # registers the script
        return await self._run(
            self._count_within(keys=[key], args=[seconds], client=client)
        )

    def slowest(self) -> float:
        """Seconds that the slowest command in the window took."""
        return max(self.latencies)

    async def _run(self, command: Awaitable[T]) -> T:
        started = time.perf_counter()
        try:
            return await command
        except (RedisError, OSError) as error:
            raise RedisUnavailable(str(error)) from error
        finally:
            taken = time.perf_counter() - started
            self.latencies[self.commands % LATENCY_WINDOW] = taken
            self.commands += 1
            metrics.count("redis_commands")


redis_manager = RedisManager()


def get_redis_manager() -> RedisManager:
    """The shared manager, for code that wants a function to call."""
    return redis_manager
