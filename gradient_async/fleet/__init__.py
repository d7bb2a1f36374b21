"""Many Droplets at once: targets, steps, batches, outcomes, report and journal."""
