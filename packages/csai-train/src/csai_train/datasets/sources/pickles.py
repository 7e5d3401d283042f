"""Reading the pickles that CIFAR is published in, without running what a pickle may hold."""

from __future__ import annotations

import io
import pickle
import pickletools
import re
from typing import Any

import numpy as np

from csai_core.decoding import in_words
from csai_train.datasets.sources.files import FoundFile
from csai_train.errors import DamagedFileError

_CORE = ("numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric", "numpy._core.numeric")
_DTYPE = re.compile("[biufSU][0-9]{1,3}")
"""Of what numbers and texts an array may be made."""


class _Type:
    """What a pickle says of a type of numbers, in place of numpy's own class, which believes anything."""

    def __init__(self, code: str, align: object = False, copy: object = True) -> None:
        if not _DTYPE.fullmatch(code):
            raise DamagedFileError(f"it asks for numbers of the type {code!r}.")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: Any) -> None:
        self.dtype = self.dtype.newbyteorder(state[1])


class _Array:
    """What a pickle says of an array, in place of numpy's own class, which would take any memory."""

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, is_fortran, data = state
        self._fill(data, kind, shape, "F" if is_fortran else "C")

    def _fill(self, data: Any, kind: _Type, shape: Any, order: Any) -> None:
        data = data.encode("latin1") if isinstance(data, str) else data
        self.array = np.frombuffer(data, kind.dtype).reshape(shape, order=order)


def _reconstruct(cls: object, shape: object, code: object) -> _Array:
    """An array that is filled next, which is how arrays are pickled."""
    return _Array()


def _frombuffer(data: Any, kind: _Type, shape: Any, order: Any) -> _Array:
    array = _Array()
    array._fill(data, kind, shape, order)
    return array


def _scalar(kind: _Type, data: Any) -> Any:
    return np.frombuffer(data, kind.dtype)[0]


def _encode(text: str, encoding: str) -> bytes:
    if encoding not in ("latin1", "latin-1"):
        raise DamagedFileError(f"it asks for the encoding {encoding!r}.")
    return text.encode(encoding)


_HARMLESS: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("_codecs", "encode"): _encode,
    **{(module, "_reconstruct"): _reconstruct for module in _CORE},
    **{(module, "scalar"): _scalar for module in _CORE},
    **{(module, "_frombuffer"): _frombuffer for module in _CORE},
}
"""What arrays are put together by, as something that takes no more memory than the file has bytes; everything
else that a pickle asks for is refused."""


def parse(file: FoundFile) -> dict[str, Any]:
    """The dict in a pickle, its keys as text.

    Args:
        file: the file.

    Raises:
        DamagedFileError: if it holds anything but a dict of plain values and arrays, or is cut short.
    """
    try:
        _check_memo(file.data)
        found = _Reader(io.BytesIO(file.data), encoding="latin1").load()
        return {_as_text(key): _as_value(each) for key, each in found.items()}
    except DamagedFileError as error:
        raise DamagedFileError(f"{file.path} was not loaded: {error}") from error
    except Exception as error:  # a damaged pickle raises whatever its bytes happen to say
        raise file.damaged(in_words(error)) from error


def _as_text(key: object) -> str:
    return key.decode() if isinstance(key, bytes) else str(key)


def _as_value(value: object) -> object:
    return value.array if isinstance(value, _Array) else value


def _check_memo(data: bytes) -> None:
    """Refuse places in the memo that counting did not reach: the reader makes room for all before them."""
    places = 0
    for opcode, place, _ in pickletools.genops(data):
        if "PUT" in opcode.name:
            if isinstance(place, int) and place > places:
                raise DamagedFileError(f"it asks for {place:,} places to remember values in.")
            places += 1
        elif opcode.name == "MEMOIZE":
            places += 1


class _Reader(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        """Arrays and nothing else."""
        if (module_name, global_name) not in _HARMLESS:
            raise DamagedFileError(f"it asks for {module_name}.{global_name}, which no image needs.")
        return _HARMLESS[module_name, global_name]
