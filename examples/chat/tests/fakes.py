"""A Redis server in memory, as far as the managers use one."""

from __future__ import annotations

from redis.exceptions import ConnectionError as RedisConnectionError


class FakeServer:
    """Holds the data. Its open_client() takes the place of the real one."""

    def __init__(self) -> None:
        self.strings: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
        self.clients = 0
        self.refusing = False
        self.refused_keys: set[str] = set()

    def open_client(self, url: str, pool_size: int) -> FakeClient:
        self.clients += 1
        return FakeClient(self)


class FakeClient:
    def __init__(self, server: FakeServer) -> None:
        self.server = server

    def _check(self, key: str = "") -> None:
        if self.server.refusing or key in self.server.refused_keys:
            raise RedisConnectionError("max number of clients reached")

    async def ping(self) -> bool:
        self._check()
        return True

    async def get(self, key: str) -> str | None:
        self._check(key)
        return self.server.strings.get(key)

    async def set(self, key: str, value: str, ex: int | None = None) -> None:
        self._check(key)
        self.server.strings[key] = value

    async def delete(self, key: str) -> None:
        self._check(key)
        self.server.strings.pop(key, None)
        self.server.lists.pop(key, None)

    async def exists(self, key: str) -> int:
        self._check(key)
        return int(key in self.server.strings or key in self.server.lists)

    async def expire(self, key: str, seconds: int) -> None:
        self._check(key)

    async def rpush(self, key: str, value: str) -> int:
        self._check(key)
        items = self.server.lists.setdefault(key, [])
        items.append(value)
        return len(items)

    async def lrange(self, key: str, first: int, last: int) -> list[str]:
        self._check(key)
        return list(self.server.lists.get(key, []))

    async def incrby(self, key: str, by: int) -> int:
        self._check(key)
        count = int(self.server.strings.get(key, "0")) + by
        self.server.strings[key] = str(count)
        return count

    def register_script(self, source: str):
        """The only script there is counts one more event."""

        async def count_within(keys: list[str], args: list[int], client: FakeClient):
            return await client.incrby(keys[0], 1)

        return count_within

    async def aclose(self) -> None:
        pass
