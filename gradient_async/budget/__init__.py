"""One rate budget for several processes: its addresses, its stores, and the budget itself."""
