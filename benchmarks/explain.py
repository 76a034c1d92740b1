"""Attributions a second: this project and Captum on the same network and batch, in turn.

    python benchmarks/explain.py
    python benchmarks/explain.py --rounds 9 --networks conv --json explain.json

Integrated gradients with 50 steps (Gauss and Legendre) at the embedding, and Grad-CAM at the last convolutional or
recurrent layer, both from ids to one number a token, each in a process of its own and in turn, round after round.
Ratios are taken within each round. Before, both answers are held against each other.
"""

import argparse
import contextlib
import json
import statistics
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from explained import Explained
from neighbours import Neighbours, disturbed, said
from train import Bar, ratios, verdict
from workers import Worker

from probe.files import replace_text
from probe.render import table

METHODS = ("integrated_gradients", "grad_cam")
CONTENDERS = {"captum": "contenders.captum_explaining:Captum", "ours": "contenders.ours_explaining:Ours"}
# How far answers may lie apart, as a part of the largest number: both are float32.
NEAR = 1e-3


def main() -> None:
    arguments = _arguments()
    if find_spec("captum") is None:
        raise SystemExit("Captum is not installed: pip install -e .[bench]")
    lines, measured, busy = [], {}, None
    for kind in arguments.networks:
        work = Explained(kind, arguments.texts, arguments.tokens if kind == "conv" else arguments.recurrent_tokens)
        speeds, apart, first, busy = measure(work, arguments.rounds, arguments.threads)
        for method in METHODS:
            found = ratios(speeds[method], "ours", "captum")
            spread = statistics.quantiles(found, n=4, method="inclusive")
            seconds = {name: statistics.median(1 / each for each in speeds[method][name]) for name in CONTENDERS}
            lines.append([work.name, method, seconds["captum"], seconds["ours"], statistics.median(found),
                          f"{spread[0]:.2f} … {spread[2]:.2f}", f"{apart[method]:.1e}", first[method],
                          verdict(Bar("ours", "captum", 1.0), found, disturbed(busy))])
        measured[work.name] = speeds
    print(f"{arguments.threads} threads, {arguments.rounds} rounds")
    print(table(("network", "method", "Captum s", "ours s", "× Captum", "quartiles", "apart", "our first call s",
                 "at least 1"), lines))
    print(said(busy))
    if arguments.json:
        replace_text(arguments.json, json.dumps({"calls_per_second": measured, "threads": arguments.threads,
                                                 "cores_used_by_others": busy}, indent=1))


def measure(work: Explained, rounds: int, threads: int) -> tuple[dict, dict, dict, float | None]:
    """Return calls a second by method and contender, how far answers lie apart, seconds of our first call, and the
    cores that others used."""
    speeds = {method: {name: [] for name in CONTENDERS} for method in METHODS}
    apart, first = {}, {}
    with contextlib.ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(kind, work, threads, threads=threads))
                   for name, kind in CONTENDERS.items()}
        for method in METHODS:
            answers = {name: each.ask(method) for name, each in workers.items()}
            first[method] = answers["ours"][0]
            one, other = (np.asarray(answers[name][1], np.float64) for name in ("ours", "captum"))
            apart[method] = np.abs(one - other).max() / np.abs(other).max()
            if one.shape != other.shape or apart[method] > NEAR:
                raise SystemExit(f"{work.name}, {method}: the answers differ by {apart[method]:.1e} of the largest")
            for each in workers.values():
                each.ask(method)
        neighbours = Neighbours(workers.values())
        for number in range(rounds):
            for method in METHODS:
                for name, each in workers.items():
                    speeds[method][name].append(1 / each.ask(method)[0])
            if sys.stderr.isatty():
                print(f"\r{work.name}: round {number + 1} of {rounds}", end="", file=sys.stderr)
        return speeds, apart, first, neighbours.cores()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=lambda given: given.split(","), default=["conv", "lstm"])
    parser.add_argument("--texts", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=400, help="of a text that the convolutional network reads")
    parser.add_argument("--recurrent-tokens", type=int, default=60, help="of a text that the recurrent network reads")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2, help="of every contender")
    parser.add_argument("--json", type=Path, help="also write all speeds to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
