"""What begins in a passage of Python: a comment, a docstring, a loop …? Several labels at once, from characters.

    python scripts/train_multilabel.py                          passages of the standard library
    python scripts/train_multilabel.py passages.jsonl           {"text": …, "label": [name, name, …]} a line

Python's own parser says what is right, so it is known where the explanation of a label should lie: that of "comment"
on the #, that of "return" on the word.
"""

import sys
from pathlib import Path

from probe.errors import UserError
from probe.explain import (
    CharacterTokenizer,
    Examples,
    TeachingOptions,
    character_convolutions,
    construct_passages,
    explain,
    explain_all,
    strongest,
    teach,
    try_out,
)
from probe.render import save_figure


def main(file: str | None, folder: Path) -> None:
    examples = Examples.read(file) if file else construct_passages()
    print(examples)
    tokenizer = CharacterTokenizer.from_texts(examples.of("train").texts, 200)

    options = TeachingOptions(epochs=10)
    classifier = teach(character_convolutions, tokenizer, examples, kind="multi", length=600, options=options)
    print(try_out(classifier, examples.of("test")))
    print(f"classifier: {classifier.save(folder / 'classifier')}")

    held_out = examples.of("test")
    for label in classifier.labels:
        having = held_out.at([place for place, labels in enumerate(held_out.labels) if label in labels])
        found = explain_all(classifier, having.sample(30).texts, method="integrated_gradients", target=label)
        print(f"{label:10} {'  '.join(repr(character) for character, *_ in strongest(found)[label])}")
    shown = explain(classifier, max(zip(map(len, held_out.labels), held_out.texts, strict=True))[1],
                    method="integrated_gradients", target="all")
    print(f"page: {shown.to_html(folder / 'labels.html').resolve()}")
    save_figure(shown.figure(), folder / "labels.svg")


if __name__ == "__main__":
    if len(sys.argv) > 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else None, Path("runs/multilabel"))
    except UserError as mistake:
        sys.exit(str(mistake))
