"""Train the recipes of the date translator from nothing, each for its minutes, and test them on held-out days.

    python benchmarks/dates.py                                     # 5 + 20 minutes, and the tests
    python benchmarks/dates.py --recipes english --seeds 0,1,2
    python benchmarks/dates.py --recipes languages --save trained  # also keeps the last translator, as probe ships it

Exact is the share of whole dates that beam search gets right; the ceiling is what no translator can pass, by
enumeration of all that may be written. Bars: English 99 % exact, twenty languages 97 % of their ceiling.
"""

import argparse
import dataclasses
import tempfile
from pathlib import Path

from probe.attention import RECIPES, DateTestOptions, Translator, examine, train_translator
from probe.attention.truth.examination import Examination
from probe.render import table

BARS = {"english": ("exact", 0.99), "languages": ("exact / ceiling", 0.97)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", default=",".join(BARS))
    parser.add_argument("--minutes", type=float, help="other than the recipe's")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep the last translator here")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.recipes.split(","):
        for seed in map(int, arguments.seeds.split(",")):
            row, translator, report = trained(name, seed, arguments.minutes, arguments.texts)
            rows.append(row)
            print(table(("recipe", "seed", "minutes", "updates", "texts", "exact", "95 %", "greedy", "characters",
                         "ceiling", "exact / ceiling", "bar"), rows), flush=True)
            if arguments.save is not None:
                translator.save(arguments.save, {"tested": {"texts": arguments.texts, **report.exact.to_json()}})


def trained(name: str, seed: int, minutes: float | None, texts: int,
            ) -> tuple[tuple[object, ...], Translator, Examination]:
    """Return what a recipe's translator reaches, as a row of the table; the translator, and its test."""
    recipe = RECIPES[name]
    plan = dataclasses.replace(recipe.training, seed=seed, minutes=minutes or recipe.training.minutes)
    with tempfile.TemporaryDirectory() as place:
        run = train_translator(Path(place) / name, recipe.dates, recipe.model, plan)
        translator = Translator.of_run(run)
        updates = run.checkpoint("latest").step
    report = examine(translator, DateTestOptions(texts=texts, without=0, maps=0))
    measured, least = BARS[name]
    reached = {"exact": report.exact.exact.mean, "exact / ceiling": report.exact.ratio}[measured]
    verdict = f"{measured} ≥ {least:.0%}: {'met' if reached >= least else 'MISSED'}"
    row = (name, seed, plan.minutes, updates, texts, report.exact.exact.mean, report.exact.exact.interval,
           report.greedy.mean, report.characters, report.exact.ceiling, report.exact.ratio, verdict)
    return row, translator, report


if __name__ == "__main__":
    main()
