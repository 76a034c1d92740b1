"""Hold every unit of a trained run against the patterns you choose, on its own text or on another.

    python scripts/sweep_units.py runs/alice inside_quotes,word_start
    python scripts/sweep_units.py runs/alice all other.txt
"""

import sys

from probe.activations import selection_and_confirmation
from probe.corpus import Corpus
from probe.errors import UserError
from probe.model import Run
from probe.scan import ScanOptions, scan


def main(folder: str, patterns: str = "all", text: str | None = None) -> None:
    run = Run.open(folder)
    corpus = Corpus.read(text, vocabulary=run.corpus.vocabulary) if text else None
    selection, confirmation = selection_and_confirmation(run, corpus)

    findings = scan(selection, confirmation, ScanOptions(patterns=patterns, top=10))
    for finding in findings.findings:
        print(f"{finding.pattern:22} {finding.rank:3}. unit {finding.label:8} "
              f"r {finding.selection.correlation:+.3f}, on unseen text {finding.confirmation.correlation:+.3f}, "
              f"p {finding.chance.family:.3f} (the last characters: {abs(finding.best_ngram.correlation):.3f}, "
              f"untrained networks: {finding.untrained.best:.3f}): {finding.verdict}")
    print(findings.save(run.folder / "findings"))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4) or "--help" in sys.argv:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except UserError as mistake:
        sys.exit(str(mistake))
