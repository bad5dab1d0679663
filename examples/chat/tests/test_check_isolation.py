"""The isolation check finds what it is for."""

from __future__ import annotations

from tools.check_isolation import leaks

SECRETS = {"a": "apple", "b": "pear"}


def test_what_is_ones_own_is_no_leak() -> None:
    heard = {"a": ["your apple"], "b": ["your pear"]}
    stored = {"user:a:memory:x": ["apple"], "auth:token:t": ["a"], "metrics:n": ["1"]}
    assert leaks(SECRETS, heard, stored) == []


def test_a_secret_told_to_another_is_a_leak() -> None:
    found = leaks(SECRETS, {"a": ["your pear"], "b": []}, {})
    assert found == ["a heard the secret of b"]


def test_a_secret_under_anothers_key_is_a_leak() -> None:
    found = leaks(SECRETS, {}, {"user:b:report": ["an apple"]})
    assert found == ["key user:b:report holds the secret of a"]


def test_a_key_without_a_user_is_a_leak() -> None:
    assert leaks(SECRETS, {}, {"report": ["x"]}) == ["key report is nobody's"]
