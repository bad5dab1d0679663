"""Prints connections=N: the most client connections that a load takes when none is
refused. With fewer allowed than this, handshakes fail.

    python tools/count_connections.py --users 8
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.measure import load_and_watch
from tools.stack import Stack, StackError


def main() -> int:
    parser = argparse.ArgumentParser(description="Count the connections of a load.")
    parser.add_argument("--users", type=int, default=8)
    options = parser.parse_args()
    try:
        with Stack() as stack:
            watched = load_and_watch(stack, options.users)
            outcome, connections = asyncio.run(watched)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if outcome.successes < outcome.users:
        print("\n".join(outcome.failures), file=sys.stderr)
        return 1
    print(f"connections={connections.peak}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
