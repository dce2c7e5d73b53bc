"""What a new installation starts with, and the demo; the words themselves are in ``content/``."""

from models.seeding.bulk import Wanted, seed_bulk
from models.seeding.demo import DEMO_PASSWORD, DEMO_SIGN_INS, seed_demo
from models.seeding.starter import seed_base

__all__ = [
    "DEMO_PASSWORD",
    "DEMO_SIGN_INS",
    "Wanted",
    "seed_base",
    "seed_bulk",
    "seed_demo",
]
