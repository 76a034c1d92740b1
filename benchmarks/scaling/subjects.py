"""What is made larger, and the commands that are measured at each size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scaling.texts import write_pages, write_words

MB = 1_000_000
SHORT = ("--validate-characters", "10000")
# Few controls, whose cost is a multiple of what is measured here.
FEW = ("--twins", "2", "--ablated", "1", "--probes", "1")
EIGHT = "inside_quotes,after_quote,word_start,word_end,whitespace,digit,sentence_start,column"
IDS = "import sys; from probe.corpus import Corpus; Corpus.read(sys.argv[1], folder=sys.argv[2])"


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        name: in the table.
        command: arguments of Python.
        made: a file or folder whose bytes are told.
    """

    name: str
    command: tuple[str, ...]
    made: Path | None = None


@dataclass(frozen=True)
class Subject:
    """Something that is made larger.

    Attributes:
        unit: of the sizes.
        sizes: at which it is measured, each about as many times the one before.
        steps: a size and an empty folder → what is measured, in this order.
    """

    unit: str
    sizes: tuple[int, ...]
    steps: Callable[[int, Path], Iterator[Step]]


def text_steps(megabytes: int, folder: Path) -> Iterator[Step]:
    """A text through ids, a short training, and a scan of every character of it without a store."""
    yield from _of_text(megabytes * MB, folder, lines=True)


def long_steps(megabytes: int, folder: Path) -> Iterator[Step]:
    """The same with eight patterns."""
    yield from _of_text(megabytes * MB, folder, "--patterns", EIGHT, lines=True)


def unbroken_steps(megabytes: int, folder: Path) -> Iterator[Step]:
    """The same without one line break."""
    yield from _of_text(megabytes * MB, folder, lines=False)


def _of_text(size: int, folder: Path, *flags: str, lines: bool) -> Iterator[Step]:
    text, run = folder / "text.txt", folder / "run"
    write_pages(text, size, lines=lines)
    yield Step("ids", ("-c", IDS, str(text), str(folder / "corpus")), folder / "corpus")
    yield _train(text, run, "--units", "32", "--steps", "500")
    yield _scan(run, "--characters", str(size), *flags)


def layer_steps(layers: int, folder: Path) -> Iterator[Step]:
    """Layers of 128 units: 50,000 characters in a store, and on each side of the scan."""
    text, run = folder / "text.txt", folder / "run"
    write_pages(text, MB)
    yield _train(text, run, "--layers", str(layers), "--units", "128", "--steps", "50", *SHORT)
    yield _extract(run, folder / "acts", "--to", "50000", "--signals", "all")
    yield _scan(run, "--characters", "50000", *FEW)
    yield _gallery(run, folder)


def unit_steps(units: int, folder: Path) -> Iterator[Step]:
    """Units of one layer over 12,000 characters, the last 1,200 of which confirm; few controls."""
    text, run = folder / "text.txt", folder / "run"
    write_pages(text, 12_000)
    yield _train(text, run, "--units", str(units), "--steps", "5", "--validate-characters", "1000")
    yield _extract(run, folder / "acts", "--to", "5000")
    yield _scan(run, *FEW)
    yield _gallery(run, folder)


def pattern_steps(patterns: int, folder: Path) -> Iterator[Step]:
    """Patterns, those that are there and made-up ones, 32 recorded units, 60,000 characters a side of the scan."""
    yield from _of_recorded(folder, 120_000, "--patterns", str(patterns))


def recorded_steps(units: int, folder: Path) -> Iterator[Step]:
    """Recorded units, 8,000 characters on each side of the scan: what units cost beside the network."""
    yield from _of_recorded(folder, 16_000, "--units", str(units))


def _of_recorded(folder: Path, characters: int, *flags: str) -> Iterator[Step]:
    text, found = folder / "text.txt", folder / "findings"
    write_pages(text, characters)
    yield Step("scan", ("-m", "benchmarks.scaling.recorded", str(text), str(found), *flags), found)
    yield _gallery(found, folder)


def vocabulary_steps(vocabulary: int, folder: Path) -> Iterator[Step]:
    """Distinct characters of a text of 500,000, 64 units, 50,000 characters on each side of the scan."""
    text, run = folder / "text.txt", folder / "run"
    write_words(text, MB // 2, vocabulary)
    yield Step("ids", ("-c", IDS, str(text), str(folder / "corpus")), folder / "corpus")
    yield _train(text, run, "--units", "64", "--steps", "200", *SHORT)
    yield _extract(run, folder / "acts", "--to", "50000")
    yield _scan(run, "--characters", "50000", "--live", *FEW)
    yield Step("sample", ("-m", "probe", "sample", str(run), "--length", "1000"))
    yield _gallery(run, folder)


def _train(text: Path, run: Path, *flags: str) -> Step:
    return Step("train", ("-m", "probe", "train", str(text), "--run", str(run), *flags), run)


def _extract(run: Path, out: Path, *flags: str) -> Step:
    return Step("extract", ("-m", "probe", "extract", str(run), "--out", str(out), *flags), out)


def _scan(run: Path, *flags: str) -> Step:
    return Step("scan", ("-m", "probe", "scan", str(run), *flags), run / "findings")


def _gallery(found: Path, folder: Path) -> Step:
    page = folder / "page" / "gallery.html"
    page.parent.mkdir()
    return Step("gallery", ("-m", "probe", "gallery", str(found), "--out", str(page)), page.parent)


SUBJECTS = {
    "text": Subject("MB", (16, 64, 256), text_steps),
    "long": Subject("MB", (64, 250, 1000), long_steps),
    "unbroken": Subject("MB", (16, 32, 64), unbroken_steps),
    "layers": Subject("layers", (1, 2, 4, 8), layer_steps),
    "units": Subject("units", (512, 1024, 2048, 4096), unit_steps),
    "recorded": Subject("units", (512, 1024, 2048, 4096), recorded_steps),
    "patterns": Subject("patterns", (58, 125, 250, 500), pattern_steps),
    "vocabulary": Subject("characters", (100, 1000, 10_000), vocabulary_steps),
}
