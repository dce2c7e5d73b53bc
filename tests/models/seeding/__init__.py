"""What a new installation starts with, and the demo."""
