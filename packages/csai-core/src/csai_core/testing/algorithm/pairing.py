"""Where arrays of (n, 1) meet arrays of (n,), which pairs every row with every other row, silently."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from csai_core.algorithm import Step
from csai_core.testing.algorithm.base import AlgorithmChecks
from csai_core.testing.suite import fail

_MORE_UPDATES = 12
_ARITHMETIC = ("add", "sub", "mul", "div", "truediv")
_FORMS = ("{}", "{}_", "__{}__", "__r{}__", "__i{}__")
_OPERATIONS = frozenset(
    (
        *(form.format(name) for name in _ARITHMETIC for form in _FORMS),
        *("rsub", "true_divide", "subtract", "multiply", "divide", "addcmul", "lerp", "where"),
        *("broadcast_tensors", "minimum", "maximum"),
        *("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div"),
    )
)
"""Of torch, by name: what computes with numbers that stand in the same place."""


class PairingChecks(AlgorithmChecks):
    """What an algorithm computes rows of a Step with."""

    def test_rows_meet_their_own(self) -> None:
        """No row is computed with every other, as happens silently where (n, 1) meets (n,)."""
        for spaces in self.few:
            session = self.session(spaces)
            count = self.wait(spaces) + _MORE_UPDATES
            with contextlib.suppress(Exception), _meetings() as met:  # what fails is other checks' business
                for _ in range(count):
                    session.learn(_watched(session.lanes.step(session.decide()), met))
            for place, meetings in met.items():
                if _is_changing(meetings):
                    rows = meetings[0].rows
                    fail(
                        f"With {session.env}, numbers of the shape ({rows}, 1) are computed with numbers of "
                        f"the shape ({rows},), in {place}: the result has the shape ({rows}, {rows}), in "
                        "which every row meets every other, so that all are drawn to the mean. Bring both to "
                        "one shape: squeeze(-1), or flatten()."
                    )


class _Meeting(NamedTuple):
    """Numbers of the one shape and of the other."""

    rows: int
    column: bytes
    row: bytes


_Met = dict[str, list[_Meeting]]
"""Meetings, by the line in which they happened."""


def _is_changing(meetings: list[_Meeting]) -> bool:
    """Whether both sides differ from time to time: constants may be meant for every row."""
    return all(len({each[part] for each in meetings}) > 1 for part in (1, 2))


def _note(met: _Met, arrays: list[Any]) -> None:
    """Note arrays of (n, 1) and (n,) among those that are computed with each other."""
    columns = [each for each in arrays if len(each.shape) == 2 and each.shape[1] == 1 and each.shape[0] > 1]
    for column in columns:
        for row in arrays:
            if tuple(row.shape) == (column.shape[0],) and not _is_same_memory(column, row):
                meeting = _Meeting(len(row), _bytes(column), _bytes(row))
                met.setdefault(_place(), []).append(meeting)


def _bytes(array: Any) -> bytes:
    plain = array.detach().cpu().numpy() if hasattr(array, "detach") else np.asarray(array)
    return bytes(plain.tobytes())


def _is_same_memory(one: Any, other: Any) -> bool:
    """Whether one is a view of the other: x[:, None] - x, which is meant."""
    if hasattr(one, "data_ptr") and hasattr(other, "data_ptr"):
        return bool(one.data_ptr() == other.data_ptr())
    return isinstance(one, np.ndarray) and isinstance(other, np.ndarray) and np.shares_memory(one, other)


def _place() -> str:
    """The line of the algorithm's that computes just now."""
    for frame in reversed(traceback.extract_stack()):
        if not any(f"/{package}/" in frame.filename for package in ("torch", "numpy")) and __file__ not in (
            frame.filename,
        ):
            return f"{frame.name}, {frame.filename}:{frame.lineno}"
    return "a place that cannot be told"


class _Watched(np.ndarray[Any, Any]):
    """An array that notes whom it meets."""

    met: Any = None

    def __array_finalize__(self, obj: Any) -> None:
        self.met = getattr(obj, "met", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **how: Any) -> Any:
        plain = [each.view(np.ndarray) if isinstance(each, _Watched) else each for each in inputs]
        if method == "__call__" and self.met is not None:
            _note(self.met, [each for each in plain if isinstance(each, np.ndarray)])
        if out is not None:
            how["out"] = tuple(each.view(np.ndarray) if isinstance(each, _Watched) else each for each in out)
        result = getattr(ufunc, method)(*plain, **how)
        if out is not None:
            return out[0] if len(out) == 1 else out
        if isinstance(result, np.ndarray):
            result = result.view(_Watched)
            result.met = self.met  # type: ignore[attr-defined]
        return result


def _watched(step: Step, met: _Met) -> Step:
    parts = {}
    for name in ("reward", "terminated", "truncated"):
        parts[name] = getattr(step, name).view(_Watched)
        parts[name].met = met
    return step._replace(**parts)


@contextlib.contextmanager
def _meetings() -> Iterator[_Met]:
    """Note what meets meanwhile in torch, if that is imported."""
    met: _Met = {}
    torch: Any = sys.modules.get("torch")
    if torch is None:
        yield met
        return

    class Mode(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            if getattr(func, "__name__", "") in _OPERATIONS:
                given = [*args, *kwargs.values()]
                _note(met, [each for each in given if isinstance(each, torch.Tensor)])
            return func(*args, **kwargs)

    with Mode():
        yield met
