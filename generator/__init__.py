"""Generates files from the source: ``python gradient_sync/_generate.py``."""
