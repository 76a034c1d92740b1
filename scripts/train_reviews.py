"""Is a film review for or against the film, and which words say so? An LSTM from each end.

    python scripts/train_reviews.py reviews.jsonl               {"text": …, "label": "pos" or "neg"} a line

A tenth of the reviews is held out, unless lines have a "split" of their own.
"""

import sys
from pathlib import Path

from probe.errors import UserError
from probe.explain import (
    Examples,
    TeachingOptions,
    WordTokenizer,
    explain_all,
    strongest,
    teach,
    try_out,
    two_way_lstm,
    with_truth,
)
from probe.render import save_figure

OWN = ["a film that never comes alive , and yet the acting is wonderful .",
       "not a bad film , just a dull one .", "i did not expect to like it , and i did ."]


def main(file: str, folder: Path) -> None:
    examples = Examples.read(file)
    tokenizer = WordTokenizer.from_texts(examples.of("train").texts, 10_000, pattern="words and signs")
    examples = examples.with_tokens(tokenizer)
    print(examples)

    options = TeachingOptions(epochs=6, learning_rate=5e-4)
    classifier = teach(two_way_lstm, tokenizer, examples, kind="binary", length=50, options=options)
    print(try_out(classifier, examples.of("test")))
    print(f"classifier: {classifier.save(folder / 'classifier')}")

    # The contribution of each word goes back through both LSTMs, step by step.
    some = examples.of("test").sample(12)
    shown = with_truth(explain_all(classifier, some.texts, method="lrp_epsilon"), some)
    many = explain_all(classifier, examples.of("test").sample(400, seed=1).texts, method="lrp_epsilon")
    for label, words in strongest(many, 12).items():
        print(f"{label}: {'  '.join(word for word, *_ in words)}")
    print(explain_all(classifier, OWN, method="lrp_epsilon"))
    print(f"page: {shown.to_html(folder / 'reviews.html').resolve()}")
    save_figure(shown[0].figure(), folder / "review.svg")
    save_figure(shown[0].strip(), folder / "strip.png")


if __name__ == "__main__":
    if len(sys.argv) != 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    try:
        main(sys.argv[1], Path("runs/reviews"))
    except UserError as mistake:
        sys.exit(str(mistake))
