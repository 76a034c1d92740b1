"""Scan activations that no network made, of any number of units, by any number of patterns, and keep what is found.

    python -m benchmarks.scaling.recorded TEXT FINDINGS --units 512 --patterns 58

Half of the text selects, half confirms. Each unit is autoregressive noise that remembers some ten characters. There are
no twins and no ablation, which take a network.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from probe.activations import Recorded
from probe.corpus import Corpus
from probe.patterns import Pattern, RegularExpression, parse_pattern, patterns_for
from probe.scan import scan

STAY = 0.9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("findings", type=Path)
    parser.add_argument("--units", type=int, default=32)
    parser.add_argument("--patterns", type=int, default=58)
    arguments = parser.parse_args()
    corpus = Corpus.read(arguments.text)
    drawn = np.random.default_rng(0).standard_normal((len(corpus), arguments.units), np.float32)
    values = np.concatenate([lfilter(np.float32([1]), np.float32([1, -STAY]), part, axis=0)
                             for part in np.array_split(drawn, max(1, arguments.units // 64), axis=1)], axis=1)
    blocks, half = Recorded.of({("1", "hidden"): values}, corpus), len(corpus) // 2
    scan(blocks.part(0, half), blocks.part(half, len(corpus)), patterns=made_up(arguments.patterns),
         show=False).save(arguments.findings)


def made_up(patterns: int) -> list[Pattern]:
    """Return regular expressions and, each fifth, expressions with which a scan of prose has so many patterns."""
    there = patterns_for("prose")
    boolean = [pattern.name for pattern in there if pattern.kind == "boolean"]
    made: list[Pattern] = []
    for number in range(patterns - len(there)):
        if number % 5 == 4:
            made.append(parse_pattern(f"both_{number}={boolean[number % len(boolean)]} & ~word_{number - 1}", made))
        else:
            first, second = (chr(97 + place) for place in (number % 26, number // 26 % 26))
            made.append(RegularExpression.of(f"word_{number}", f"{first}[a-z]*{second}"))
    return made


if __name__ == "__main__":
    main()
