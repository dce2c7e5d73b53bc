"""Whether everything that is stored agrees with everything else: rows, references, index, files.

Nothing is written and nothing mended. All checks read one snapshot and work in SQL, on sets of
rows, so that they end in minutes at a million tickets.
"""

from models.consistency.checks import Check, checks
from models.consistency.finding import NAMED, Finding

__all__ = ["NAMED", "Check", "Finding", "checks"]
