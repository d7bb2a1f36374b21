"""Waiting: for actions with shared polls, and for what became of a request whose answer was lost."""
