"""Runs the agents over one message and tells the client how far they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import netra_backend.app.redis_manager
from netra_backend.app.agents.data_agent import DataAgent
from netra_backend.app.agents.memory import ConversationMemory
from netra_backend.app.agents.optimization import cost_lookup
from netra_backend.app.agents.reporting import reporter_for
from netra_backend.app.agents.state import AgentState
from netra_backend.app.agents.supervisor import SupervisorAgent
from netra_backend.app.agents.tool_dispatcher import ToolDispatcher
from netra_backend.app.agents.triage import Intent
from netra_backend.app.agents.validation import ReplyValidator
from netra_backend.app.keys import user_key

if TYPE_CHECKING:
    from netra_backend.app.websocket_core.events import EventEmitter


class ExecutionEngine:
    """The agents of one connection. They live until it closes."""

    def __init__(self, user_id: str, emitter: EventEmitter) -> None:
        self.user_id = user_id
        self.emitter = emitter
        self.runs = netra_backend.app.redis_manager.RedisManager()
        self.state = AgentState(user_id)
        self.supervisor = SupervisorAgent(user_id)
        self.memory = ConversationMemory(user_id)
        self.tools = ToolDispatcher(user_id)
        self.data = DataAgent(user_id)
        self.cost = cost_lookup(user_id)
        self.validator = ReplyValidator(user_id)
        self.reporter = reporter_for(user_id)

    async def run(self, words: str) -> None:
        emit = self.emitter.emit
        run = await self.runs.increment(user_key(self.user_id, "runs"))
        state = await self.state.load()
        await emit("agent_started", agent=self.supervisor.name, run=run)
        intent, steps = await self.supervisor.plan(words)
        await emit("agent_thinking", plan=steps)
        await self.memory.note(words)
        await emit("tool_executing", tool="word_count")
        counted = await self.tools.run("word_count", words)
        await emit("tool_completed", tool="word_count", result=counted)
        cost = await self.cost(intent.kind)
        reply = await self.validator.check(await self._answer(intent))
        await self.reporter.write([*steps, counted, f"cost {cost}", reply])
        await self.state.save({"turns": state["turns"] + 1, "last": intent.kind})
        await emit("agent_completed", reply=reply, cost=cost)

    async def _answer(self, intent: Intent) -> str:
        if intent.kind == "remember":
            await self.memory.remember(intent.name, intent.value)
            return f"I will remember {intent.name}."
        if intent.kind == "recall":
            value = await self.memory.recall(intent.name)
            return value or f"I know nothing of {intent.name}."
        return f"That is message {await self.data.messages()} of yours."
