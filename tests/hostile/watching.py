"""Looking at what a page became in a browser, and at what a terminal is sent: nothing may come of a text but text."""

import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, Request

# The sequences that this program sends of its own: back to usual, underlined, a colour with its ink.
OURS = re.compile(r"\x1b\[(0|4|48;2;\d+;\d+;\d+;38;2;\d+;\d+;\d+|48;5;\d+;38;5;\d+)m")
# A policy would stop what runs, and hide that it was there: pages are looked at without theirs.
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
# What a template may put around letters: joiners, and marks that keep a word in its place.
MARKS = "\u200d\u200c\u200e"
# Elements that load, run, style or send something.
ACTIVE = ("script", "style", "link", "meta", "base", "img", "image", "iframe", "object", "embed", "form", "video",
          "audio", "template", "animate", "set", "foreignObject", "math", "input", "textarea", "select", "title",
          "xmp", "plaintext")
# Told in a few words, since a page has a million letters: each letter once, with the first words that have it.
CENSUS = """() => {
  const found = {counts: {}, attributes: {}, links: {}, sources: {}, letters: {}};
  const read = words => {
    for (const letter of words) {
      if (!Object.hasOwn(found.letters, letter)) found.letters[letter] = words.slice(0, 80);
    }
  };
  const walk = root => {
    for (const element of root.querySelectorAll("*")) {
      const name = element.localName;
      found.counts[name] = (found.counts[name] ?? 0) + 1;
      for (const {name: attribute, value} of element.attributes) {
        found.attributes[`${name} ${attribute}`] = true;
        if (attribute !== "class") read(value);
      }
      for (const kind of ["href", "xlink:href"]) {
        if (element.hasAttribute(kind)) found.links[element.getAttribute(kind)] = true;
      }
      if (element.hasAttribute("src")) found.sources[element.getAttribute("src").slice(0, 40)] = true;
      if (element.content instanceof DocumentFragment) walk(element.content);
    }
  };
  walk(document);
  const texts = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const {parentElement, data} = texts.currentNode;
    // Under the live field stands its own text, letter by letter: a control has no letter there, and does nothing.
    const typed = parentElement?.closest(".live-shown") ? data.replace(/[\\0-\\x1f\\x7f-\\x9f]/g, "") : data;
    if (!["script", "style"].includes(parentElement?.localName)) read(typed);
  }
  return JSON.stringify(found);
}"""


@dataclass
class Watched:
    """A page with all that happened in it.

    Attributes:
        page: the page.
        happened: what ran, asked, spoke, opened or complained.
        own: the folder from which the page may ask for something.
    """

    page: Page
    happened: list[str] = field(default_factory=list)
    own: str = ""

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a page, or another one after it, without its policy, so that whatever can run does."""
        self.calm()
        bare = path.with_name(f"bare-{path.name}")  # beside it, as it leads to others
        bare.write_bytes(path.read_bytes())
        if path.suffix == ".html":
            bare.write_text(POLICY.sub("", path.read_text("utf-8")), "utf-8")
        self.own = path.parent.resolve().as_uri()
        self.page.goto(bare.resolve().as_uri() + fragment)

    def calm(self) -> None:
        """Nothing must have happened."""
        if self.own:
            self.page.wait_for_timeout(50)
            assert self.page.url.partition("#")[0].startswith(self.own)
        assert self.happened == []

    def heard(self, request: Request) -> None:
        if not request.url.startswith((self.own, "data:image/svg+xml;base64,")):
            self.happened.append(f"asked for {request.url}")


@contextmanager
def watched(browser: Browser, path: Path, fragment: str = "", **context) -> Iterator[Watched]:
    """Open a page without its policy; at the end nothing must have happened."""
    place = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}, **context})
    view = Watched(place.new_page())
    place.expose_function("ran", lambda *_: view.happened.append("ran"))
    place.on("request", view.heard)
    place.on("page", lambda page: view.happened.append(f"opened {page.url}"))
    view.page.on("dialog", lambda dialog: (view.happened.append(f"said {dialog.message}"), dialog.dismiss()))
    view.page.on("console", lambda message: view.happened.append(message.text))
    view.page.on("pageerror", lambda error: view.happened.append(str(error)))
    view.open(path, fragment)
    yield view
    view.calm()
    place.close()


def census(page: Page) -> dict:
    """Return what is in a page: elements, attributes, addresses and letters."""
    return json.loads(page.evaluate(CENSUS))


def assert_made_by_templates(page: Page, like: dict, kinds: set[str]) -> None:
    """Hold what is in a page against one that has tame words: elements and attributes of the same kinds, as many that
    are active, no address that leads away, and no letter that nobody sees.

    Args:
        page: with hostile words.
        like: census of this view of the tame one.
        kinds: elements and attributes of all its views.
    """
    found = census(page)
    assert sorted({*found["counts"], *found["attributes"]} - kinds) == []
    assert not [each for each in found["attributes"] if each.split()[1].startswith("on")]
    assert {name: found["counts"].get(name) for name in ACTIVE} == {name: like["counts"].get(name) for name in ACTIVE}
    away = [each for each in found["links"] if not re.match(r"#|([\w.%-]+/)*[\w.%-]+\.html", each)]
    assert away == [], away
    led = [each for each in found["sources"] if not each.startswith("data:image/svg+xml;base64,")]
    assert led == [], led
    hidden = [(words, unseen(letter)) for letter, words in found["letters"].items() if unseen(letter)]
    assert hidden == [], hidden


def unseen(words: str) -> list[str]:
    """Return the characters in words of a page that would reorder them or be seen by nobody."""
    return [f"U+{ord(each):04X}" for each in words if not _plain(each) and each not in f"\n\t{MARKS}"]


def obeyed(sent: str, also: str = "") -> list[str]:
    """Return what of an output a terminal would obey, or set its letters in another order by.

    Args:
        sent: the output.
        also: characters that may be in it.
    """
    return [f"U+{ord(each):04X}" for each in OURS.sub("", sent) if not _plain(each) and each not in f"\n{MARKS}{also}"]


def _plain(character: str) -> bool:
    if character.isascii():
        return character.isprintable()
    category = unicodedata.category(character)
    if category == "Cf" and character != "\u061c":  # tags stay with their flag; some signs of Arabic have a glyph
        return unicodedata.bidirectional(character) in ("AN", "AL", "L") or "\U000e0020" <= character <= "\U000e007f"
    return category not in ("Cc", "Cf", "Cs", "Zl", "Zp")
