# Generated from the resources. Do not edit; run:
# python gradient_sync/_generate.py
"""What is derived of the resources."""
