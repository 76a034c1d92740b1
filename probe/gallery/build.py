"""The gallery: findings as one page that needs nothing but a browser."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from probe.errors import UserError
from probe.files import read_text, replace_text
from probe.gallery import evidence
from probe.gallery.claims import Claims, Verdict, claims
from probe.gallery.loss_curve import loss_curve
from probe.gallery.options import GalleryOptions
from probe.gallery.packing import Packing
from probe.gallery.sentences import headline, sentences, summary
from probe.gallery.wording import behaviour, between, counted, last_characters, listed, number, probability, words
from probe.options import check_options
from probe.render import ALIGNMENTS, PALETTES
from probe.render.page import cell_style, palette_style, render_page
from probe.scan.finding import Finding
from probe.scan.findings import Findings

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Specimen:
    """A pattern's units as the template shows them: ``units`` by rank, the ``text`` of the first one's excerpt, and the
    ``index`` under which the script finds the rest."""

    verdict: Verdict
    units: tuple[Finding, ...]
    text: str
    index: int
    characters: int


def build_gallery(findings: Findings, path: Path, options: GalleryOptions | None = None) -> Path:
    """Write the gallery of ``findings`` as one self-contained offline HTML file to ``path``, atomically.

    Args:
        findings: what a scan found.
        path: where the page goes.
        options: how it looks. Defaults to ``GalleryOptions()``.

    Returns:
        ``path``.

    Raises:
        UserError: an option is out of bounds, ``findings`` hold no finding, or ``path`` is not writable.
    """
    options = options or GalleryOptions()
    check_options(options)
    if not findings.findings:
        raise UserError("these findings hold no finding to show; scan with a pattern that occurs in the text")
    made = claims(findings)
    packing = Packing(findings, options.excerpt)
    specimens = {verdict.note.name: _specimen(verdict, findings, packing, options)
                 for verdict in made.verdicts if verdict.finding and verdict.outcome != "open"}

    def those(*outcomes: str) -> list[Specimen]:
        return [specimens[verdict.note.name] for verdict in made.of(*outcomes)]

    page = render_page(
        "gallery.html", folder=TEMPLATES, style=_style(), script=read_text(TEMPLATES / "gallery.js"),
        data=packing.data(), title=headline(made), headline=headline(made), summary=summary(made),
        sentences=sentences(made), made=made, options=options,
        opening=specimens[made.clearest.note.name] if made.clearest else None,
        groups=_groups(made, specimens), those=those, curve=loss_curve(findings.log),
        provenance=list(_flat(findings.provenance)), trained=bool(findings.log),
        signals=[(layer, signal, len(indices)) for (layer, signal), indices in findings.units.items()],
        palettes=PALETTES, scalings={name: packing.views.meaning(name) for name in packing.views.names},
        scaling=packing.views.opening(options.scaling), alignments=ALIGNMENTS, number=number, words=words,
        behaviour=behaviour, between=between, counted=counted, last_characters=last_characters, listed=listed,
        probability=probability, evidence=evidence,
    )
    replace_text(path, page)
    return path


def _specimen(verdict: Verdict, findings: Findings, packing: Packing, options: GalleryOptions) -> Specimen:
    units = tuple(f for f in findings.findings if f.pattern == verdict.note.name)[:options.units]
    text = findings.passages[units[0].passage].text
    start, stop = packing.excerpt_of(units[0])
    return Specimen(verdict, units, text[start:stop], packing.add(units), len(text))


def _groups(made: Claims, specimens: Mapping[str, Specimen]) -> list[tuple[str, list[Specimen]]]:
    """Return the groups of the patterns that stand, or of those not tested if none does: the opening one first, and in
    each the clearest pattern first."""
    shown = made.of("stands") or made.of("untested")
    order: dict[str, int] = {}
    for verdict in (made.clearest, *shown):
        if verdict in shown:
            order.setdefault(verdict.note.group, len(order))
    ordered = sorted(shown, key=lambda verdict: order[verdict.note.group])  # stable: leads stay in order
    return [(group, [specimens[verdict.note.name] for verdict in verdicts])
            for group, verdicts in groupby(ordered, key=lambda verdict: verdict.note.group)]


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested JSON values as pairs of a name in words and a text."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name} · {words(str(key))}" if name else words(str(key)))
    elif isinstance(value, (list, tuple)):
        yield name, ", ".join(str(inner) for inner in value) or "none"
    elif value is not None:
        yield name, f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _style() -> str:
    palettes = "".join(palette_style(palette, f":root[data-palette={name}]") for name, palette in PALETTES.items())
    steps = max(palette.steps for palette in PALETTES.values())
    return read_text(TEMPLATES / "gallery.css") + palettes + cell_style(steps, "")
