"""Tokens, and whose they are."""

from __future__ import annotations

import secrets

from .redis_manager import AuthRedisManager

TOKEN_SECONDS = 3600


class TokenStore:
    def __init__(self, redis=None) -> None:
        self.redis = redis or AuthRedisManager()

    async def issue(self, user_id: str) -> str:
        token = secrets.token_urlsafe(24)
        await self.redis.set(f"auth:token:{token}", user_id, TOKEN_SECONDS)
        return token
