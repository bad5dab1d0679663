"""The chat backend."""
