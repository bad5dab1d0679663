"""The agents that answer a message, and the engine that runs them."""
