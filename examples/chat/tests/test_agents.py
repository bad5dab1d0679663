"""The agents, one by one."""

from __future__ import annotations

import asyncio
import unittest

from netra_backend.app import redis_manager as redis_module
from netra_backend.app.agents.base_agent import BaseAgent
from netra_backend.app.agents.data_agent import DataAgent
from netra_backend.app.agents.memory import ConversationMemory
from netra_backend.app.agents.optimization import cost_lookup
from netra_backend.app.agents.reporting import reporter_for
from netra_backend.app.agents.tool_dispatcher import ToolDispatcher
from netra_backend.app.agents.triage import Intent, parse
from netra_backend.app.agents.validation import ReplyValidator
from tests.mocks import MockRedisManager
from tests.stubs import RedisManager


class AgentTest(unittest.TestCase):
    def setUp(self) -> None:
        self.manager = redis_module.RedisManager()

    def test_agent_uses_the_manager_that_it_is_given(self) -> None:
        mock = MockRedisManager()
        asyncio.run(BaseAgent("a", mock).save("plan", "answer"))
        self.assertEqual(mock.calls, [("set", "user:a:plan")])

    def test_agent_saves_under_its_users_key(self) -> None:
        async def story() -> str | None:
            await BaseAgent("a", self.manager).save("plan", "answer")
            return await self.manager.get("user:a:plan")

        self.assertEqual(asyncio.run(story()), "answer")

    def test_agent_works_without_a_manager(self) -> None:
        async def story() -> str | None:
            agent = BaseAgent("a")
            await agent.save("plan", "answer")
            return await agent.load("plan")

        self.assertEqual(asyncio.run(story()), "answer")


def test_words_are_understood() -> None:
    assert parse("remember colour=dark green") == Intent(
        "remember", "colour", "dark green"
    )
    assert parse("recall colour") == Intent("recall", "colour")
    assert parse("recall") == Intent("question", value="recall")


def test_memory_is_the_users() -> None:
    async def story() -> list[str | None]:
        await ConversationMemory("a").remember("colour", "green")
        return [
            await ConversationMemory("a").recall("colour"),
            await ConversationMemory("b").recall("colour"),
        ]

    assert asyncio.run(story()) == ["green", None]


def test_messages_are_counted() -> None:
    async def story() -> int:
        await ConversationMemory("a").note("one")
        await ConversationMemory("a").note("two")
        return await DataAgent("a").messages()

    assert asyncio.run(story()) == 2


def test_costs_are_kept() -> None:
    async def story() -> list[int]:
        lookup = cost_lookup("a")
        return [await lookup("question"), await lookup("question")]

    assert asyncio.run(story()) == [3, 3]


def test_report_goes_to_the_archive_where_there_is_one() -> None:
    async def story() -> list[str]:
        archive = RedisManager()  # the stub
        await reporter_for("a", archive).write(["one", "two"])
        assert archive.data == {"user:a:report": "one\ntwo"}
        return await reporter_for("a").read()

    assert asyncio.run(story()) == []


def test_tools_are_counted(fake_redis) -> None:
    async def story() -> str:
        tools = ToolDispatcher("a")
        await tools.run("word_count", "one two")
        return await tools.run("word_count", "three")

    assert asyncio.run(story()) == "1 words, 3 so far"
    assert fake_redis.strings["user:a:tool:word_count"] == "2"


def test_an_empty_reply_is_replaced() -> None:
    reply = asyncio.run(ReplyValidator("a").check(""))
    assert reply == "I have nothing to say to that."
