"""How faithful is each method to the classifiers of the recipes? The table of docs/explain-faithfulness.md.

    python -m benchmarks.faithfulness runs/reviews/classifier=reviews.jsonl runs/characters/classifier=packages
    python -m benchmarks.faithfulness runs/newsgroups/classifier=messages.jsonl.gz --bodies --texts 10 --out figures

Behind each classifier stands what it was trained on: a file of JSON lines, or ``packages`` or ``constructs`` for the
passages of the standard library. Texts are drawn from those that were held out. With ``--out`` the figures and all
numbers are written too.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

from probe.explain import Classifier, Examples, FaithfulnessOptions, construct_passages, faithfulness, package_passages
from probe.explain.methods.deep_lift import DeepLift
from probe.explain.methods.shapley import Shapley
from probe.explain.metrics.measuring import USUAL
from probe.files import replace_text
from probe.render import save_figure

# Settings that are not as usual: the rule without which LSTMs are refused, and as few orders as minutes allow.
UNUSUAL = {"deep_lift": DeepLift(products="halves"), "shapley": Shapley(samples=2)}
LIBRARY = {"packages": package_passages, "constructs": construct_passages}


def main() -> None:
    arguments = _arguments()
    options = FaithfulnessOptions(neighbours=arguments.neighbours)
    methods = [UNUSUAL.get(name, name) for name in arguments.methods]
    for pair in arguments.classifiers:
        folder, _, source = pair.partition("=")
        classifier = Classifier.open(folder)
        texts = held_out(source, arguments.texts, arguments.bodies, classifier)
        began = time.perf_counter()
        found = faithfulness(classifier, texts, methods=methods, baseline=arguments.baseline, options=options)
        seconds = time.perf_counter() - began
        print(f"\n{folder} ({classifier.kind}), {seconds:.0f} s\n{found.to_terminal(140)}", flush=True)
        if arguments.out:
            name = Path(folder).parent.name if Path(folder).name == "classifier" else Path(folder).name
            replace_text(arguments.out / f"{name}.json", json.dumps(found.to_json(), indent=1))
            save_figure(found.figure(), arguments.out / f"{name}-curves.png")
            save_figure(found.cascade(), arguments.out / f"{name}-random-weights.png")


def held_out(source: str, count: int, bodies: bool, classifier: Classifier) -> tuple[str, ...]:
    """Return texts of the split that nothing was learnt from, drawn with seed 0.

    Args:
        source: ``packages``, ``constructs`` or a file.
        count: how many.
        bodies: whether a text begins behind its first empty line.
        classifier: which must find a token in them.
    """
    examples = LIBRARY[source]() if source in LIBRARY else Examples.read(source)
    if bodies:
        examples = replace(examples, texts=tuple(text.partition("\n\n")[2] or text for text in examples.texts))
    return examples.with_tokens(classifier.tokenizer).of("test").sample(count).texts


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classifiers", nargs="+", metavar="FOLDER=TEXTS")
    parser.add_argument("--texts", type=int, default=20, help="held-out texts of each classifier")
    parser.add_argument("--methods", type=lambda names: names.split(","), default=USUAL, metavar="A,B,…")
    parser.add_argument("--baseline", choices=("zero", "pad"), default="zero", help="what replaces a deleted token")
    parser.add_argument("--neighbours", type=int, default=5, help="points near each text for sensitivity")
    parser.add_argument("--bodies", action="store_true", help="cut texts of a file up to their first empty line")
    parser.add_argument("--out", type=Path, help="folder for figures and numbers")
    return parser.parse_args()


if __name__ == "__main__":
    main()
