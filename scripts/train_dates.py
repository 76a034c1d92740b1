"""Train a network that reads dates as people write them, in sittings, and ask it.

    python scripts/train_dates.py runs/dates 5                    English, five minutes
    python scripts/train_dates.py runs/languages 20 languages     twenty locales, twenty minutes
"""

import sys
from dataclasses import replace

from probe.attention import RECIPES, Translator, ceiling, train_translator
from probe.errors import Interrupted, UserError

DATES = ("5th November 2016", "Nov 5, 16", "samedi 5 novembre 2016", "03/04/2016", "next Friday")


def main(folder: str, minutes: float, name: str = "english") -> int:
    recipe = RECIPES[name]
    try:
        run = train_translator(folder, recipe.dates, recipe.model, replace(recipe.training, minutes=minutes))
    except Interrupted as stopped:  # Ctrl-C or SIGTERM: everything is saved
        print(stopped)
        return 130
    except UserError as mistake:
        print(mistake, file=sys.stderr)
        return 1
    exact = max(record.get("validation_exact", 0) for record in run.log)
    print(f"{exact:.2%} of held-out dates wholly right; nobody could reach more than {ceiling(run.dates).rate:.2%}")
    for translation in Translator.open(run.folder).translate(DATES):
        print(f"{translation.text:24} {translation}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or not RECIPES.keys() >= set(sys.argv[3:]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:]))
