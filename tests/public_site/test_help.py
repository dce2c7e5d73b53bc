"""The help center: list, search, article, vote, views, caching."""

import json
import re

from models import db, kb
from tests.models import world
from tests.public_site.visitor import Town

LONG = "## One\n\nFirst.\n\n## Two\n\nSecond.\n\n### Deeper\n\n## Three\n\nThird."


def _article(article_id: str) -> kb.Article:
    with db.reading() as session:
        return session.get_one(kb.Article, article_id)


def test_the_site_begins_at_the_help_center(town: Town) -> None:
    answer = town.visitor().go("/")
    assert (answer.status_code, answer.headers["location"]) == (301, "/help")


def test_an_empty_help_center_says_what_to_do(town: Town) -> None:
    visitor = town.visitor()
    assert visitor.go("/help").status_code == 200
    assert "There are no articles here yet." in visitor.words
    assert 'href="/support/new"' in visitor.page.text


def test_the_list_shows_published_articles_with_their_category(town: Town) -> None:
    world.article("First steps", excerpt="How to begin.")
    world.article("A secret draft", publish=False)
    visitor = town.visitor()
    visitor.go("/help")
    assert "First steps How to begin. Getting started" in visitor.words
    assert "secret draft" not in visitor.page.text


def test_a_category_narrows_the_list(town: Town) -> None:
    world.article("First steps")
    world.article("Red gateway", category="gateways")
    visitor = town.visitor()
    visitor.go("/help?category=gateways")
    assert "Red gateway" in visitor.words
    assert "First steps" not in visitor.words


def test_search_marks_what_it_found_and_keeps_the_words(town: Town) -> None:
    world.article("Connect a bot", "Paste the token of the bot here.")
    world.article("Pay by card", "Enter the number.")
    visitor = town.visitor()
    visitor.go("/help?q=token")
    assert "1 result for “token”" in visitor.words
    assert "<mark>token</mark>" in visitor.page.text
    assert 'value="token"' in visitor.page.text
    assert "Pay by card" not in visitor.words


def test_a_vain_search_offers_popular_articles_and_the_form(town: Town) -> None:
    world.article("Connect a bot")
    visitor = town.visitor()
    visitor.go("/help?q=xylophone")
    assert "Nothing found for “xylophone”" in visitor.words
    assert "Popular articles Connect a bot" in visitor.words
    assert 'href="/support/new?title=xylophone"' in visitor.page.text


def test_pages_are_numbered(town: Town) -> None:
    for number in range(25):
        world.article(f"Article {number}")
    visitor = town.visitor()
    visitor.go("/help")
    assert "Page 1 of 2" in visitor.words
    assert 'href="/help?page=2"' in visitor.page.text
    visitor.go("/help?page=2")
    assert visitor.page.text.count('class="card"') == 1
    visitor.go("/help?page=99")
    assert visitor.page.status_code == 200
    assert "There is no page 99." in visitor.words


def test_a_page_is_a_plain_number(town: Town) -> None:
    client = town.visitor().client
    for page in ("-1", "0", "1e9", "99999999999999", "1_0", "١٢", " 7 ", "0x1"):
        assert client.get("/help", params={"page": page}).status_code == 422, page


def test_a_query_that_cannot_be_read_is_refused(town: Town) -> None:
    visitor = town.visitor()
    for query in ("q=a&q=b", "q=%00", "q=%FF", "category=%ED%A0%80", "q=a%0Ab", "category=%00"):
        assert visitor.go(f"/help?{query}").status_code == 422, query


def test_unknown_names_in_a_link_are_let_be(town: Town) -> None:
    assert town.visitor().go("/help?utm_source=mail&utm_source=x").status_code == 200


def test_a_long_search_is_cut(town: Town) -> None:
    assert town.visitor().go(f"/help?q={'word+' * 2000}").status_code == 200


def test_what_is_not_there_is_a_friendly_404(town: Town) -> None:
    visitor = town.visitor()
    for path in ("/help/nothing", "/help/nothing.md", "/help?category=nothing", "/help/%00"):
        assert visitor.go(path).status_code == 404, path
        assert "We could not find that" in visitor.words
        assert 'role="search"' in visitor.page.text


def test_an_article_shows_its_text_and_contents(town: Town) -> None:
    world.article("First steps", LONG)
    world.article("Next steps")
    visitor = town.visitor()
    visitor.go("/help/first-steps")
    assert '<h2 id="kb-one">One</h2>' in visitor.page.text
    assert '<a href="#kb-deeper">Deeper</a>' in visitor.page.text
    assert "Related articles Next steps" in visitor.words
    assert 'href="/support/new?article=first-steps"' in visitor.page.text
    assert 'rel="canonical" href="http://127.0.0.1:8000/help/first-steps"' in visitor.page.text


def test_a_short_article_needs_no_contents(town: Town) -> None:
    world.article("First steps")
    visitor = town.visitor()
    visitor.go("/help/first-steps")
    assert "On this page" not in visitor.words


def test_a_draft_is_not_there_not_even_for_staff(town: Town) -> None:
    world.article("A secret draft", publish=False)
    assert town.visitor().go("/help/a-secret-draft").status_code == 404


def test_the_markdown_of_an_article(town: Town) -> None:
    world.article("First steps", "Press the *green* button.")
    answer = town.visitor().go("/help/first-steps.md")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text == "# First steps\n\nPress the *green* button.\n"


def test_a_former_address_leads_to_the_present_one(town: Town) -> None:
    article_id = world.article("First steps")
    world.rewrite(article_id, slug="begin")
    visitor = town.visitor()
    assert visitor.go("/help/first-steps").headers["location"] == "/help/begin"
    assert visitor.go("/help/first-steps.md").headers["location"] == "/help/begin.md"
    assert visitor.page.status_code == 301


def test_a_vote_counts_once_and_can_be_changed(town: Town) -> None:
    article_id = world.article("First steps")
    visitor = town.visitor()
    visitor.go("/help/first-steps")
    visitor.send("/help/first-steps/feedback", helpful="true")
    assert visitor.page.headers["location"] == "/help/first-steps#feedback"
    visitor.follow()
    assert "Thank you. Good to know that it helped." in visitor.words
    visitor.go("/help/first-steps")
    visitor.send("/help/first-steps/feedback", helpful="false")
    visitor.follow()
    assert "What was missing?" in visitor.words
    found = _article(article_id)
    assert (found.helpful_count, found.not_helpful_count) == (0, 1)


def test_two_browsers_are_two_voters_and_a_person_is_one(town: Town) -> None:
    article_id = world.article("First steps")
    people = [town.visitor(), town.visitor(), town.signed_in()]
    for visitor in [*people, *people]:
        visitor.post("/help/first-steps/feedback", {"helpful": "true"})
    assert _article(article_id).helpful_count == 3


def test_only_a_vote_sets_the_visitors_cookie(town: Town) -> None:
    world.article("First steps")
    visitor = town.visitor()
    for path in ("/help", "/help/first-steps", "/support/new", "/login"):
        assert "set-cookie" not in visitor.go(path).headers
    visitor.post("/help/first-steps/feedback", {"helpful": "true"})
    assert "visitor=" in visitor.page.headers["set-cookie"]


def test_a_vote_is_yes_or_no(town: Town) -> None:
    world.article("First steps")
    visitor = town.visitor()
    for vote in ({"helpful": "perhaps"}, {}, {"helpful": "true", "x": "1"}):
        assert visitor.post("/help/first-steps/feedback", vote).status_code == 422, vote


def test_nobody_votes_on_a_draft(town: Town) -> None:
    world.article("A secret draft", publish=False)
    answer = town.visitor().post("/help/a-secret-draft/feedback", {"helpful": "true"})
    assert answer.status_code == 404


def test_readers_are_counted_and_robots_are_not(town: Town) -> None:
    article_id = world.article("First steps")
    town.visitor().go("/help/first-steps")
    town.visitor().go("/help/first-steps")
    town.visitor(address="192.0.2.10").go("/help/first-steps")
    stranger = town.visitor(address="192.0.2.11")
    stranger.go("/help/first-steps", **{"User-Agent": "Examplebot/1.0"})
    stranger.go("/help/first-steps", **{"Sec-Purpose": "prefetch"})
    stranger.client.head("/help/first-steps")
    kb.views.flush()
    assert _article(article_id).view_count == 2


def test_pages_for_everybody_may_be_kept_for_a_minute(town: Town) -> None:
    world.article("First steps")
    visitor = town.visitor()
    for path in ("/help", "/help/first-steps", "/help/first-steps.md", "/sitemap.xml"):
        answer = visitor.go(path)
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert answer.headers["vary"] == "Cookie"
        again = visitor.go(path, **{"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert visitor.go(path, **{"If-None-Match": '"another"'}).status_code == 200


def test_pages_for_somebody_are_not_kept(town: Town) -> None:
    world.article("First steps")
    visitor = town.signed_in()
    visitor.follow()
    for path in ("/help", "/help/first-steps", "/support", "/account"):
        answer = visitor.go(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def test_what_was_typed_is_shown_as_text(town: Town) -> None:
    visitor = town.visitor()
    for path in (
        "/help?q=<script>alert(1)</script>",
        "/help/<script>alert(1)</script>",
        '/help?q="onfocus=alert(1) x="',
        "/help?category=<script>",
        "/support/new?title=<script>alert(1)</script>",
        "/login?next=<script>",
        "/login?error=<b>Call+555</b>",
    ):
        text = visitor.go(path).text
        assert "<script>" not in text.replace('<script type="module"', ""), path
        assert "Call 555" not in text
        assert '"onfocus' not in text


def test_related_articles_share_tags_before_words_before_the_category(town: Town) -> None:
    world.article("Connect a bot", tags=["token", "telegram"])
    world.article("Popular guide")
    world.article("Bot is silent", category="gateways")
    world.article("Renew keys", category="gateways", tags=["token"])
    world.article("Far away", category="gateways")
    visitor = town.visitor()
    page = visitor.go("/help/connect-a-bot").text
    part = page[page.index("Related articles") :]
    places = [part.find(title) for title in ("Renew keys", "Bot is silent", "Popular guide")]
    assert places == sorted(places)
    assert min(places) > 0
    assert "Far away" not in part


def test_an_article_tells_search_engines_what_it_is(town: Town) -> None:
    world.article("Close </script> the tag", excerpt="It is <b>said</b>.")
    visitor = town.visitor()
    page = visitor.go("/help/close-script-the-tag").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    article, crumbs = json.loads(found[1])
    assert article["headline"] == "Close </script> the tag"
    assert article["url"] == "http://127.0.0.1:8000/help/close-script-the-tag"
    names = [item["name"] for item in crumbs["itemListElement"]]
    assert names == ["Help center", "Getting started", "Close </script> the tag"]
    assert '<meta property="og:url" content="http://127.0.0.1:8000/help/' in page


def test_a_title_without_a_word_has_related_articles_too(town: Town) -> None:
    world.article("Popular guide")
    world.article("???", slug="what")
    visitor = town.visitor()
    visitor.go("/help/what")
    assert "Popular guide" in visitor.words


def test_who_was_not_helped_may_say_what_was_missing(town: Town) -> None:
    article_id = world.article("First steps")
    visitor = town.visitor()
    visitor.go("/help/first-steps")
    visitor.send("/help/first-steps/feedback", helpful="false")
    visitor.follow()
    assert "What was missing?" in visitor.words
    visitor.send("/help/first-steps/feedback", missing="The <b>price</b>.")
    visitor.follow()
    assert "Whoever writes these articles reads it." in visitor.words
    with db.reading() as session:
        article = session.get_one(kb.Article, article_id)
        told = [text for _, text in kb.missed(session, article, actor=world.OPERATOR)]
    assert told == ["The <b>price</b>."]
    assert _article(article_id).not_helpful_count == 1


def test_a_vote_that_it_helped_takes_back_what_was_missing(town: Town) -> None:
    article_id = world.article("First steps")
    visitor = town.visitor()
    for values in ({"helpful": "false", "missing": "All of it."}, {"helpful": "true"}):
        visitor.go("/help/first-steps")
        visitor.client.post(
            "/help/first-steps/feedback", data=values, headers={"Sec-Fetch-Site": "same-origin"}
        )
    with db.reading() as session:
        article = session.get_one(kb.Article, article_id)
        assert kb.missed(session, article, actor=world.OPERATOR) == []
