"""Finds out why requests to the API fail: ``collector`` reads, ``checks`` and ``conformance`` decide, and are pure."""
