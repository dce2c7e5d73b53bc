"""The back office through its real door: the whole site in front, a real database behind."""
