"""The adapters against real counterparts."""
