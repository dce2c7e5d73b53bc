"""The known word that a mistyped one is nearest to."""

from collections.abc import Mapping

SHORTEST = 4
LONG = 8


def nearest(word: str, known: Mapping[str, int]) -> str | None:
    """The known word with the fewest slips of the finger, the more usual one of several.

    One slip in a word of 4 to 7 letters, two in a longer one; a slip is a letter too many, too
    few, another one, or two that changed places. None when no word is near enough.
    """
    found = _nearest(word, known)
    # In a plural the ending must not count as a slip: articles may know the singular only.
    return found or (_nearest(word[:-1], known) if word.endswith("s") else None)


def _nearest(word: str, known: Mapping[str, int]) -> str | None:
    if len(word) < SHORTEST or not word.isalpha():
        return None
    most = 1 if len(word) < LONG else 2
    best: tuple[int, int, str] | None = None
    for candidate, uses in known.items():
        if abs(len(candidate) - len(word)) > most or candidate[0] not in word[:2]:
            continue
        slips = _slips(word, candidate, most)
        if slips <= most and (best is None or (slips, -uses, candidate) < best):
            best = (slips, -uses, candidate)
    return best[2] if best else None


def _slips(one: str, other: str, most: int) -> int:
    """The distance of two words (optimal string alignment); anything above ``most`` is equal."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        last, row = rows[-1], [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        rows.append(row)
    return rows[-1][-1]
