"""The JSON API: one table of endpoints, from which the routes and the reference are made."""

from public_site.api.openapi import WORDS_OF_REFUSALS, reference
from public_site.api.table import ENDPOINTS, routes

__all__ = ["ENDPOINTS", "WORDS_OF_REFUSALS", "reference", "routes"]
