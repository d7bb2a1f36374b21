# Generated from gradient_async/fleet/__init__.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Many Droplets at once: targets, steps, batches, outcomes, report and journal."""
