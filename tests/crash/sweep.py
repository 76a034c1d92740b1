"""A command on a disk that fails at its 1st, 2nd, 3rd … operation, and what a kill would leave at each.

A kill leaves what the system has been given by then. So a command that is looked at before each of its operations shows
what kills would leave at all of them; a test holds that against processes that are killed.
"""

import re
import tempfile
from collections.abc import Sequence
from importlib import import_module
from os import strerror
from pathlib import Path
from typing import Any, Self

import pytest

from probe.files import restore_folder
from tests.crash.commands import GIVEN, MADE, PASSING, Command
from tests.crash.disks import DENIED, FLAKY, FULL, READ_ONLY, UNREADABLE, FailingDisk, Manner, WatchedDisk
from tests.crash.quick import Outcome, probe
from tests.crash.trees import Tree

MANNERS = {"full": FULL, "flaky": FLAKY, "read-only": READ_ONLY, "denied": DENIED, "unreadable": UNREADABLE}
GOOD = Manner(0, frozenset(), lasting=False)
ASIDE = re.compile(r"\.[a-z0-9_]{8}\.(part|former)")
WENT_BACK = "; going back to step "


class Sweep:
    """One command on one disk.

    Args:
        name: of the command.
        command: which.
        disk: a folder that holds ``given``, and may hold what a former sweep left.

    Attributes:
        old, new: what ``made`` holds before the command, and after it where nothing disturbs it.
        kinds: of the operations that it then asks of the disk.
        states: what kills leave: each state in which the disk is before an operation, once.
        tried: faults, and states that kills leave, so far.
        healings: how often the same command was run after them.
    """

    def __init__(self, name: str, command: Command, disk: Path) -> None:
        self.name, self.command, self.disk = name, command, disk
        self.tried, self.healings, self._healed = 0, 0, set()
        self._made = disk / MADE

    def __enter__(self) -> Self:
        self._patch = pytest.MonkeyPatch()
        (self.disk / PASSING).mkdir(exist_ok=True)
        self._patch.setattr(tempfile, "tempdir", str(self.disk / PASSING))
        self._patch.setenv("PROBE_CACHE", str(self._made))
        try:
            self._begin()
        except BaseException:
            self._patch.undo()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()

    def _begin(self) -> None:
        Tree({}).put_back(self._made)
        self._given = Tree.of(self.disk / GIVEN)
        if self.command.former:
            outcome, _ = self._undisturbed(self.command.former)
            assert outcome.status == 0, outcome
        self.old = Tree.of(self._made)
        for name, make in self.command.instead.items():
            _put(self._patch, name, make(self.disk))
        for name in self.command.kept:
            _put(self._patch, name, _once(name))
        outcome, self.kinds = self._undisturbed(self.command.words)
        assert outcome.status == 0, outcome
        self.new, self._said = Tree.of(self._made), outcome.errors.splitlines()
        assert not self.new.leftovers()
        assert all(self.new.below(name).entries for names in self.command.results for name in names)
        self.states = self._watched()

    def _undisturbed(self, words: tuple[str, ...]) -> tuple[Outcome, list[str]]:
        line = self._line(words)
        with FailingDisk(self.disk, GOOD) as disk:
            return probe(*line), disk.kinds

    def _watched(self) -> list[Tree]:
        """Run the command on a disk that takes half of what it is given at a time, as disks may, and look at it."""
        states: dict[Any, Tree] = {}

        def look() -> None:
            state = Tree.of(self._made)
            states.setdefault(state.key(), state)

        self.old.put_back(self._made)
        line = self._line(self.command.words)
        with WatchedDisk(self.disk, look):
            outcome = probe(*line)
        assert outcome.status == 0, outcome
        look()
        self._assert_done(Tree.of(self._made), f"{self.name}, in halves")
        return list(states.values())

    def operations(self, manner: Manner) -> int:
        """How many operations the command asks of a disk that could fail so."""
        return sum(kind in manner.operations for kind in self.kinds)

    def fault(self, manner: Manner, at: int) -> None:
        """Let the operation ``at`` fail, look at what is there then, and run the command again.

        Raises:
            AssertionError: something that is promised is not so.
        """
        self.old.put_back(self._made)
        self.tried += 1
        line = self._line(self.command.words)
        with FailingDisk(self.disk, manner, at) as disk:
            outcome = probe(*line)
        where = f"{self.name}, operation {at}, {disk.refused[:1]}: {outcome}"
        found = Tree.of(self._made)
        if outcome.status == 0 and WENT_BACK in outcome.errors:
            assert manner is UNREADABLE, where
            return  # it read an older checkpoint, and said so: what it made is another result, which stays
        if outcome.status == 0:
            self._assert_done(found, where)
        else:
            assert outcome.status == 1, where
            self._assert_told(outcome, disk, where)
        self._assert_whole(where)
        self._heal(found, where)

    def kill(self, state: Tree, where: str = "") -> None:
        """Look at what a kill left, and run the command again.

        Raises:
            AssertionError: something that is promised is not so.
        """
        self.tried += 1
        state.put_back(self._made)
        where = f"{self.name}, killed {where}"
        self._assert_whole(where)
        self._heal(state, where)

    def _line(self, words: tuple[str, ...]) -> list[str]:
        return self.command.line(words, self.disk)

    def _assert_told(self, outcome: Outcome, disk: FailingDisk, where: str) -> None:
        """Assert one line, beside those that are always told, that names a file that is not aside, and the reason."""
        *others, line = outcome.errors.splitlines()
        assert set(others) <= set(self._said), where
        assert line.startswith("probe: ") and strerror(disk.manner.number) in line, where
        assert str(self.disk) in line and not ASIDE.search(line), where

    def _assert_whole(self, where: str) -> None:
        """Assert that each result is wholly the old or wholly the new one, for those who read it."""
        for name in (name for names in self.command.results for name in names):
            restore_folder(self._made / name)
        found = self._plain(Tree.of(self._made))
        for names in self.command.results:
            now, old, new = (tree.below(*names) for tree in (found, self._plain(self.old), self._plain(self.new)))
            unsealed = not found.below(names[0]).entries and not self.old.below(names[0]).entries
            assert unsealed or now in (old, new), (where, now.differences(old), now.differences(new))

    def _assert_done(self, found: Tree, where: str) -> None:
        differences = self._plain(found).below().differences(self._plain(self.new).below())
        assert not differences, (where, differences)

    def _heal(self, state: Tree, where: str) -> None:
        """Run the same command again, once for each state: it ends as if nothing had happened, and tidies up."""
        assert Tree.of(self.disk / GIVEN) == self._given, where
        if state.key() in self._healed:
            return
        self._healed.add(state.key())
        self.healings += 1
        outcome, _ = self._undisturbed(self.command.words)
        if self.command.once and self._first_is_there(state):
            assert outcome.status == 1 and Tree.of(self._made).below() == state.below(), (where, outcome)
            return
        assert outcome.status == 0, (where, outcome)
        found = Tree.of(self._made)
        self._assert_done(found, f"{where}, and again")
        assert not found.leftovers(), (where, found.leftovers())
        if self.command.counted:
            more = {*found.below().entries} ^ {*self.new.below().entries}
            assert len(found.below().entries) == len(self.new.below().entries), (where, sorted(more))

    def _first_is_there(self, state: Tree) -> bool:
        return bool(state.below(self.command.results[0][0]).entries)

    def _plain(self, tree: Tree) -> Tree:
        return self.command.plain(tree)


def chosen(many: Sequence[Any], most: int) -> list[Any]:
    """At most so many of a sequence, evenly, the first and the last among them."""
    if len(many) <= most:
        return list(many)
    return [many[number * (len(many) - 1) // (most - 1)] for number in range(most)]


def _once(name: str) -> Any:
    """A function that gives its first result for the same words again."""
    module, _, attribute = name.partition(":")
    former, results = getattr(import_module(module), attribute), {}

    def again(*given: Any, **named: Any) -> Any:
        key = tuple(each for each in given if isinstance(each, str))
        if key not in results:
            results[key] = former(*given, **named)
        return results[key]

    return again


def _put(patch: pytest.MonkeyPatch, name: str, function: Any) -> None:
    module, _, attribute = name.partition(":")
    patch.setattr(import_module(module), attribute, function)
