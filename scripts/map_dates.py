"""Draw what a translator read for each character of a date that it put out, and what hiding a character does.

    python scripts/map_dates.py - map.html "Saturday 5 November 2016" "5 Nov 16"    what comes with probe
    python scripts/map_dates.py runs/dates map.png "Saturday 5 November 2016"       one of your own
"""

import sys
from pathlib import Path

from probe.attention import Translator, date_maps
from probe.errors import UserError
from probe.render import save_figure


def main(run: str, out: str, *texts: str) -> None:
    maps = date_maps(Translator.open(None if run == "-" else run), texts)
    for one in maps:
        print(f"{''.join(one.source)}: {one.heading}")
        for place, written in enumerate(one.target):
            read = one.weights[0, place].argmax()
            hidden = one.effects[place].argmin()
            cost = one.effects[place, hidden]  # of hiding the character that costs most: none may count
            missed = f"{one.source[hidden]!r} at {hidden} most ({cost:+.2f} nats)" if cost <= -0.1 else "none"
            print(f"  {written:3} attends most to {one.source[read]!r} at {read} "
                  f"({one.weights[0, place, read]:.2f}), and misses {missed}")
    if out.endswith(".html"):
        maps.to_html(out)
    else:
        save_figure(maps.figure(), Path(out))
    print(out)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except UserError as mistake:
        sys.exit(str(mistake))
