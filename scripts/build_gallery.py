"""Make the page of a findings folder, choosing what it shows. No network, text or TensorFlow is needed.

    python scripts/build_gallery.py runs/alice/findings gallery.html
"""

import sys
from pathlib import Path

from probe.errors import UserError
from probe.gallery import GalleryOptions, build_gallery, overview
from probe.scan import Findings


def main(folder: str, page: str) -> None:
    findings = Findings.load(folder)
    print(overview(findings))
    # Keep what you want to show: here what the last three characters cannot explain, or all if there is nothing.
    kept = findings.only(top=3, status="beyond n-grams")
    options = GalleryOptions(palette="diverging", scaling="raw", units=3)
    print(build_gallery(kept if kept.findings else findings, Path(page), options).resolve())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(sys.argv[1], sys.argv[2])
    except UserError as mistake:
        sys.exit(str(mistake))
