"""Redis, the auth service and the backend, started as processes of their own.

    with Stack(max_clients=32) as stack:
        ...  # stack.server, stack.auth, stack.redis_url

Ports are free ones. Redis keeps nothing on disk.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS = 20.0


class StackError(RuntimeError):
    """A process is missing or did not start."""


class Stack:
    def __init__(self, max_clients: int = 10_000) -> None:
        self.max_clients = max_clients
        redis_port, self.auth_port, self.server_port = free_ports(3)
        self.redis_port = redis_port
        self.redis_url = f"redis://127.0.0.1:{redis_port}/0"
        self.auth = f"http://127.0.0.1:{self.auth_port}"
        self.server = f"http://127.0.0.1:{self.server_port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Stack:
        if shutil.which("redis-server") is None:
            raise StackError("redis-server is not installed: apt install redis-server")
        self.folder = Path(tempfile.mkdtemp(prefix="chat-"))
        try:
            self._start_redis()
            self._start("auth", "auth_service.main", self.auth)
            self._start("server", "netra_backend.app.main", self.server)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in reversed(self.processes.values()):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def peak_memory(self) -> int:
        """Bytes: the most that the server and the auth service ever held, added up."""
        return sum(self._peak(name) for name in ("server", "auth"))

    def instances(self) -> dict[str, int]:
        """Managers built so far, by process, as the processes themselves count."""
        return {
            name: ask(f"{url}/health")["redis_managers"]
            for name, url in (("server", self.server), ("auth", self.auth))
        }

    def _peak(self, name: str) -> int:
        status = Path(f"/proc/{self.processes[name].pid}/status").read_text()
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise StackError(f"no VmHWM for {name}")

    def _start_redis(self) -> None:
        # fmt: off
        self._spawn("redis", [
            "redis-server",
            "--port", str(self.redis_port),
            "--bind", "127.0.0.1",
            "--maxclients", str(self.max_clients),
            "--save", "",
            "--appendonly", "no",
            "--dir", str(self.folder),
        ])
        # fmt: on
        self._wait("redis", lambda: redis_answers(self.redis_port))

    def _start(self, name: str, module: str, url: str) -> None:
        self._spawn(name, [sys.executable, "-m", module])
        self._wait(name, lambda: ask(f"{url}/health") is not None)

    def _spawn(self, name: str, command: list[str]) -> None:
        environment = dict(
            os.environ,
            REDIS_URL=self.redis_url,
            AUTH_URL=self.auth,
            AUTH_PORT=str(self.auth_port),
            CHAT_PORT=str(self.server_port),
        )
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _wait(self, name: str, answers) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            code = self.processes[name].poll()
            if code is not None:
                raise StackError(f"{name} ended with {code}:\n{self.log(name)[-2000:]}")
            try:
                if answers():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise StackError(f"{name} did not answer in time:\n{self.log(name)[-2000:]}")


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago; all differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def redis_answers(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


def ask(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)
