"""What is known about a user, from the cache that the cache service fills."""

from __future__ import annotations

from netra_backend.app.keys import user_key
from netra_backend.app.services.cache_service import recall, redis_manager, remember


async def greeting(user_id: str) -> str:
    """How to greet the user; the same words for as long as the cache holds them."""
    words = await recall(user_id, "greeting")
    if words is None:
        returning = await redis_manager.exists(user_key(user_id, "history"))
        words = "welcome back" if returning else "welcome"
        await remember(user_id, "greeting", words)
    return words
