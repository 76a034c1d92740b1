"""Which package of Python's standard library is this passage from, and what gave it away? Nothing is downloaded.

    python scripts/demo_explain.py [FOLDER]

Whole files are held out, so no passage of the page was seen in training. What to look for: does the network know the
subject (a "coroutine", a "handler"), or does it find the package's own name in an import and look no further?
"""

import sys
from pathlib import Path

from probe.errors import UserError
from probe.explain import (
    WordTokenizer,
    explain_all,
    package_passages,
    strongest,
    teach,
    try_out,
    two_convolutions,
    with_truth,
)


def main(folder: Path) -> None:
    examples = package_passages()
    print(examples)
    tokenizer = WordTokenizer.from_texts(examples.of("train").texts, 8000, pattern="words and signs", casing="kept")
    examples = examples.with_tokens(tokenizer)

    classifier = teach(two_convolutions, tokenizer, examples, length=160)
    held_out = examples.of("test")
    print(try_out(classifier, held_out))
    print("(The epochs above were judged by passages of files it learns from; the table is of files it never saw.)")
    named = [label in text for text, (label,) in zip(held_out.texts, held_out.labels, strict=True)]
    for words, side in (("hold", True), ("do not hold", False)):
        some = held_out.at([place for place, each in enumerate(named) if each == side])
        print(f"passages that {words} their package's name: {try_out(classifier, some).accuracy:.0%} of {len(some):,}")

    some = held_out.sample(20)
    shown = with_truth(explain_all(classifier, some.texts, method="integrated_gradients"), some)
    many = explain_all(classifier, held_out.sample(200, seed=1).texts, method="integrated_gradients")
    for package, tokens in strongest(many).items():
        print(f"{package:16} {'  '.join(token for token, *_ in tokens)}")
    print(shown[0])
    print(f"classifier: {classifier.save(folder / 'classifier')}")
    print(f"page: {shown.to_html(folder / 'packages.html').resolve()}")


if __name__ == "__main__":
    if len(sys.argv) > 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/demo-explain"))
    except UserError as mistake:
        sys.exit(str(mistake))
