"""LLVM instructions behind Python's operators: integers, pointers, vectors and counted loops."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import llvmlite.ir as ir

from probe.model.kernels.machine import Machine

INTEGER, FLOAT = ir.IntType(64), ir.FloatType()
BITS, HALF = ir.IntType(32), ir.IntType(16)

# A product and a sum may become one instruction that rounds once.
FUSED = ("contract",)


class BFloat(ir.Type):
    """LLVM's bfloat, which llvmlite does not name."""

    def _to_string(self) -> str:
        return "bfloat"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BFloat)

    def __hash__(self) -> int:
        return hash(BFloat)


# bfloat16 is moved about as 16 bits.
ELEMENTS = {"float32": FLOAT, "bfloat16": HALF, "int32": BITS}


@dataclass(frozen=True)
class Integer:
    """A 64-bit integer."""

    code: "Code"
    value: ir.Value

    def __add__(self, other: "Integer | int") -> "Integer":
        return Integer(self.code, self.code.builder.add(self.value, self.code.integer(other).value))

    def __sub__(self, other: "Integer | int") -> "Integer":
        return Integer(self.code, self.code.builder.sub(self.value, self.code.integer(other).value))

    def __mul__(self, other: "Integer | int") -> "Integer":
        return Integer(self.code, self.code.builder.mul(self.value, self.code.integer(other).value))

    def unless(self, bit: ir.Value) -> "Integer":
        """Return the number, or 0 if ``bit``."""
        return Integer(self.code, self.code.builder.select(bit, INTEGER(0), self.value))

    def is_zero(self) -> ir.Value:
        """Return one bit."""
        return self.code.builder.icmp_signed("==", self.value, INTEGER(0))


@dataclass(frozen=True)
class Pointer:
    """An element in memory, of a type in ``ELEMENTS``."""

    code: "Code"
    value: ir.Value
    dtype: str

    def __add__(self, elements: "Integer | int") -> "Pointer":
        offset = self.code.integer(elements).value
        return Pointer(self.code, self.code.builder.gep(self.value, [offset], source_etype=ELEMENTS[self.dtype]),
                       self.dtype)

    def integer(self) -> Integer:
        """Read an int32."""
        return Integer(self.code, self.code.builder.sext(self.code.builder.load(self.value, typ=BITS), INTEGER))

    def load(self, mask: ir.Value | None = None) -> "Vector":
        """Read a vector; lanes off the mask are zero."""
        return Vector(self.code, self._float32(self.raw(self.code.lanes, mask)))

    def raw(self, count: int, mask: ir.Value | None = None) -> ir.Value:
        """Read ``count`` elements as they are; those off the mask, of as many bits, are zero."""
        kind = ir.VectorType(ELEMENTS[self.dtype], count)
        if mask is None:
            return self.code.builder.load(self.value, typ=kind, align=self._align)
        name = f"llvm.masked.load.v{count}{SUFFIX[self.dtype]}.p0"
        return self.code.call(name, kind, [self.value, BITS(self._align), mask, ir.Constant(kind, None)])

    def store(self, vector: "Vector", mask: ir.Value | None = None) -> None:
        """Write a vector, rounded to the element's type; lanes off the mask stay as they are in memory."""
        self.store_raw(vector.value if self.dtype == "float32" else self._rounded(vector.value), mask)

    def store_raw(self, value: ir.Value, mask: ir.Value | None = None) -> None:
        """Write elements as they are."""
        if mask is None:
            self.code.builder.store(value, self.value, align=self._align)
            return
        name = f"llvm.masked.store.v{value.type.count}{SUFFIX[self.dtype]}.p0"
        self.code.call(name, ir.VoidType(), [value, self.value, BITS(self._align), mask])

    def prefetch(self, *, write: bool = False) -> None:
        """Have the cache line at hand soon."""
        name = "llvm.prefetch.p0"
        self.code.call(name, ir.VoidType(), [self.value, BITS(int(write)), BITS(3), BITS(1)])

    def broadcast(self) -> "Vector":
        """Read one element into every lane."""
        return Vector(self.code, self.code.splat(self.code.builder.load(self.value, typ=FLOAT)))

    def broadcast_pair(self) -> ir.Value:
        """Read two bfloat16, as 32 bits, into every lane."""
        return self.code.splat(self.code.builder.load(self.value, typ=BITS, align=2))

    @property
    def _align(self) -> int:
        return 2 if self.dtype == "bfloat16" else 4

    # A bfloat16 is the upper half of a float32. Where the processor does not convert them LLVM calls a function that
    # need not be there, so integers do it.
    def _float32(self, value: ir.Value) -> ir.Value:
        if self.dtype == "float32":
            return value
        builder = self.code.builder
        wide = builder.zext(value, ir.VectorType(BITS, self.code.lanes))
        return self.code.bits(builder.shl(wide, self.code.splat(BITS(16))), FLOAT)

    def _rounded(self, value: ir.Value) -> ir.Value:
        """To the nearest, and of two equally near ones to the even."""
        code, builder = self.code, self.code.builder
        if code.machine.multiplies_bfloat16:
            nearest = builder.fptrunc(value, ir.VectorType(BFloat(), code.lanes))
            return builder.bitcast(nearest, ir.VectorType(HALF, code.lanes))
        bits, sixteen = code.bits(value, BITS), code.splat(BITS(16))
        upper = builder.lshr(bits, sixteen)
        odd = builder.and_(upper, code.splat(BITS(1)))
        nearest = builder.lshr(builder.add(bits, builder.add(odd, code.splat(BITS(0x7FFF)))), sixteen)
        no_number = builder.or_(upper, code.splat(BITS(0x40)))
        chosen = builder.select(builder.fcmp_unordered("uno", value, value), no_number, nearest)
        return builder.trunc(chosen, ir.VectorType(HALF, code.lanes))


SUFFIX = {"float32": "f32", "bfloat16": "i16"}


@dataclass(frozen=True)
class Vector:
    """As many float32 as a register holds."""

    code: "Code"
    value: ir.Value

    def __add__(self, other: "Vector | float") -> "Vector":
        return Vector(self.code, self.code.builder.fadd(self.value, self._value(other), flags=FUSED))

    def __sub__(self, other: "Vector | float") -> "Vector":
        return Vector(self.code, self.code.builder.fsub(self.value, self._value(other), flags=FUSED))

    def __rsub__(self, other: float) -> "Vector":
        return Vector(self.code, self.code.builder.fsub(self._value(other), self.value, flags=FUSED))

    def __mul__(self, other: "Vector | float") -> "Vector":
        return Vector(self.code, self.code.builder.fmul(self.value, self._value(other), flags=FUSED))

    def __truediv__(self, other: "Vector") -> "Vector":
        return Vector(self.code, self.code.builder.fdiv(self.value, other.value))

    def __rtruediv__(self, other: float) -> "Vector":
        return Vector(self.code, self.code.builder.fdiv(self._value(other), self.value))

    def clip(self, low: float, high: float) -> "Vector":
        """Return the numbers held between two bounds; what is not a number stays so."""
        above = self._where(self.compared("<", low), low)
        return above._where(above.compared(">", high), high)

    def compared(self, how: str, other: float) -> ir.Value:
        """Return a mask; nothing compares with what is not a number."""
        return self.code.builder.fcmp_ordered(how, self.value, self._value(other))

    def _where(self, mask: ir.Value, other: float) -> "Vector":
        return Vector(self.code, self.code.builder.select(mask, self._value(other), self.value))

    def _value(self, other: "Vector | float") -> ir.Value:
        return other.value if isinstance(other, Vector) else self.code.constant(other).value


@dataclass
class Loop:
    """One turn of a loop inside its ``with``, and what was carried out of it afterwards.

    Attributes:
        index: number of the turn.
        carried: what the turn begins with; assign what the next one begins with.
    """

    index: Integer
    carried: list[Vector] = field(default_factory=list)


class Code:
    """A function being written, of arrays and a number; and the place where the next instruction goes.

    Args:
        machine: whose vectors it uses.
        name: of the function.
        arrays: the type of each array's elements, a key of ``ELEMENTS``.

    Attributes:
        arrays: where the arrays begin.
        number: the last argument.
    """

    def __init__(self, machine: Machine, name: str, arrays: Sequence[str]) -> None:
        self.machine, self.lanes, self.module = machine, machine.lanes, ir.Module(name)
        kind = ir.FunctionType(ir.VoidType(), [INTEGER] * (len(arrays) + 1))
        self._function = ir.Function(self.module, kind, name)
        self.builder = ir.IRBuilder(self._function.append_basic_block())
        *addresses, number = self._function.args
        self.arrays = [Pointer(self, self.builder.inttoptr(address, ir.PointerType()), dtype)
                       for address, dtype in zip(addresses, arrays, strict=True)]
        self.number = Integer(self, number)

    @contextmanager
    def loop(self, count: Integer | int, carried: Sequence[Vector] = ()) -> Iterator[Loop]:
        """Write a loop of ``count`` turns around the body of the ``with``."""
        builder, before = self.builder, self.builder.block
        head, body, after = (self._function.append_basic_block() for _ in range(3))
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(INTEGER)
        index.add_incoming(INTEGER(0), before)
        entering = [builder.phi(vector.value.type) for vector in carried]
        for phi, vector in zip(entering, carried, strict=True):
            phi.add_incoming(vector.value, before)
        builder.cbranch(builder.icmp_signed("<", index, self.integer(count).value), body, after)
        builder.position_at_end(body)
        turn = Loop(Integer(self, index), [Vector(self, phi) for phi in entering])
        yield turn
        index.add_incoming(builder.add(index, INTEGER(1)), builder.block)
        for phi, vector in zip(entering, turn.carried, strict=True):
            phi.add_incoming(vector.value, builder.block)
        builder.branch(head)
        builder.position_at_end(after)
        turn.carried = [Vector(self, phi) for phi in entering]

    def integer(self, given: Integer | int) -> Integer:
        """Return an integer as one."""
        return given if isinstance(given, Integer) else Integer(self, INTEGER(given))

    def constant(self, number: float) -> Vector:
        """Return a number in every lane."""
        return Vector(self, ir.Constant(ir.VectorType(FLOAT, self.lanes), [number] * self.lanes))

    def choose(self, bit: ir.Value, one: "Pointer", other: "Pointer") -> "Pointer":
        """Return one pointer if ``bit``, else the other."""
        return Pointer(self, self.builder.select(bit, one.value, other.value), one.dtype)

    def first(self, count: Integer) -> ir.Value:
        """Return the mask of the first ``count`` lanes: all of them if there are no more, none if it is negative."""
        lanes = ir.Constant(ir.VectorType(INTEGER, self.lanes), list(range(self.lanes)))
        return self.builder.icmp_signed("<", lanes, self.splat(count.value))

    def splat(self, scalar: ir.Value) -> ir.Value:
        """Return a vector with the same scalar in every lane."""
        kind = ir.VectorType(scalar.type, self.lanes)
        one = self.builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, BITS(0))
        return self.builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(BITS, self.lanes), [0] * self.lanes))

    def bits(self, value: ir.Value, element: ir.Type) -> ir.Value:
        """Return the same bits as a vector of other elements."""
        kind = value.type
        size = kind.count * WIDTH[str(kind.element)] // WIDTH[str(element)]
        return self.builder.bitcast(value, ir.VectorType(element, size))

    def call(self, name: str, returned: ir.Type, arguments: Sequence[ir.Value]) -> ir.Value:
        """Call one of LLVM's own functions."""
        function = self.module.globals.get(name) or ir.Function(
            self.module, ir.FunctionType(returned, [each.type for each in arguments]), name)
        return self.builder.call(function, arguments)

    def finished(self) -> ir.Module:
        """End the function."""
        self.builder.ret_void()
        return self.module


WIDTH = {"float": 32, "i32": 32, "bfloat": 16, "i16": 16}
