"""Sending one request: endpoint, rate budget, transport, retry and reader."""
