# Generated from gradient_async/resources/__init__.py. Do not edit; run:
# python gradient_sync/_generate.py
"""The resources: one module for each, one method for each endpoint."""
