"""The whole job on Python's own standard library, in a page of code to copy and change.

    python scripts/demo.py [TEXT]
"""

import sys
from pathlib import Path

from probe.activations import ExtractOptions, selection_and_confirmation
from probe.errors import UserError
from probe.gallery import build_gallery, overview
from probe.model import ModelOptions
from probe.scan import scan
from probe.train import TrainOptions, train


def main(text: str | None) -> None:
    folder = Path("runs") / (Path(text).stem if text else "demo-script")

    # 1. Train. The same call goes on where it stopped, and returns at once when the plan is done.
    run = train(text, folder, ModelOptions(units=256), TrainOptions(minutes=2))

    # 2. Scan: rank units on text the network has seen, confirm them on text it has not.
    selection, confirmation = selection_and_confirmation(run, options=ExtractOptions(characters=400_000))
    findings = scan(selection, confirmation)

    # 3. Show.
    print(findings)
    print(overview(findings))
    print(build_gallery(findings, folder / "gallery.html").resolve())


if __name__ == "__main__":
    if len(sys.argv) > 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else None)
    except UserError as mistake:
        sys.exit(str(mistake))
