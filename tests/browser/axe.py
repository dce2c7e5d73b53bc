"""axe-core in a page: what it finds wrong for people who do not see, point or hear."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

FILE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
RUN = """async (tags) => {
  const options = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] };
  const found = await axe.run(document, options);
  return found.violations.map((rule) => `${rule.id}: ` + rule.nodes.slice(0, 3).map(
    (node) => `${node.html.slice(0, 160)} (${node.any.concat(node.all, node.none)
      .map((check) => check.message).join("; ").slice(0, 200)})`).join(" | "));
}"""


@cache
def _source() -> str:
    return FILE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """The rules that this page breaks as it is now, with the elements."""
    if not page.evaluate("typeof axe === 'object'"):
        # Evaluated by the browser's tool door, which the page's own policy does not rule.
        page.evaluate(_source())
    found: list[str] = page.evaluate(RUN, TAGS)
    return found
