"""The command line: in this process for speed, and as the program that people start."""
