"""Writes what is derived of the source: ``python gradient_sync/_generate.py``."""
