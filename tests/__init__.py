"""The tests; folders mirror the program, `journeys` and `browser` go through its real doors."""
