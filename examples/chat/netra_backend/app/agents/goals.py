"""What the user is after."""

from __future__ import annotations

from netra_backend.app.agents.base_agent import BaseAgent


class GoalAgent(BaseAgent):
    name = "goals"

    async def note(self, intent: str) -> str:
        """Keep the intent; the one before it, so that the plan can refer to it."""
        before = await self.load("goal")
        await self.save("goal", intent)
        return before or "none"
