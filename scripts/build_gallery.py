"""Make the page of a findings folder, choosing what it shows. No network, text or TensorFlow is needed.

    python scripts/build_gallery.py runs/alice/findings gallery.html
"""

import dataclasses
import sys
from pathlib import Path

from probe.errors import UserError
from probe.gallery import GalleryOptions, build_gallery
from probe.scan import Findings


def main(folder: str, page: str) -> None:
    findings = Findings.load(folder)
    # Findings are a frozen dataclass: keep what you want to show. Here, what beats the last character alone.
    kept = tuple(finding for finding in findings.findings
                 if abs(finding.confirmation.correlation) > abs(finding.last_character.correlation))
    findings = dataclasses.replace(findings, findings=kept)
    print(build_gallery(findings, Path(page), GalleryOptions(palette="diverging", scaling="raw", units=3)).resolve())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(sys.argv[1], sys.argv[2])
    except UserError as mistake:
        sys.exit(str(mistake))
