"""The tests. They need no Redis: fakes.py has a server that answers in memory."""
