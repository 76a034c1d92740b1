"""Reading expressions over patterns, such as ``inside_quotes & ~whitespace``, with Python's grammar; nothing is run."""

import ast
import warnings
from collections.abc import Mapping, Sequence

from probe.errors import UserError, quoted
from probe.patterns.expression import Both, Characters, Compared, Comparison, Expression, Logic, Not, Shifted, Term
from probe.patterns.naming import pattern_among
from probe.patterns.network import NetworkPattern
from probe.patterns.pattern import Pattern

FURTHEST = 10_000  # characters of a shift
_LONGEST, _DEEPEST = 5000, 100

_LOGIC: dict[type[ast.AST], Logic] = {ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.And: "&", ast.Or: "|"}
_COMPARISONS: dict[type[ast.AST], Comparison] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


def parse_expression(written: str, known: Mapping[str, Pattern], name: str = "") -> Expression:
    """Return the pattern that an expression describes.

    It is made of names of patterns; ``~`` or ``not``, ``&`` or ``and``, ``|`` or ``or``, ``^`` (one of the two);
    comparisons ``<``, ``<=``, ``>``, ``>=``, ``==``, ``!=`` of graded patterns with numbers or each other;
    ``shift(…, K)``, which lays labels K characters later; ``char("…")``, any of these characters; parentheses.

    Args:
        written: the expression.
        known: the patterns by name.
        name: of the pattern. Defaults to the expression itself.

    Raises:
        UserError: it cannot be read; the message says what is wrong at which character.
    """
    written = " ".join(written.split()) if written.isascii() and not set(written) & {'"', "'"} else written.strip()
    return Expression.of(name or written, written, _Reader(written, known).read())


class _Reader:

    def __init__(self, written: str, known: Mapping[str, Pattern]) -> None:
        self._written, self._known = written, known

    def read(self) -> Term:
        if len(self._written) > _LONGEST:
            raise UserError(f"an expression has at most {_LONGEST:,} characters; received {len(self._written):,}")
        if not self._written.isprintable():
            raise UserError(f"an expression must be one printable line; received {quoted(self._written)}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of Python's own about what looks like a slip in a program
                tree = ast.parse(self._written, mode="eval")
        except SyntaxError as error:
            if not error.offset:  # where Python saw nothing that could go on
                raise self._error("something is missing", len(self._written)) from error
            raise self._error(error.msg, error.offset - 1) from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise UserError(f"expression {quoted(self._written)} cannot be read: {error}") from error
        term = self._term(tree.body)
        if not term.languages:
            raise UserError(f"expression {quoted(self._written)} joins patterns of prose and of Python, and no text is "
                            "both")
        return term

    def _error(self, wrong: str, place: int) -> UserError:
        return UserError(f"expression {quoted(self._written)}, at character {place + 1}: {wrong}")

    def _wrong(self, node: ast.expr, wrong: str) -> UserError:
        return self._error(wrong, len(self._written.encode()[:node.col_offset].decode()))

    def _term(self, node: ast.expr, depth: int = 0) -> Term:
        if depth > _DEEPEST:
            raise self._wrong(node, f"it is nested more than {_DEEPEST} deep")
        depth += 1
        match node:
            case ast.Name(id=name):
                return self._named(node, name)
            case ast.UnaryOp(op=ast.Invert() | ast.Not(), operand=part):
                return Not(self._boolean(part, depth))
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() | ast.BitXor() as logic, right=right):
                return Both(_LOGIC[type(logic)], self._boolean(left, depth), self._boolean(right, depth))
            case ast.BoolOp(op=joint, values=parts):
                return _joined(_LOGIC[type(joint)], [self._boolean(part, depth) for part in parts])
            case ast.Compare(left=left, ops=operators, comparators=others):
                sides = [left, *others]
                pairs = zip(sides, operators, sides[1:], strict=False)
                return _joined("&", [self._compared(*pair, depth) for pair in pairs])
            case ast.Call(func=ast.Name(id="shift"), args=[part, by], keywords=[]):
                return Shifted(self._term(part, depth), self._distance(by))
            case ast.Call(func=ast.Name(id="char"), args=[ast.Constant(value=str(characters))], keywords=[]):
                return Characters(characters)
            case ast.Call(func=ast.Name(id="shift" | "char" as called)):
                form = "shift(PATTERN, K)" if called == "shift" else 'char("…")'
                raise self._wrong(node, f"{called} is written {form}")
        raise self._wrong(node, "accepted are names of patterns, & | ^ ~, comparisons, shift(…, K), char(\"…\") and "
                          "parentheses, also around each comparison")

    def _named(self, node: ast.expr, name: str) -> Term:
        try:
            entry = pattern_among(name, self._known)
        except UserError as error:
            raise self._wrong(node, str(error)) from error
        if isinstance(entry, NetworkPattern):
            raise self._wrong(node, f"{name} is about a network and cannot be a part of an expression")
        return entry

    def _boolean(self, node: ast.expr, depth: int) -> Term:
        term = self._term(node, depth)
        if term.kind != "boolean":
            raise self._wrong(node, "a graded pattern must be compared here, as in (word_length > 3)")
        return term

    def _compared(self, left: ast.expr, comparison: ast.cmpop, right: ast.expr, depth: int) -> Term:
        if type(comparison) not in _COMPARISONS:
            raise self._wrong(right, "comparisons are < <= > >= == !=")
        sign = _COMPARISONS[type(comparison)]
        first, second = self._number(left), self._number(right)
        if first is not None and second is not None:
            raise self._wrong(left, "a comparison needs a pattern on one side")
        if first is not None:
            return Compared(_TURNED.get(sign, sign), self._term(right, depth), first)
        return Compared(sign, self._term(left, depth), self._term(right, depth) if second is None else second)

    def _number(self, node: ast.expr) -> float | None:
        match node:
            case ast.Constant(value=bool()):
                return None
            case ast.Constant(value=int(value) | float(value)):
                return self._float(node, value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value) | float(value))):
                return self._float(node, -value)
        return None

    def _float(self, node: ast.expr, value: float) -> float:
        try:
            return float(value)
        except OverflowError as error:
            raise self._wrong(node, "the number is too large") from error

    def _distance(self, node: ast.expr) -> int:
        value = self._number(node)
        if value is None or not value.is_integer() or abs(value) > FURTHEST:
            raise self._wrong(node, f"a shift is a whole number within ±{FURTHEST:,}")
        return int(value)


def _joined(logic: Logic, terms: Sequence[Term]) -> Term:
    """All terms by and, or by or: a balanced tree, which stays shallow however many there are."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return Both(logic, _joined(logic, terms[:middle]), _joined(logic, terms[middle:]))


_TURNED: dict[Comparison, Comparison] = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
