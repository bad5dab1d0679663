"""The application: routes, WebSocket core, agents, services."""
