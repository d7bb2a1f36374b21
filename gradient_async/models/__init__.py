"""What the API says, as frozen values: no I/O, and no behaviour but small properties."""
