"""The customers' door: the help center, tickets, signing in. ``app.create_app()`` is all of it."""
