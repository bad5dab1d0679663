"""Plans the answer to a message."""

from __future__ import annotations

from netra_backend.app.agents.base_agent import BaseAgent
from netra_backend.app.agents.goals import GoalAgent
from netra_backend.app.agents.triage import Intent, TriageAgent
from netra_backend.app.redis_manager import RedisManager


class SupervisorAgent(BaseAgent):
    name = "supervisor"

    def __init__(self, user_id: str) -> None:
        # The plan is read back by those who write the report.
        redis_manager = RedisManager()
        super().__init__(user_id, redis_manager)
        self.triage = TriageAgent(user_id)
        self.goals = GoalAgent(user_id)

    async def plan(self, words: str) -> tuple[Intent, list[str]]:
        intent = await self.triage.classify(words)
        before = await self.goals.note(intent.kind)
        steps = [f"after {before}", intent.kind, "validate", "report"]
        await self.save("plan", " > ".join(steps))
        return intent, steps
