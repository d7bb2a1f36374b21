"""Waits for actions with shared polls, and looks up requests whose answer was lost."""
