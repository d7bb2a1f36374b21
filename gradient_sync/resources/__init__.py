# Generated from gradient_async/resources/__init__.py. Do not edit; run:
# python gradient_sync/_generate.py
"""One file a resource, one method an endpoint; each method builds a request and sends it."""
