"""Long texts of an awkward kind through everything that reads or shows a text: does its time grow as the text does?

  python -m benchmarks.hostile_text                    texts of up to 1,000,000 characters, a minute for each row
  python -m benchmarks.hostile_text --characters 10000000 --only corpus,patterns

Each kind of text is read at a quarter, a half and the whole of the length. A row tells the seconds that a core computed
for each, and by what doubling multiplies them: 2 is linear, 4 is quadratic. What takes longer than --seconds is stopped
and marked. Exits with 1 if anything was stopped, failed, or more than tripled.
"""

import argparse
import math
import multiprocessing
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

# What a row may multiply its seconds by when its text doubles, where these are long enough to tell.
MOST, TOLD = 3.0, 0.5


def texts() -> dict[str, Callable[[int], str]]:
    """Return name → a text of so many characters."""
    def again(piece: str) -> Callable[[int], str]:
        return lambda length: (piece * (length // len(piece) + 1))[:length]

    letters = [chr(code) for code in (*range(32, 127), *range(161, 0x2000), *range(0x3400, 0xD800),
                                      *range(0x10000, 0x30000))]
    return {
        "one line": again("The fox said: “It is (very) late”, and went. "), "a": again("a"), "spaces": again(" "),
        "tabs": again("\t"), "newlines": again("\n"), "spaces, newlines": again("  \n"), "quotes": again("\""),
        "opening quotes": again("“"), "apostrophes": again("'"), "o'": again("o'"), "brackets": again("("),
        "pairs": again("(א)"), "digits": again("1"), "full stops": again("."), "A.": again("A."), "dunder": again("_a"),
        "www": again("www.a"), "hashes": again("#"), "backslashes": again("\\"), "triple": again('"""'),
        "marks": again("\u0301"), "joiners": again("👩\u200d"), "override": again("\u202e"), "letters": lambda length: (
            "".join(letters) * (length // len(letters) + 1))[:length], "markup": again("<script>&\"'")}


def ways(folder: Path) -> dict[str, Callable[[str], object]]:
    """Return name → what is done with a text."""
    from probe.corpus import Corpus, CorpusOptions
    from probe.corpus.document import Document
    from probe.errors import UserError
    from probe.gallery.packing import packed_text
    from probe.patterns import DocumentParts, Labeller, patterns_for, preview
    from probe.render import ColouredText
    from probe.render.graphemes import visible
    from probe.render.html import fragment
    from probe.render.visual_order import visual_order

    def corpus(text: str) -> None:
        (folder / "text.txt").write_text(text, "utf-8", newline="")
        for options in (CorpusOptions(), CorpusOptions(min_count=2)):
            try:
                Corpus.read(folder / "text.txt", options)
            except UserError as error:  # too many distinct characters, or only rare ones: told in a line
                print(f"  {error}")

    def patterns(language: str) -> Callable[[str], object]:
        def label(text: str) -> None:
            document = Document.of(text, language=language)  # type: ignore[arg-type]
            Labeller(patterns_for(document.language), DocumentParts(document)).labels(0, len(text))
        return label

    def coloured(text: str) -> ColouredText:
        return ColouredText(text, np.sin(np.arange(len(text))), caption=text, marks=np.arange(len(text)) % 2 == 0)

    return {
        "corpus": corpus, "patterns": patterns("prose"), "patterns of code": patterns("python"), "spelt": visible,
        "packed": packed_text, "order": visual_order, "preview": lambda text: preview(
            DocumentParts(Document.of(text)), patterns_for("prose")[0]),
        "terminal": lambda text: coloured(text).to_terminal(80, "256"),
        "page": lambda text: fragment([coloured(text).shown])}


def seconds(kind: str, way: str, length: int, most: float) -> float | str:
    """Return how long a way takes with a text in a process of its own, or why it is not known."""
    told, telling = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_measured, args=(kind, way, length, most, telling))
    process.start()
    telling.close()
    try:
        return told.recv()
    except EOFError:
        process.join()
        return f"over {most:.0f} s" if process.exitcode == -signal.SIGXCPU else "failed"
    finally:
        process.kill()
        process.join()


def _measured(kind: str, way: str, length: int, most: float, telling) -> None:  # type: ignore[no-untyped-def]
    # Of a core, not by the clock: other work does no harm. What is loaded before has a few of them too.
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(most) + 10, resource.RLIM_INFINITY))
    with tempfile.TemporaryDirectory() as folder:
        work, text = ways(Path(folder))[way], texts()[kind](length)
        work(text[:100])  # what is loaded or compiled once
        began = time.process_time()
        work(text)
        telling.send(time.process_time() - began)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--characters", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", default=",".join(ways(Path())), help="ways, with commas between them")
    arguments = parser.parse_args()
    wrong = 0
    lengths = [arguments.characters // part for part in (4, 2, 1)]
    print(f"{'way':18}{'text':18}" + "".join(f"{length:>14,}" for length in lengths) + "   doubled")
    for way in arguments.only.split(","):
        for kind in texts():
            took = [seconds(kind, way, length, arguments.seconds) for length in lengths]
            known = [each for each in took if isinstance(each, float)]
            ratio = known[-1] / known[-2] if len(known) > 1 and known[-1] > TOLD else float("nan")
            bad = len(known) < 3 or ratio > MOST
            wrong += bad
            shown = "".join(f"{each:>14.2f}" if isinstance(each, float) else f"{each:>14}" for each in took)
            print(f"{way:18}{kind:18}{shown}{ratio:>10.1f}{'   LOOK' if bad else ''}", flush=True)
    print(f"{wrong} of them to be looked at" if wrong else "all grow as their texts do")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
