# Generated from gradient_async/resources/generated/__init__.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of the resources."""
