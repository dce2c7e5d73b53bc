"""Searching on the page: words that were mistyped, and nothing of drafts."""

import pytest

from tests.models.world import article
from tests.public_site.visitor import Town


@pytest.fixture
def house_of_cards(town: Town) -> Town:
    """A site with a few articles."""
    article("Connect a Telegram bot", "Press the green button.")
    article("Xylophone lessons", "For members of the quartermasters' orchestra.", publish=False)
    return town


def test_the_page_says_how_words_were_read(house_of_cards: Town) -> None:
    visitor_ = house_of_cards.visitor()
    visitor_.go("/help?q=telegarm")
    assert "This is what we found for “telegram”" in visitor_.words
    visitor_.go("/help?q=telegram")
    assert "This is what we found" not in visitor_.words
    visitor_.go("/help?q=%3Cb%3Etelegarm")
    assert "<b>telegarm" not in visitor_.page.text


def test_no_correction_tells_what_is_in_a_draft(house_of_cards: Town) -> None:
    """I-15, I-17."""
    for q in ("xylofone", "xylophone", "quartermastrs"):
        answer = house_of_cards.visitor().go(f"/help?q={q}")
        assert "xylophone" not in answer.text.lower().replace(q, "")
        assert "quartermasters" not in answer.text
