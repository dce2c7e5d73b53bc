"""Exports: what is in them, and that nothing in them is taken for something else."""
