"""Runs the load against a Redis server that allows few connections, and measures.

    python tools/measure.py --users 24 --max-clients 32

Prints one JSON object. What it counts is said beside each figure below.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.load_client import Outcome, load
from tools.stack import Stack, StackError


@dataclass
class Connections:
    peak: int = 0  # client connections at once, without this tool's own
    refused: int = 0  # connections that Redis turned away


async def load_and_watch(stack: Stack, users: int) -> tuple[Outcome, Connections]:
    """Run the load, asking Redis all the while how many connections it holds."""
    connections = Connections()
    redis = Redis.from_url(stack.redis_url, single_connection_client=True)
    async with redis:
        # The connection is opened now: later there may be none left.
        before = (await redis.info("stats"))["rejected_connections"]

        done = asyncio.Event()

        async def watch() -> None:
            while not done.is_set():
                clients = await redis.info("clients")
                seen = clients["connected_clients"] - 1
                connections.peak = max(connections.peak, seen)
                await asyncio.sleep(0.01)

        watching = asyncio.create_task(watch())
        try:
            outcome = await load(stack.server, stack.auth, users)
        finally:
            # Cancelled in the middle of a reply, the client would drop its connection.
            done.set()
            await watching
        after = (await redis.info("stats"))["rejected_connections"]
        connections.refused = after - before
    return outcome, connections


def measure(users: int, max_clients: int) -> dict[str, object]:
    with Stack(max_clients) as stack:
        outcome, connections = asyncio.run(load_and_watch(stack, users))
        instances = stack.instances()
        memory = stack.peak_memory()
    return {
        "users": outcome.users,
        "handshake_rate": round(outcome.handshake_rate, 1),
        "success_rate": round(outcome.success_rate, 1),
        "closed_1011": outcome.closed_1011,
        "failures": outcome.failures,
        "connections": connections.peak,
        "refused": connections.refused,
        "instances": instances,  # built, by process
        "memory": memory,  # bytes, the peaks of both processes added up
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=24)
    parser.add_argument("--max-clients", type=int, default=32)
    options = parser.parse_args()
    try:
        figures = measure(options.users, options.max_clients)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(figures, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
