"""Words that people use for one another when they look for help, in their folded form.

General words only; what a product calls its own things is found by tags.
"""

_GROUPS = """
login logon signin sign password
password passcode
delete remove erase
cancel stop end unsubscribe quit
refund money
bill invoice receipt
pay payment charge card
price cost fee expensive
mail email
error problem issue failure broken fails
phone mobile
begin start
plan subscription
team colleague coworker member
limit quota
picture image photo screenshot
key token
connect link
answer reply respond
write compose
change edit modify
update upgrade
stats statistics analytics numbers
schedule later
offline disconnected down dead silent stopped
slow late
install add
invite add join
year yearly annual annually
month monthly
setup configure configuration settings
"""
_BY_WORD: dict[str, list[str]] = {}
for _line in _GROUPS.split("\n"):
    for _word in _line.split():
        others = [other for other in _line.split() if other != _word]
        _BY_WORD.setdefault(_word, []).extend(others)


def of(word: str) -> list[str]:
    """Other words for this one; also for its plural and what else it is turned into."""
    for ending in ("", "s", "ing", "ed"):
        others = _BY_WORD.get(word.removesuffix(ending))
        if others:
            return others
    return []
