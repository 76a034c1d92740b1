"""The live box of a page in a real browser: what is typed is read, coloured and told, and nothing of it runs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from probe.errors import UserError
from probe.gallery import GalleryOptions, build_gallery
from probe.gallery.claims import claims
from probe.render import PALETTES, SCALINGS
from probe.render.bounds import bounds_of
from tests.gallery.browsing import Opened, opened, rgb
from tests.gallery.live_networks import drawn_network
from tests.gallery.simulation import CONFIRMATION
from tests.gallery.test_hostile import HOSTILE
from tests.lstm_oracle import lstm_signals

KNOWN = "".join(sorted(set(CONFIRMATION)))
LIVE = GalleryOptions(live=True, scaling="raw")
TYPED = "“No,” she said."


def signals_of(network, text: str) -> dict:
    """Every signal of a network without other characters, in float64 from the equations: (layer, name) → (N, U)."""
    x, told = np.eye(len(network.characters))[[network.characters.index(each) for each in text]][:, None], {}
    for layer in network.layers:
        weights = [network.arrays[f"{layer}/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]
        zero = np.zeros((1, network.units(layer)))
        signals = lstm_signals(x, *weights, zero, zero)
        told |= {(layer, name): values[:, 0] for name, values in signals.items()}
        x = signals["hidden"]
    return told


@pytest.fixture(scope="module")
def network():
    return drawn_network(KNOWN, layers=2)


@pytest.fixture(scope="module")
def path(findings, network, tmp_path_factory) -> Path:
    found = replace(findings, network=network)
    return build_gallery(found, tmp_path_factory.mktemp("live") / "gallery.html", LIVE)


@contextmanager
def box_of(browser, path: Path, width: int = 1400) -> Iterator[Opened]:
    """The box of a page, when it has read what stands in it."""
    with opened(browser, path, viewport={"width": width, "height": 1000}, color_scheme="light") as shown:
        shown.page.get_by_role("link", name="Write for it").click()
        shown.page.locator(".live-next li").nth(4).wait_for()
        yield shown


@pytest.fixture
def view(browser, path):
    with box_of(browser, path) as shown:
        yield shown


def write(page: Page, text: str) -> None:
    """Let the text be what stands in the box, typed at its end."""
    page.locator(".live-field").fill(text[:-2])
    page.locator(".live-field").press("Control+End")
    page.keyboard.type(text[-2:])
    page.locator(".live-works[aria-busy=false]").wait_for()


def cells(page: Page) -> list[tuple[str, str, str]]:
    """Text, colour and classes of each character, when all has been read."""
    page.locator(".live-works[aria-busy=false]").wait_for()
    found = page.locator(".live-shown span").evaluate_all(
        "spans => spans.map(span => [span.textContent, getComputedStyle(span).backgroundColor, span.className])")
    return [tuple(cell) for cell in found]


def colours(values: np.ndarray, scaling: str = "raw", palette: str = "diverging", signal: str = "hidden") -> list[str]:
    shades = PALETTES[palette].light.colours
    scaled = SCALINGS[scaling].within(bounds_of(signal))(values)
    return [rgb(shades[index]) for index in PALETTES[palette].indices(scaled)]


def told(page: Page) -> str:
    return page.locator(".live-told").inner_text().replace("−", "-")


def value_told(page: Page) -> float:
    return float(re.search(r": (-?\d\.\d{3}), scaled", told(page))[1])


def nearly(found: list[str], expected: list[str]) -> bool:
    """Colours agree, but where rounding has moved a value over the edge of a step: at one place in fifty at most."""
    return len(found) == len(expected) and sum(a != b for a, b in zip(found, expected, strict=True)) <= len(found) / 50


def test_the_box_opens_with_the_unit_and_the_text_of_the_page_read_by_the_network(view, findings, network):
    best = claims(findings).clearest.finding
    text = view.page.locator(".live-field").input_value()
    assert len(text) > 100
    assert text in CONFIRMATION
    assert view.page.locator(".live-unit").input_value() == str(best.unit)
    assert view.page.locator(".live-idea option:checked").inner_text() == f"inside quotes: 1:{best.unit}"
    shown = cells(view.page)
    assert "".join(cell[0] for cell in shown) == text
    assert nearly([cell[1] for cell in shown], colours(signals_of(network, text)["1", "hidden"][:, best.unit]))


@pytest.mark.parametrize(("layer", "unit", "signal"), [("1", 3, "cell"), ("2", 0, "hidden"), ("2", 47, "forget_gate"),
                                                       ("1", 9, "input_gate"), ("2", 8, "candidate")])
def test_any_unit_and_signal_is_told_to_a_thousandth(view, network, layer, unit, signal):
    write(view.page, TYPED)
    view.page.locator(".live-layer").select_option(layer)
    view.page.locator(".live-signal").select_option(signal)
    view.page.locator(".live-unit").fill(str(unit))
    values = signals_of(network, TYPED)[layer, signal][:, unit]
    for place in range(len(TYPED), 0, -1):
        name = "space" if TYPED[place - 1] == " " else f"‘{TYPED[place - 1]}’"
        expect(view.page.locator(".live-told")).to_contain_text(f"{name} · unit {layer}:{unit}: ")
        assert value_told(view.page) == pytest.approx(values[place - 1], abs=1e-3)
        view.page.locator(".live-field").press("ArrowLeft")
    expect(view.page.locator(".live-told")).to_have_text("Nothing is read before this.")
    assert nearly([cell[1] for cell in cells(view.page)], colours(values, signal=signal))


def test_an_edit_in_the_middle_changes_what_comes_after_it(view, network):
    write(view.page, TYPED)
    before = cells(view.page)
    view.page.locator(".live-field").evaluate("field => field.setSelectionRange(4, 4)")
    view.page.keyboard.type("w")
    edited, unit = TYPED[:4] + "w" + TYPED[4:], int(view.page.locator(".live-unit").input_value())
    shown = cells(view.page)
    assert "".join(cell[0] for cell in shown) == edited
    assert shown[:4] == before[:4]
    assert shown[5:] != before[4:]
    assert nearly([cell[1] for cell in shown], colours(signals_of(network, edited)["1", "hidden"][:, unit]))
    view.page.keyboard.press("Enter")
    view.page.keyboard.press("Backspace")
    assert cells(view.page) == shown


def test_the_page_s_switches_colour_the_box(view, network):
    write(view.page, TYPED)
    values = signals_of(network, TYPED)["1", "hidden"][:, int(view.page.locator(".live-unit").input_value())]
    for scaling in SCALINGS:
        view.page.select_option("#scaling", scaling)
        view.page.select_option("#palette", "article")
        assert nearly([cell[1] for cell in cells(view.page)], colours(values, scaling, "article"))
    view.page.select_option("#alignment", "predicted")
    shown = cells(view.page)
    assert shown[0][1] == "rgba(0, 0, 0, 0)"
    assert nearly([cell[1] for cell in shown[1:]], colours(values[:-1], scaling, "article"))
    assert value_told(view.page) == pytest.approx(values[-2], abs=1e-3)


def test_the_pointer_asks_for_a_character(view, network):
    write(view.page, TYPED)
    unit = int(view.page.locator(".live-unit").input_value())
    box = view.page.locator(".live-shown span").nth(2).bounding_box()
    view.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(view.page.locator(".live-told")).to_contain_text("‘o’ · unit")
    assert value_told(view.page) == pytest.approx(signals_of(network, TYPED)["1", "hidden"][2, unit], abs=1e-3)
    view.page.mouse.move(0, 0)
    expect(view.page.locator(".live-told")).to_contain_text("‘.’ · unit")


def test_a_unit_that_is_not_there_is_marked_and_nothing_changes(view):
    before = cells(view.page)
    for wrong in ("48", "-1", "", "1.5"):
        view.page.locator(".live-unit").fill(wrong)
        assert view.page.locator(".live-unit").get_attribute("aria-invalid") == "true"
        assert view.page.locator(".live-wrong").inner_text() == "no such unit: take 0 to 47"
        assert cells(view.page) == before
    view.page.locator(".live-unit").fill("47")
    assert view.page.locator(".live-unit").get_attribute("aria-invalid") == "false"
    assert view.page.locator(".live-idea option:checked").inner_text() == "no idea in particular"
    assert cells(view.page) != before


@pytest.mark.parametrize("width", [380, 1400])
def test_field_and_colours_break_their_lines_alike(browser, path, width):
    with box_of(browser, path, width) as shown:
        text = "A word, antidisestablishmentarianism" * 4 + "\n\n\tab   " + "x" * 150 + " שלום e\u0301 \n"
        text += "\n".join("y" * length for length in range(30, 84))  # one of them fills its line
        shown.page.locator(".live-field").fill(text)
        heights = shown.page.evaluate("""() => {
          const [text, field] = ['.live-shown', '.live-field'].map(name => document.querySelector(name));
          field.style.height = field.style.minHeight = '0'; // neither is stretched by the other
          return [text, field].map(({ clientWidth, scrollHeight }) => [clientWidth, scrollHeight]);
        }""")
        assert heights[0] == heights[1]
        assert "".join(cell[0] for cell in cells(shown.page)) == text
        assert ("e\u0301", "strange") in {(cell[0], cell[2].split()[-1]) for cell in cells(shown.page)}
        assert shown.page.evaluate("document.querySelector('.live-works').scrollWidth") <= width


def test_hostile_characters_and_what_is_typed_are_text_and_nothing_else(browser, findings, tmp_path):
    known = "".join(sorted(set(HOSTILE)))
    named = tuple(replace(note, name=note.name + HOSTILE) for note in findings.patterns)
    units = tuple(replace(each, pattern=each.pattern + HOSTILE) for each in findings.findings)
    found = replace(findings, patterns=named, findings=units, network=drawn_network(known, unknown=True))
    path = build_gallery(found, tmp_path / "hostile.html", LIVE)
    with box_of(browser, path) as shown:
        title = shown.page.title()
        typed = HOSTILE + "Ж\ud800"
        shown.page.locator(".live-field").evaluate(
            "(field, text) => { field.value = text; field.dispatchEvent(new Event('input')); }", typed)
        read = cells(shown.page)
        shown_for = {0xF0000 + ord(each): ord(each) for each in "\u202e\u202c"}
        assert "".join(cell[0] for cell in read).translate(shown_for).replace("\ufffd", "\ud800") == typed
        assert next(cell[0] for cell in read if "strange" in cell[2]) == "Ж"
        assert all("control" in cell[2].split() for cell in read if cell[0] == "\U000f202e")
        assert all(cell[2].startswith("c") for cell in read)
        shown.page.locator(".live-field").press("Control+End")
        expect(shown.page.locator(".live-told")).to_contain_text("read as another character")
        shown.page.locator(".live-field").evaluate("""async field => {
          for (let at = 0; at <= field.value.length; at++) {
            field.setSelectionRange(at, at);
            document.dispatchEvent(new Event("selectionchange"));
          }
        }""")
        assert shown.page.title() == title


@pytest.mark.parametrize("typed", ["ab\u202ecd\u202cef", "\u2067ab\u2069cd", "a\u2066שלום\u2069b\u202dשלום",
                                   "\u202e" * 9 + "ab"])
def test_what_reorders_letters_reorders_none_that_are_typed(browser, path, network, typed):
    with box_of(browser, path) as shown:
        page = shown.page
        page.locator(".live-field").fill("x")
        page.keyboard.insert_text(typed)
        read = cells(page)
        assert page.locator(".live-field").evaluate("field => field.selectionStart === field.value.length")
        lefts = page.locator(".live-shown span").evaluate_all(
            "spans => spans.map(span => span.getBoundingClientRect().left)")
        latin = [left for left, (text, *_) in zip(lefts, read, strict=True) if text.isascii()]
        assert latin == sorted(latin)
        ordering = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        assert not set(ordering) & set("".join(cell[0] for cell in read))
        assert [("control" in cell[2].split()) for cell in read] == [not (each.isalpha()) for each in "x" + typed]
        copied = page.locator(".live-field").evaluate("""field => {
          field.select();
          const event = new ClipboardEvent("copy", {clipboardData: new DataTransfer(), cancelable: true});
          field.dispatchEvent(event);
          return event.clipboardData.getData("text/plain");
        }""")
        assert copied == "x" + typed
        page.locator(".live-field").press("End")
        page.keyboard.insert_text("\u202e")
        expect(page.locator(".live-told")).to_contain_text("U+202E · unit")
        page.keyboard.press("Backspace")
        assert cells(page) == read


def test_weights_are_in_the_page_only_on_request(findings, network, path, tmp_path):
    found = replace(findings, network=network)
    page = build_gallery(found, tmp_path / "gallery.html").read_text("utf-8")
    assert "LiveNetwork" not in page
    assert "live-" not in page
    assert len(page) < len(path.read_text("utf-8")) - 100_000


def test_a_page_that_cannot_be_live_is_refused(findings, network, tmp_path):
    with pytest.raises(UserError, match=r"^--live needs the network, .* 'probe scan RUN --live' keeps it with them$"):
        build_gallery(findings, tmp_path / "gallery.html", LIVE)
    small = drawn_network(KNOWN, units=1)
    with pytest.raises(UserError, match="no unit that was found is one of the network"):
        build_gallery(replace(findings, network=small), tmp_path / "gallery.html", LIVE)
    assert list(tmp_path.iterdir()) == []
