"""A network forwards from the places where contributions are taken, in float64, and backwards to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from probe.errors import UserError
from probe.explain.question.question import Question
from probe.explain.question.step import Step, mask_of
from probe.explain.question.target import Target
from probe.explain.rules.masks import mask_after
from probe.explain.rules.registry import rule_of
from probe.explain.rules.rule import Arrays, Rule, Visit
from probe.model.engine import tf


@dataclass(frozen=True, eq=False)
class Walk:
    """The steps that lead from the places to the target, each with its rule, at one point.

    Attributes:
        visits: in the order of computation.
        rules: of each.
        points: number of each place → what stands there, float64.
        target: what is explained.
        found: (B, …) float64, the value that holds it.
    """

    visits: tuple[Visit, ...]
    rules: tuple[Rule, ...]
    points: Mapping[int, np.ndarray]
    target: Target
    found: np.ndarray

    @property
    def entries(self) -> np.ndarray:
        """(B,) float64: the entry that is explained, times its sign."""
        flat = self.found.reshape(len(self.found), -1)
        return flat[np.arange(len(flat)), self.target.index] * self.target.sign

    def back(self, start: np.ndarray,
             through: Callable[[int, Rule, Arrays], Arrays]) -> tuple[Arrays, dict[int, np.ndarray]]:
        """Carry what is given to the target back; values that several steps read collect the sum.

        Args:
            start: (B,), what is given to the entry that is explained.
            through: makes of a visit's number, its rule and what is given to all that it writes what all that it reads
                receives.

        Returns:
            what each place receives, and what arrives at other values that depend on no place, by their numbers.
        """
        flat = np.zeros((len(start), self.found[0].size))
        flat[np.arange(len(start)), self.target.index] = start
        given = {self.target.value: flat.reshape(self.found.shape)}
        for number in reversed(range(len(self.visits))):
            visit, rule = self.visits[number], self.rules[number]
            if not given.keys() & set(visit.step.writes):
                continue
            written = tuple(given.pop(value, np.zeros_like(array))
                            for value, array in zip(visit.step.writes, visit.writes, strict=True))
            for value, share in zip(visit.step.reads, through(number, rule, written), strict=True):
                given[value] = given[value] + share if value in given else share
        parts = tuple(given.pop(place, np.zeros_like(point)) for place, point in self.points.items())
        return parts, given


def walk(question: Question, points: Sequence[np.ndarray], refuse: Callable[[Step, str], UserError],
         products: bool | None, like: Walk | None = None) -> Walk:
    """Compute what leads from the places to the target, in float64.

    Args:
        question: whose network and target.
        points: what stands at the places, float64.
        refuse: makes the error for a step that has no rule, of the step and the reason.
        products: as in :meth:`Rule.refused`.
        like: a walk whose masks hold for this one too.

    Raises:
        UserError: a step is refused.
    """
    steps = _between(question)
    at_places = dict(zip(question.places, points, strict=True))
    elsewhere = _elsewhere(question, steps)
    values = {number: np.asarray(value, np.float64) for number, value in elsewhere.items()} | at_places
    masks = {number: None if mask_of(value) is None else np.asarray(mask_of(value))
             for number, value in elsewhere.items()} | dict(zip(question.places, question.masks, strict=True))
    known = {} if like is None else {visit.step.writes[0]: visit.written for visit in like.visits}
    visits, rules = [], []
    for step in steps:
        rule = rule_of(step)
        if rule is None:
            raise refuse(step, "has no rule")
        reason = rule.refused(step, products)
        if reason is not None:
            raise refuse(step, reason)
        reads, masked = tuple(values[each] for each in step.reads), tuple(masks.get(each) for each in step.reads)
        first = step.writes[0]
        masks[first] = known[first] if first in known else mask_after(step, reads, masked)
        visits.append(rule.visit(step, reads, masked, masks[first]))
        values |= dict(zip(step.writes, visits[-1].writes, strict=True))
        rules.append(rule)
    return Walk(tuple(visits), tuple(rules), at_places, question.target, values[question.target.value])


def _elsewhere(question: Question, steps: Sequence[Step]) -> dict[int, tf.Tensor]:
    """What the steps read that depends on no place, and the target if it depends on none."""
    network, written = question.network, {number for step in steps for number in step.writes}
    wanted = {question.target.value}.union(*(step.reads for step in steps)) - written - set(question.places)
    if not wanted:
        return {}
    given = {number: tf.constant(array) for number, array in zip(network.inputs, question.inputs, strict=True)}
    found = network.run(given, list(wanted))
    return {number: found[number] for number in wanted}


def _between(question: Question) -> list[Step]:
    """The steps that depend on a place and on which the target depends."""
    network, places = question.network, set(question.places)
    after = set().union(*(network.downstream(place) for place in places)) - places
    needed, steps = {question.target.value}, []
    for step in reversed(network.steps):
        if needed.intersection(step.writes) and after.intersection(step.writes):
            steps.append(step)
            needed.update(step.reads)
    return steps[::-1]
