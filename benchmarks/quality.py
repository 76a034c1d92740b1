"""Validation loss after the same minutes of training: this project and a PyTorch twin.

    python benchmarks/quality.py shakespeare.txt --minutes 5 --seeds 0,1,2
    python benchmarks/quality.py shakespeare.txt --minutes 5 --precision bfloat16 --turn 20

The twin is nn.LSTM and nn.Linear of the same sizes, from the same initial weights; its second bias, which Keras' layout
does not have, begins at zero and is trained. Batches come in the same order; resets, clipping, Adam, its learning rate
at the same share of the time, and validation are the same: the characters of the validation split are predicted with
carried state, from the zero state.

The clock runs while an update is made: from reading its characters to knowing its loss. Start-up, the first three
updates, in which one of the two compiles, and validation are not counted, for both alike. They never compute at the
same time: one trains after the other or, with --turn, a few seconds each in alternation.
"""

import argparse
import json
import statistics
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from neighbours import Neighbours, disturbed, said
from workers import Worker

from probe.files import replace_text
from probe.model.options import PRECISIONS
from probe.render import table
from probe.train import PRESETS
from probe.train.presets import Preset
from probe.train.report import in_bits

CONTENDERS = {"ours": "contenders.ours:Ours", "torch": "contenders.torch_lstm:TorchLSTM"}

# What Learner.result returns for each contender.
Results = dict[str, dict[str, float]]


def main() -> None:
    arguments = _arguments()
    recipe = PRESETS[arguments.recipe]
    network = recipe.model
    print(f"{arguments.recipe}: {network.layers} × {network.units} units, input {network.input}, "
          f"{recipe.training.batch} streams × {recipe.training.length} characters, {arguments.precision}, "
          f"{arguments.threads} threads, {arguments.minutes:g} minutes each", flush=True)
    found: dict[int, Results] = {}
    busy: dict[int, float | None] = {}
    for seed in arguments.seeds:
        training = replace(recipe.training, epochs=None, steps=None, minutes=arguments.minutes, seed=seed,
                           precision=arguments.precision)
        found[seed], busy[seed] = compare(arguments.text, replace(recipe, training=training), arguments.threads,
                                          arguments.turn)
        print(said(busy[seed]))
        print(table(("seed", "contender", "updates", "characters/s", "nats", "bits"),
                    [line(str(seed), name, result) for name, result in found[seed].items()]), flush=True)
    medians = {name: {key: statistics.median(results[name][key] for results in found.values())
                      for key in found[arguments.seeds[0]][name]} for name in CONTENDERS}
    lower = statistics.median(in_bits(results["torch"]["nats"] - results["ours"]["nats"]) for results in found.values())
    verdict = "not known: busy machine" if any(map(disturbed, busy.values())) else "met" if lower > 0 else "missed"
    print("\n" + table(("seed", "contender", "updates", "characters/s", "nats", "bits"),
                       [line("median", name, result) for name, result in medians.items()]))
    print(f"\n{int(medians['ours']['predicted']):,} characters predicted; ours is lower by {lower:.3f} bits a "
          f"character, the median over seeds: {verdict}")
    if arguments.json:
        replace_text(arguments.json, json.dumps({
            "minutes": arguments.minutes, "precision": arguments.precision, "seeds": found, "median": medians,
            "lower_bits": lower, "cores_used_by_others": busy}, indent=1))


def compare(text: Path | None, recipe: Preset, threads: int, turn: float | None) -> tuple[Results, float | None]:
    """Train both by one recipe, and return how far each came, and the cores that others used meanwhile."""
    results: Results = {}
    with (Worker("learner:Learner", CONTENDERS["ours"], text, recipe, threads, threads=threads) as ours,
          Worker("learner:Learner", CONTENDERS["torch"], text, recipe, threads, threads=threads) as torch):
        torch.ask("begin_from", ours.ask("weights"))
        training = {"ours": ours, "torch": torch}
        neighbours = Neighbours(training.values())
        while training:
            for name, worker in list(training.items()):
                if worker.ask("train", turn or 60 * recipe.training.minutes) <= 0:
                    results[name] = training.pop(name).ask("result")
        cores = neighbours.cores()
    return {name: results[name] for name in CONTENDERS}, cores


def line(seed: str, name: str, result: dict[str, float]) -> list[object]:
    """Return one line of the table."""
    return [seed, name, round(result["updates"]), round(result["characters_per_second"]), result["nats"],
            in_bits(result["nats"])]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=lambda given: None if given == "embedded" else Path(given),
                        help="a text file, or 'embedded'")
    parser.add_argument("--minutes", type=float, default=5.0, help="of training, for each of the two")
    parser.add_argument("--seeds", type=lambda given: [int(seed) for seed in given.split(",")], default=[0])
    parser.add_argument("--recipe", default="small",
                        choices=[name for name, preset in PRESETS.items() if preset.training.objective == "next"])
    parser.add_argument("--precision", default="float32", choices=PRECISIONS[1:], help="of both")
    parser.add_argument("--threads", type=int, default=2, help="of both")
    parser.add_argument("--turn", type=float, help="seconds after which the other goes on, on a machine whose speed "
                                                   "varies; without it, one trains to its end before the other starts")
    parser.add_argument("--json", type=Path, help="also write all results to this file")
    arguments = parser.parse_args()
    if find_spec("torch") is None:
        parser.exit(1, "the twin needs PyTorch, which is not installed: pip install -e .[bench]\n")
    return arguments


if __name__ == "__main__":
    main()
