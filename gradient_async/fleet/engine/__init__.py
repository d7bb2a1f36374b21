"""The pure state machine of one Droplet in a run.

``machine.start`` and ``machine.advance`` take a state and an event, and return the next state with the commands that
follow. Nothing here awaits, reads a clock or does I/O: ``fleet.runner`` performs the commands and reports the events.
"""
