"""The domain: every table and every rule, written once.

Doors (public_site, backoffice, cli) import rooms by their face, for example
``from models import tickets`` and then ``tickets.resolve(...)``.
"""
