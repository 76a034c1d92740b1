"""What vectors this machine computes with, and machine code for it from LLVM's instructions."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import llvmlite.binding as llvm
import llvmlite.ir as ir


@dataclass(frozen=True)
class Machine:
    """The vectors for which code is written. Any processor runs the code for any machine whose instructions it has.

    Attributes:
        lanes: float32 numbers in a vector.
        rows: rows of a product that are summed at once, four vectors each, so that all sums stay in registers.
        multiplies_bfloat16: whether one instruction multiplies pairs of bfloat16 and adds them up in float32.
    """

    lanes: int
    rows: int
    multiplies_bfloat16: bool = False


@cache
def this_machine() -> Machine:
    """Return the machine on which this process runs."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return Machine(16, 6, bool(features.get("avx512bf16")))
    if features.get("fma"):
        return Machine(8, 3)
    arm = llvm.get_process_triple().startswith(("aarch64", "arm64"))  # which always has 32 vector registers
    return Machine(4, 6 if arm else 2)


def processor() -> str:
    """Return LLVM's name for the processor, such as ``znver4``."""
    return str(llvm.get_host_cpu_name())


def compile_function(module: ir.Module, name: str) -> Callable[..., None]:
    """Compile ``module`` for this processor and return its function ``name``, whose arguments are 64-bit integers."""
    target = _target(processor(), llvm.get_host_cpu_features().flatten())
    engine: Any = llvm.create_mcjit_compiler(_optimised(module, target), target)
    engine.finalize_object()
    count = len(module.get_global(name).args)
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * count)(engine.get_function_address(name))
    function.engine = engine  # type: ignore[attr-defined]  # which owns the code
    return function


def assembly(module: ir.Module, name: str) -> str:
    """Return the code for another processor of this architecture, by LLVM's name for it, as text."""
    target = _target(name, "")
    return target.emit_assembly(_optimised(module, target))


def _target(name: str, features: str) -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(cpu=name, features=features, opt=3)


def _optimised(module: ir.Module, target: llvm.TargetMachine) -> llvm.ModuleRef:
    parsed = llvm.parse_assembly(str(module))
    passes = llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(speed_level=2))
    passes.getModulePassManager().run(parsed, passes)
    return parsed
