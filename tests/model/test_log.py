"""The log of a training: what a line must be to be taken for a record."""

import json

import pytest

from probe.errors import UserError
from probe.files import append_line
from probe.model.log import read_log

SOUND = {"step": 5, "epoch": 0.5, "seconds": 1.5, "loss": 2.0, "kernel": "fused"}
DAMAGES = {
    "no step": '{"seconds": 1.0, "loss": 2.0}',
    "no seconds": '{"step": 5, "loss": 2.0}',
    "a step of text": '{"step": "x", "seconds": 1.0}',
    "a step that is true": '{"step": true, "seconds": 1.0}',
    "a step below zero": '{"step": -1, "seconds": 1.0}',
    "a step of 400 digits": f'{{"step": {"9" * 400}, "seconds": 1.0}}',
    "seconds of 400 digits": f'{{"step": 5, "seconds": {"9" * 400}}}',
    "no number": '{"step": 5, "seconds": 1.0, "loss": NaN}',
    "an infinity": '{"step": 5, "seconds": 1.0, "loss": -Infinity}',
    "text": '{"step": 5, "seconds": 1.0, "loss": "a"}',
    "null": '{"step": 5, "seconds": 1.0, "validation_loss": null}',
    "too large": '{"step": 5, "seconds": 1.0, "loss": 4.2e9333}',
    "larger than any loss": '{"step": 5, "seconds": 1.0, "loss": 1e300}',
    "a number": "5",
    "a list": "[]",
    "null alone": "null",
    "too deep": "[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_record_is_named_by_its_line(damage, tmp_path):
    append_line(tmp_path / "log.jsonl", SOUND)
    with open(tmp_path / "log.jsonl", "a", encoding="ascii") as log:
        log.write(f"{DAMAGES[damage]}\n")
    with pytest.raises(UserError, match=r"log\.jsonl: damaged: line 2 is not "):
        read_log(tmp_path / "log.jsonl")


def test_records_are_returned_as_they_are(tmp_path):
    records = [SOUND, {**SOUND, "new": [None]},
               {"step": 6, "seconds": 2, "validation_loss": 3.4e38, "validation_bits": 1}]
    for record in records:
        append_line(tmp_path / "log.jsonl", record)
    assert read_log(tmp_path / "log.jsonl") == json.loads(json.dumps(records))
    assert read_log(tmp_path / "missing") == []
