"""The auth service: hands out tokens and says whose they are."""
