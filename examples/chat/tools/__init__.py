"""Starts the backend, loads it, and measures it."""
