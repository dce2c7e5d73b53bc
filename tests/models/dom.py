"""Markup as a browser would understand it, to assert on elements instead of strings."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The document's elements with their attributes, its words, and the words of each link."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.links: list[str] = []
        self._in_link = False
        self.feed(markup)
        self.close()

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element of that name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.words += "\n" * (tag == "br")
        self._in_link = self._in_link or tag == "a"
        self.links += [""] * (tag == "a")

    def handle_endtag(self, tag: str) -> None:
        self._in_link = self._in_link and tag != "a"

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._in_link:
            self.links[-1] += data

    def handle_comment(self, data: str) -> None:
        self.elements.append(("!--", {}))

    def handle_decl(self, decl: str) -> None:
        self.elements.append(("!", {}))

    def unknown_decl(self, data: str) -> None:
        self.elements.append(("!", {}))

    def handle_pi(self, data: str) -> None:
        self.elements.append(("?", {}))
