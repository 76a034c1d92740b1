"""Checkpoints, logs and configurations that a disk has spoilt: named, and passed over if one before is whole."""

import hashlib
import json
import shutil
import struct
from pathlib import Path

import pytest

from probe.errors import UserError
from probe.files import read_manifest, write_manifest
from probe.model.checkpoint import KIND, VERSION, checkpoint_paths, checkpoint_steps, read_checkpoint
from tests.crash.kills import assert_same_training
from tests.crash.quick import assert_tidy, train


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def missing(path: Path) -> None:
    path.unlink()


def lying(path: Path) -> None:
    """A header that promises more than the file holds, under a checksum that is right."""
    (size,) = struct.unpack("<Q", path.read_bytes()[:8])
    header, body = path.read_bytes()[8:8 + size], path.read_bytes()[8 + size:]
    fields = json.loads(header)
    last = max((name for name in fields if name != "__metadata__"), key=lambda name: fields[name]["data_offsets"][1])
    fields[last]["shape"] = [2**40]
    fields[last]["data_offsets"][1] = fields[last]["data_offsets"][0] + 2**42
    header = json.dumps(fields).encode()
    seal(path, struct.pack("<Q", len(header)) + header + body)


def huge(path: Path) -> None:
    """A header that claims to be almost as long as can be, under a checksum that is right."""
    seal(path, struct.pack("<Q", 2**63 - 1) + path.read_bytes()[8:])


def seal(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    manifest = path.with_suffix(".json")
    described = read_manifest(manifest, KIND, VERSION)
    write_manifest(manifest, KIND, VERSION, {**described, "sha256": hashlib.sha256(content).hexdigest()})


ARRAYS = [truncated, flipped, empty, zeroed, missing, lying, huge]
MANIFEST = [truncated, flipped, empty, zeroed]
DAMAGES = [(0, damage) for damage in ARRAYS] + [(1, damage) for damage in MANIFEST]


@pytest.fixture
def folder(place: Path, tmp_path: Path) -> Path:
    """A run stopped at step 3, with the checkpoints of steps 2 and 3."""
    shutil.copytree(place / "stopped", tmp_path / "run")
    assert checkpoint_steps(tmp_path / "run") == [2, 3]
    return tmp_path / "run"


@pytest.mark.parametrize(("file", "damage"), DAMAGES)
def test_a_damaged_newest_checkpoint_is_named_and_the_one_before_leads_to_the_same_end(file, damage, place, folder):
    path = checkpoint_paths(folder, 3)[file]
    damage(path)
    outcome = train(place / "text.txt", folder)
    assert outcome.status == 0
    assert outcome.errors.startswith(f"probe: warning: {path}: ") and outcome.errors.count("\n") == 1
    assert outcome.errors.endswith("; going back to step 2\n")
    assert "goes on at step 2" in outcome.printed
    assert_same_training(place / "whole", folder)
    assert checkpoint_steps(folder) == [2, 4]  # a damaged one is no previous generation
    assert_tidy(folder, place / "whole")


def test_a_newest_checkpoint_of_a_newer_probe_is_refused_and_never_written_over(place, folder):
    _, path = checkpoint_paths(folder, 3)
    write_manifest(path, KIND, VERSION + 1, read_manifest(path, KIND, VERSION))
    before = contents(folder)
    outcome = train(place / "text.txt", folder)
    assert outcome.status == 1 and outcome.errors.startswith(f"probe: {path}: was written by a newer probe")
    assert outcome.errors.count("\n") == 1 and contents(folder) == before


@pytest.mark.parametrize(("file", "damage"), DAMAGES)
def test_where_every_checkpoint_is_damaged_nothing_is_begun_or_changed(file, damage, place, folder):
    paths = [checkpoint_paths(folder, step)[file] for step in (2, 3)]
    for path in paths:
        damage(path)
    before = contents(folder)
    outcome = train(place / "text.txt", folder)
    assert outcome.status == 1
    assert outcome.errors.startswith(f"probe: {folder}: no checkpoint can be read: {paths[1]}: ")
    assert str(paths[0]) in outcome.errors and outcome.errors.count("\n") == 1
    assert contents(folder) == before


def contents(folder: Path) -> dict[Path, bytes]:
    """What lies in a run, but for its log of sittings and its configuration, which name who asked last."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in ("run.json", "sittings.jsonl")}


@pytest.mark.parametrize("damage", [truncated, flipped, empty, zeroed])
@pytest.mark.parametrize("name", ["run.json", "corpus/corpus.json", "corpus/ids.npy", "corpus/codes.npy"])
def test_a_damaged_configuration_or_text_is_told_and_nothing_is_begun_or_changed(name, damage, place, folder):
    damage(folder / name)
    before = contents(folder)
    outcome = train(place / "text.txt", folder)
    assert outcome.status == 1
    assert outcome.errors.startswith(f"probe: {folder / name}: ") and outcome.errors.count("\n") == 1
    assert contents(folder) == before


@pytest.mark.parametrize("with_log", [True, False])
def test_a_run_that_lost_its_configuration_is_not_begun_anew(with_log, place, folder):
    (folder / "run.json").unlink()
    (folder / "sittings.jsonl").unlink(missing_ok=True)
    if not with_log:
        (folder / "log.jsonl").unlink()
    before = contents(folder)
    outcome = train(place / "text.txt", folder)
    assert outcome.status == 1
    assert outcome.errors.startswith(f"probe: {folder}: ") and outcome.errors.count("\n") == 1
    assert contents(folder) == before
    assert not (folder / "run.json").exists()


@pytest.mark.parametrize(("lost", "told"), [
    (("*.json",), "its log tells"),
    (("*.json", "log.jsonl"), "its sittings tell"),
    (("*", "log.jsonl"), "its sittings tell"),
    (("*.json", "log.jsonl", "sittings.jsonl"), "a checkpoint without its manifest tells"),
    (("*.json", "log.jsonl", "sittings.jsonl", "run.json"), "a checkpoint without its manifest tells"),
])
def test_a_run_that_lost_its_checkpoints_is_not_begun_anew(lost, told, place, folder):
    for path in [*(folder / "checkpoints").glob(lost[0]), *(folder / name for name in lost[1:])]:
        path.unlink()
    before = contents(folder)
    for others in ((), ("--units", "6")):
        outcome = train(place / "text.txt", folder, *others)
        assert outcome.errors == (f"probe: {folder}: {told} of a training, and no checkpoint is there; put the "
                                  "checkpoints back, or name a new --run\n")
        assert outcome.status == 1
    assert contents(folder) == before


@pytest.mark.parametrize("options", [("--seed", "1"), ("--batch", "1")])
def test_a_checkpoint_of_another_training_is_no_checkpoint(options, place, folder, tmp_path):
    assert train(place / "text.txt", tmp_path / "other", *options).status == 0
    for path in checkpoint_paths(tmp_path / "other", 4):
        shutil.copy(path, folder / "checkpoints")
    outcome = train(place / "text.txt", folder)
    assert outcome.errors == (f"probe: warning: {checkpoint_paths(folder, 4)[1]}: of another training than this run's; "
                              "going back to step 3\n")
    assert outcome.status == 0
    assert_same_training(place / "whole", folder)


def test_a_run_with_nothing_but_checkpoints_of_another_training_is_told(place, folder, tmp_path):
    assert train(place / "text.txt", tmp_path / "other", "--seed", "1").status == 0
    shutil.rmtree(folder / "checkpoints")
    shutil.copytree(tmp_path / "other" / "checkpoints", folder / "checkpoints")
    before = contents(folder)
    outcome = train(place / "text.txt", folder)
    assert outcome.status == 1
    assert outcome.errors.startswith(f"probe: {folder}: no checkpoint can be read: ")
    assert "of another training" in outcome.errors and outcome.errors.count("\n") == 1
    assert contents(folder) == before


def without_identity(folder: Path) -> None:
    """Make a run as one of a probe that drew no identity."""
    manifests = [(folder / "run.json", "run", "identity")]
    manifests += [(path, KIND, "run") for path in (folder / "checkpoints").glob("*.json")]
    for path, kind, name in manifests:
        content = read_manifest(path, kind, VERSION)
        del content[name]
        write_manifest(path, kind, VERSION, content)


def test_a_run_without_an_identity_goes_on(place, folder):
    without_identity(folder)
    outcome = train(place / "text.txt", folder)
    assert (outcome.status, outcome.errors) == (0, "")
    assert_same_training(place / "whole", folder)


def test_states_of_another_batch_are_refused(place, folder, tmp_path):
    assert train(place / "text.txt", tmp_path / "other", "--batch", "1").status == 0
    for run in (folder, tmp_path / "other"):
        without_identity(run)
    for path in checkpoint_paths(tmp_path / "other", 4):
        shutil.copy(path, folder / "checkpoints")
    before = contents(folder)
    outcome = train(place / "text.txt", folder)
    assert outcome.status == 1
    assert outcome.errors == (f"probe: {folder}: the states of checkpoint 4 have shape (1, 2, 1, 5), and this training "
                              "needs (1, 2, 2, 5)\n")
    assert contents(folder) == before


def test_a_log_that_lost_lines_is_told_and_the_training_is_the_same(place, folder):
    log = folder / "log.jsonl"
    whole = (place / "whole" / "log.jsonl").read_text().splitlines()
    kept = log.read_bytes()
    for damage, lines in ((missing, []), (empty, []), (truncated, kept.decode().splitlines()[:-1])):
        log.write_bytes(kept)
        damage(log)
        copy = folder.with_name(damage.__name__)
        shutil.copytree(folder, copy)
        outcome = train(place / "text.txt", copy)
        assert outcome.status == 0
        assert outcome.errors.startswith(f"probe: warning: {copy / 'log.jsonl'}: has ")
        assert outcome.errors.count("\n") == 1
        records = [json.loads(line) for line in (copy / "log.jsonl").read_text().splitlines()]
        steps = [json.loads(line)["step"] for line in [*lines, *whole[-2:]]]
        assert [record["step"] for record in records] == steps
        weights = [path / "checkpoints" / "step-000000004.safetensors" for path in (copy, place / "whole")]
        assert weights[0].read_bytes() == weights[1].read_bytes()


@pytest.mark.parametrize("tail", [b'{"step": 9, "loss": 1.0}\n', b'{"step": 9, "lo', bytes(50), b"\xff\n"])
def test_a_log_that_is_longer_than_its_checkpoint_says_is_cut_back(tail, place, folder):
    with open(folder / "log.jsonl", "ab") as log:
        log.write(tail)
    outcome = train(place / "text.txt", folder)
    assert (outcome.status, outcome.errors) == (0, "")
    assert_same_training(place / "whole", folder)


def test_arrays_that_a_killed_trainer_left_without_their_manifest_go(place, folder):
    shutil.copy(checkpoint_paths(folder, 3)[0], checkpoint_paths(folder, 1)[0])
    shutil.copy(checkpoint_paths(folder, 3)[0], checkpoint_paths(folder, 77)[0])
    mine = folder / "checkpoints" / "step-notes.safetensors"
    mine.write_text("mine")
    assert train(place / "text.txt", folder).status == 0
    assert mine.exists()
    mine.unlink()
    assert_tidy(folder, place / "whole")


def test_a_manifest_without_what_it_must_tell_is_one_line(tmp_path):
    manifest = checkpoint_paths(tmp_path, 3)[1]
    manifest.parent.mkdir()
    write_manifest(manifest, KIND, VERSION, {"position": {}})
    with pytest.raises(UserError, match=r"step-000000003\.json: not the manifest of a checkpoint: it has no 'sha256'"):
        read_checkpoint(tmp_path, 3, None)
