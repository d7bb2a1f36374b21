"""What happens to one Droplet of a run, as a pure state machine.

``machine.begin`` and ``machine.advance`` take a state and an event, and return the next state with the commands that
follow. Nothing here awaits, reads a clock, or does I/O: ``fleet.runner`` performs the commands and reports the events.
"""
