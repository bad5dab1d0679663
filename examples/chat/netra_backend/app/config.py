"""What the backend is told by its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    auth_url: str
    redis_url: str
    redis_pool_size: int

    @classmethod
    def from_environment(cls) -> Settings:
        """Read anew at each call, so that a test can change the environment."""
        env = os.environ
        return cls(
            host=env.get("CHAT_HOST", "127.0.0.1"),
            port=int(env.get("CHAT_PORT", "8000")),
            auth_url=env.get("AUTH_URL", "http://127.0.0.1:8001"),
            redis_url=env.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
            redis_pool_size=int(env.get("REDIS_POOL_SIZE", "1")),
        )
