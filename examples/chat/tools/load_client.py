"""Users who open a WebSocket each and hold the conversation that must always work.

    python tools/load_client.py --server http://… --auth http://… --users 24

They arrive one after another, tell the backend something to remember, and stay. When
all are there, all ask at once for what they told it. A user succeeds who was answered
every time, with the five events of an answer in order and the right value at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import dataclass, field

import aiohttp

ANSWER = [
    "agent_started",
    "agent_thinking",
    "tool_executing",
    "tool_completed",
    "agent_completed",
]
PATIENCE = 20.0


class Failed(Exception):
    """The conversation did not go as it should."""


@dataclass
class User:
    user_id: str
    secret: str
    server: str
    auth: str
    connected: bool = False
    failure: str = ""
    close_code: int | None = None
    replies: list[str] = field(default_factory=list)
    socket: aiohttp.ClientWebSocketResponse | None = None

    async def arrive(self, http: aiohttp.ClientSession) -> None:
        """Fetch a token, connect, and say what is to be remembered."""
        try:
            await self._connect(http)
            reply = await self.say(f"remember secret={self.secret}")
            if reply != "I will remember secret.":
                raise Failed(f"odd reply: {reply}")
        except (Failed, aiohttp.ClientError, OSError, TimeoutError) as error:
            self.failure = str(error) or type(error).__name__

    async def ask_back(self) -> None:
        """Ask for it. Those who failed before only stay."""
        if self.failure:
            return
        try:
            reply = await self.say("recall secret")
            if reply != self.secret:
                raise Failed(f"{self.user_id} was told {reply}")
        except (Failed, aiohttp.ClientError, OSError, TimeoutError) as error:
            self.failure = str(error) or type(error).__name__

    async def say(self, text: str) -> str:
        """Send a message; the reply, after the five events of an answer in order."""
        assert self.socket is not None
        await self.socket.send_json({"type": "user_message", "text": text})
        for expected in ANSWER:
            event = await self._receive()
            if event["type"] != expected:
                reason = event.get("reason", event["type"])
                raise Failed(f"{expected} expected: {reason}")
        self.replies.append(event["reply"])
        return event["reply"]

    async def leave(self) -> None:
        if self.socket is not None:
            await self.socket.close()

    async def _connect(self, http: aiohttp.ClientSession) -> None:
        body = {"user_id": self.user_id}
        async with http.post(f"{self.auth}/token", json=body) as answer:
            if answer.status != 200:
                raise Failed(f"no token: {await answer.text()}")
            token = (await answer.json())["token"]
        headers = {"Authorization": f"Bearer {token}"}
        self.socket = await http.ws_connect(f"{self.server}/ws", headers=headers)
        event = await self._receive()
        if event["type"] != "connection_established":
            raise Failed(f"no handshake: {event}")
        self.connected = True

    async def _receive(self) -> dict:
        assert self.socket is not None
        message = await self.socket.receive(PATIENCE)
        if message.type is aiohttp.WSMsgType.TEXT:
            return json.loads(message.data)
        self.close_code = self.socket.close_code
        raise Failed(f"closed with {self.close_code}: {message.extra}")


@dataclass(frozen=True)
class Outcome:
    users: int
    handshakes: int
    successes: int
    closed_1011: int
    failures: list[str]

    @property
    def handshake_rate(self) -> float:
        return 100 * self.handshakes / self.users

    @property
    def success_rate(self) -> float:
        return 100 * self.successes / self.users


async def load(server: str, auth: str, users: int) -> Outcome:
    everyone = [
        User(f"user-{n:02}", f"secret-{n:02}", server, auth) for n in range(users)
    ]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        for user in everyone:
            await user.arrive(http)
        await asyncio.gather(*(user.ask_back() for user in everyone))
        await asyncio.gather(*(user.leave() for user in everyone))
    return Outcome(
        users=users,
        handshakes=sum(user.connected for user in everyone),
        successes=sum(not user.failure for user in everyone),
        closed_1011=sum(user.close_code == 1011 for user in everyone),
        failures=sorted({user.failure for user in everyone if user.failure}),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="http://127.0.0.1:8000")
    parser.add_argument("--auth", default="http://127.0.0.1:8001")
    parser.add_argument("--users", type=int, default=24)
    options = parser.parse_args()
    outcome = asyncio.run(load(options.server, options.auth, options.users))
    print(f"handshakes={outcome.handshakes}/{outcome.users}")
    print(f"success_rate={outcome.success_rate:.0f}")
    print(f"closed_1011={outcome.closed_1011}")
    for failure in outcome.failures:
        print(f"  {failure}")
    return 0 if outcome.successes == outcome.users else 1


if __name__ == "__main__":
    raise SystemExit(main())
