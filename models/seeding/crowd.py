"""The people of the bulk data."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from models.actor import Role
from models.seeding import chance

_FIRST = (
    "Ada",
    "Ben",
    "Cem",
    "Dana",
    "Eli",
    "Fay",
    "Gil",
    "Hana",
    "Ivo",
    "Jun",
    "Kai",
    "Lea",
    "Mia",
)
_LAST = (
    "Abel",
    "Berg",
    "Cruz",
    "Dahl",
    "Ek",
    "Frey",
    "Gold",
    "Hahn",
    "Ito",
    "Jung",
    "Klein",
    "Lund",
)
_PLANS = ("free", "free", "free", "pro", "business")
_AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Crowd:
    """``count`` people of one kind: ``person`` or ``agent``."""

    seed: int
    kind: str
    count: int

    def id_of(self, n: int) -> str:
        """The id of the n-th of them."""
        return chance.new_id(n, self.seed, self.kind, n)

    def row(self, n: int) -> dict[str, Any]:
        """The n-th of them as it is stored."""
        rng = chance.of(self.seed, self.kind, n)
        joined = chance.moment(rng.random() * 0.02)
        is_agent = self.kind == _AGENT
        return {
            "id": self.id_of(n),
            "email": f"{self.kind}{n}.{self.seed}@bulk.example",
            "name": f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
            "role": (Role.SUPPORT if is_agent else Role.MEMBER).value,
            "plan": "free" if is_agent else rng.choice(_PLANS),
            "is_active": True,
            "is_system": False,
            "last_login_at": joined + timedelta(days=rng.randint(1, 700)),
            "created_at": joined,
            "updated_at": joined,
        }


def gateway(person: dict[str, Any]) -> dict[str, Any]:
    """The gateway that somebody runs."""
    return {
        "id": chance.new_id(0, person["id"], "gateway"),
        "owner_id": person["id"],
        "name": f"Bot of {person['name']}",
        "type": "telegram",
        "status": "connected",
        "updated_at": person["created_at"],
    }
