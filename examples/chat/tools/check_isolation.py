"""Drives two users at once and fails where one sees what is the other's.

    python tools/check_isolation.py

Both use the same names for different secrets. Their replies, their threads and every
value that is stored under their keys are searched for the other's secret.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from aiohttp import ClientSession
from redis.asyncio import Redis

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.load_client import Failed, User
from tools.stack import Stack, StackError

ROUNDS = 10
USER_KEY = re.compile(r"user:([^:]+):.+")
# Keys that belong to no user: tokens are looked up before their user is known.
SHARED_KEY = re.compile(r"auth:token:[^:]+|metrics:[^:]+")


def leaks(
    secrets: Mapping[str, str],
    heard: Mapping[str, list[str]],
    stored: Mapping[str, list[str]],
) -> list[str]:
    """What each user heard or has stored that is another's, a line for each.

    `secrets` and `heard` go by user; `stored` holds the values of each key.
    """
    found = []
    for user, texts in heard.items():
        for other, secret in secrets.items():
            if other != user and any(secret in text for text in texts):
                found.append(f"{user} heard the secret of {other}")
    for key, values in stored.items():
        owner = USER_KEY.fullmatch(key)
        if owner is None and not SHARED_KEY.fullmatch(key):
            found.append(f"key {key} is nobody's")
        for user, secret in secrets.items():
            mine = owner is not None and owner[1] == user
            if not mine and any(secret in value for value in values):
                found.append(f"key {key} holds the secret of {user}")
    return found


async def converse(user: User, http: ClientSession) -> None:
    await user.arrive(http)
    if user.failure:
        return
    try:
        for turn in range(ROUNDS):
            await user.say(f"remember turn=turn {turn} of {user.secret}")
            # Let the other user speak between the two.
            await asyncio.sleep(0)
            reply = await user.say("recall turn")
            if reply != f"turn {turn} of {user.secret}":
                raise Failed(f"{user.user_id} was told {reply!r} in turn {turn}")
    except Failed as error:
        user.failure = str(error)
    await user.ask_back()


async def everything_stored(url: str) -> dict[str, list[str]]:
    stored = {}
    async with Redis.from_url(url, decode_responses=True) as redis:
        async for key in redis.scan_iter():
            if await redis.type(key) == "list":
                stored[key] = await redis.lrange(key, 0, -1)
            else:
                stored[key] = [await redis.get(key)]
    return stored


def thread_of(stack: Stack, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{stack.server}/thread", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def token_for(stack: Stack, user_id: str) -> str:
    body = json.dumps({"user_id": user_id}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{stack.auth}/token", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["token"]


async def drive(stack: Stack) -> list[str]:
    users = [
        User(name, f"secret-of-{name}", stack.server, stack.auth)
        for name in ("left", "right")
    ]
    async with ClientSession() as http:
        await asyncio.gather(*(converse(user, http) for user in users))
        await asyncio.gather(*(user.leave() for user in users))
    found = [user.failure for user in users if user.failure]
    secrets = {user.user_id: user.secret for user in users}
    heard = {user.user_id: list(user.replies) for user in users}
    for user in users:
        token = await asyncio.to_thread(token_for, stack, user.user_id)
        thread = await asyncio.to_thread(thread_of, stack, token)
        heard[user.user_id].append(thread)
        if user.secret not in thread:
            found.append(f"the thread of {user.user_id} does not hold what it said")
    return found + leaks(secrets, heard, await everything_stored(stack.redis_url))


def main() -> int:
    try:
        with Stack() as stack:
            found = asyncio.run(drive(stack))
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in found:
        print(line)
    print(f"isolation={'broken' if found else 'ok'}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
