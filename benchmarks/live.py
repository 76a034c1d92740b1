"""The live box of a gallery: how long a keystroke takes, in headless Chromium, and how far its numbers are from ours.

    python benchmarks/live.py runs/alice
    python benchmarks/live.py runs/alice --sizes 1x256,2x512 --typed 200,2000 --keys 40

The run's network is compared over its test text, every signal of every unit after each character. The keystrokes are
those of networks of other sizes with drawn weights. A keystroke is timed from its event until the frame that shows it
has been made, and in processor time of the page's main thread, which other programs disturb less.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, CDPSession, sync_playwright

from probe.activations import Extraction, ExtractOptions
from probe.cli.scan import network_of
from probe.corpus import Segment
from probe.files import read_text
from probe.gallery import GalleryOptions, build_gallery
from probe.gallery.live import SIGNALS, packed_network
from probe.gallery.page import TEMPLATES
from probe.model import Run
from probe.scan import Findings
from probe.scan.evidence import Scores
from probe.scan.finding import Finding, Passage, PatternNote
from probe.scan.weights import Network

READ = """([packed, text, signal]) => {
  const network = new LiveNetwork(packed), points = Array.from(text);
  network.change(points);
  network.read(1e9);
  return network.layers.map(layer => points.map((_, row) =>
    Array.from({ length: layer.units }, (_, unit) => network.value(layer, signal, unit, row))));
}"""

FRAME = "const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));"

FILL = f"""async text => {{
  {FRAME}
  const field = document.querySelector(".live-field");
  field.focus();
  field.select();
  document.execCommand("insertText", false, text);
  while (document.querySelector(".live-shown span:not([class*=c])")) await frame();
}}"""

TYPE = f"""async ([keys, at]) => {{
  {FRAME}
  const field = document.querySelector(".live-field"), waits = [];
  for (const key of keys) {{
    if (at !== null) field.setSelectionRange(at, at);
    await frame();
    const began = performance.now();
    document.execCommand("insertText", false, key);
    await frame();
    waits.push(performance.now() - began);
  }}
  return waits;
}}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--sizes", default="1x256,2x512", help="layers x units, with commas between")
    parser.add_argument("--typed", default="200,2000", help="characters that stand in the box already")
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--characters", type=int, default=2000, help="on which the numbers are compared")
    arguments = parser.parse_args()
    run = Run.open(arguments.run)
    first = run.corpus.splits.test.start
    most = max(map(int, arguments.typed.split(",")))
    text = run.corpus.vocabulary.decode(run.corpus.ids[first:first + most])
    flags, found = ["--no-sandbox"] if os.geteuid() == 0 else [], shutil.which("chromium")
    with sync_playwright() as engine, engine.chromium.launch(executable_path=found, args=flags) as it:
        compare(it, run, Segment(first, first + arguments.characters))
        for size in arguments.sizes.split(","):
            layers, units = map(int, size.split("x"))
            network = drawn(run.corpus.vocabulary.characters, layers, units)
            with tempfile.TemporaryDirectory() as folder:
                page = build_gallery(findings_of(text, network), Path(folder) / "page.html", GalleryOptions(live=True))
                print(f"{size}: a page of {page.stat().st_size / 1e6:.1f} MB", flush=True)
                for typed in map(int, arguments.typed.split(",")):
                    keystrokes(it, page, text[:typed], arguments.keys)


def compare(browser: Browser, run: Run, segment: Segment) -> None:
    """Print the largest difference of each signal from an extraction of one stream that begins where the box does."""
    extraction = Extraction.of(run, segment, options=ExtractOptions(signals="all", streams=1, overlap=0, losses=False))
    blocks = list(extraction)
    text = run.corpus.vocabulary.decode(run.corpus.ids[segment.start:segment.stop])
    packed = packed_network(network_of(run, extraction))
    page = browser.new_page()
    page.add_script_tag(content=read_text(TEMPLATES / "live_forward.js"))
    for signal in SIGNALS:
        shown = page.evaluate(READ, [packed, text, signal])
        for layer, values in enumerate(shown, start=1):
            ours = np.concatenate([block.activations[str(layer), signal][0] for block in blocks])
            apart = np.abs(np.array(values) - ours).max()
            print(f"{run.folder.name}, layer {layer}, {signal}: at most {apart:.1e} apart", flush=True)
    page.close()


def keystrokes(browser: Browser, path: Path, text: str, keys: int) -> None:
    """Print what a keystroke costs at the end of a text and at its beginning."""
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.goto(path.as_uri() + "#write")
    page.locator(".live-next li").first.wait_for()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate(FILL, text)
    for place, at in (("at the end", None), ("at the beginning", 0)):
        before = busy(session)
        waits = sorted(page.evaluate(TYPE, [text[:keys], at]))
        spent = (busy(session) - before) / keys
        print(f"  {len(text):,} characters, a key {place}: {statistics.median(waits):.0f} ms until its frame, at worst "
              f"{waits[-1]:.0f}; {1000 * spent:.1f} ms of the processor", flush=True)
    page.close()


def busy(session: CDPSession) -> float:
    """Seconds for which the page's main thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def drawn(characters: Sequence[str], layers: int, units: int) -> Network:
    """A network of drawn weights."""
    chance, below, arrays = np.random.default_rng(0), len(characters), {}
    for layer in range(1, layers + 1):
        for name, rows in (("kernel", (below,)), ("recurrent_kernel", (units,)), ("bias", ())):
            arrays[f"{layer}/{name}"] = chance.normal(0, units**-0.5, (*rows, 4 * units)).astype(np.float32)
        below = units
    for name, shape in (("kernel", (units, len(characters))), ("bias", len(characters))):
        arrays[f"output/{name}"] = chance.normal(0, 1, shape).astype(np.float32)
    return Network(tuple(str(layer) for layer in range(1, layers + 1)), "sigmoid", tuple(characters), False, arrays)


def findings_of(text: str, network: Network) -> Findings:
    """One finding, of no worth, so that there is a page."""
    source = ("1", "hidden")
    passage = Passage(0, text, np.zeros((len(text), 1), np.float32), {source: np.zeros((len(text), 1), np.uint8)},
                      {source: (0.0, 1.0)}, {source: (0,)})
    nothing = Scores.of(correlation=0.0)
    return Findings((PatternNote("any", "Whatever.", "benchmark", "boolean"),), {source: (0,)},
                    (Finding("any", 1, *source, 0, nothing, nothing, 0),),
                    {f"{name}/correlation": np.zeros((1, 1)) for name in ("selection", "confirmation")}, {}, (passage,),
                    {}, network=network)


if __name__ == "__main__":
    main()
