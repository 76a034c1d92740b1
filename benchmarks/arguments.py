"""Every option of every command with values that mean nothing: how each of some ten thousand lines ends.

  python -m benchmarks.arguments                 all of them, without the engine: minutes
  python -m benchmarks.arguments --stride 5      each fifth

A line ends well if it is accepted, or told in one line with exit status 1 and nothing touched; a value that is no
number must not be accepted. Lines that do not end well are printed, and the exit status is 1 if there are any.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.nonsense import asked_apart, prepare


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stride", type=int, default=1, help="ask every so many lines one [1]")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "place"
        place.mkdir()
        prepare(place)
        began = time.monotonic()
        ended = asked_apart(place, arguments.stride)
    for each in ended["faults"]:
        print(f"{each['line']!r:.300}\n    {each['wrong']}")
    print(f"{ended['asked']:,} lines in {time.monotonic() - began:.0f} s; {len(ended['faults'])} did not end well")
    return bool(ended["faults"])


if __name__ == "__main__":
    sys.exit(main())
