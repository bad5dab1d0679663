"""The names of keys: `user:{user_id}:{operation}`, so that no user meets another's."""

from __future__ import annotations


def user_key(user_id: str, operation: str) -> str:
    return f"user:{user_id}:{operation}"
