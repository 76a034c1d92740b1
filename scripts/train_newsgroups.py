"""Which of twenty newsgroups is a message from, and which words say so? Two convolutions over words.

    python scripts/train_newsgroups.py                          the messages come through scikit-learn
    python scripts/train_newsgroups.py messages.jsonl.gz        {"text": …, "label": …, "split": "train" or "test"}

The head of each message (From, Subject, Organization …) is cut off: with it, addresses would decide.
"""

import sys
from pathlib import Path

from probe.errors import UserError
from probe.explain import Examples, WordTokenizer, explain_all, strongest, teach, try_out, two_convolutions, with_truth
from probe.render import save_figure


def messages(file: str | None) -> Examples:
    if file:
        found = Examples.read(file)
        return Examples(tuple(text.partition("\n\n")[2] for text in found.texts), found.labels, found.splits)
    from sklearn.datasets import fetch_20newsgroups

    parts = {split: fetch_20newsgroups(subset=split, remove=("headers",)) for split in ("train", "test")}
    return Examples(tuple(text for part in parts.values() for text in part.data),
                    tuple((part.target_names[label],) for part in parts.values() for label in part.target),
                    tuple(split for split, part in parts.items() for _ in part.data))


def main(file: str | None, folder: Path) -> None:
    examples = messages(file)
    tokenizer = WordTokenizer.from_texts(examples.of("train").texts, 20_000)
    examples = examples.with_tokens(tokenizer)
    print(examples)

    classifier = teach(two_convolutions, tokenizer, examples, length=300)
    print(try_out(classifier, examples.of("test")))
    print(f"classifier: {classifier.save(folder / 'classifier')}")

    some = examples.of("test").sample(10)
    shown = with_truth(explain_all(classifier, some.texts, method="integrated_gradients"), some)
    many = explain_all(classifier, examples.of("test").sample(400, seed=1).texts, method="integrated_gradients")
    for group, words in strongest(many).items():
        print(f"{group:26} {'  '.join(word for word, *_ in words)}")
    print(shown[0])
    print(f"page: {shown.to_html(folder / 'messages.html').resolve()}")
    save_figure(shown[0].figure(), folder / "message.svg")
    save_figure(explain_all(classifier, [shown[0].text], method="grad_cam")[0].strip(), folder / "strip.png")


if __name__ == "__main__":
    if len(sys.argv) > 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else None, Path("runs/newsgroups"))
    except UserError as mistake:
        sys.exit(str(mistake))
