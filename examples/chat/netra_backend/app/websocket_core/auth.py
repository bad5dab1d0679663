"""Who opens the connection: the token, judged by the auth service."""

from __future__ import annotations

from aiohttp import ClientError, ClientSession, ClientTimeout

from netra_backend.app.config import Settings
from netra_backend.app.keys import user_key
from netra_backend.app.redis_manager import RedisManager, RedisUnavailable


class NotAuthenticated(Exception):
    """The token is missing, unknown or has run out."""


class AuthUnavailable(RedisUnavailable):
    """The auth service did not answer, or its own Redis failed it."""


class WebSocketAuthenticator:
    """Asks the auth service about one token."""

    def __init__(self) -> None:
        self.redis = RedisManager()
        self.url = Settings.from_environment().auth_url + "/verify"

    async def authenticate(self, token: str) -> str:
        """The id of the user who holds `token`."""
        headers = {"Authorization": f"Bearer {token}"}
        timeout = ClientTimeout(total=10)
        try:
            async with ClientSession(timeout=timeout) as http:
                async with http.get(self.url, headers=headers) as answer:
                    status, body = answer.status, await answer.json()
        except (ClientError, TimeoutError) as error:
            raise AuthUnavailable(f"auth service: {error}") from error
        if status == 503:
            raise AuthUnavailable(f"auth service: {body['error']}")
        if status != 200:
            raise NotAuthenticated(body["error"])
        user_id = body["user_id"]
        await self.redis.set(user_key(user_id, "authenticated"), "yes", 3600)
        return user_id
