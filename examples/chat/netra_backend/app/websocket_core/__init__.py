"""The WebSocket core: handshakes, connections, events."""
