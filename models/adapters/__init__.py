"""The only modules that touch the outside world; each has a Protocol, the real one, a local one."""
