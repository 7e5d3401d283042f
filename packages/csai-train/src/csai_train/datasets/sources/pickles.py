"""Reading the pickles that CIFAR is published in, without running what a pickle may hold."""

from __future__ import annotations

import io
import pickle
from typing import Any

from csai_train.datasets.errors import DamagedFileError
from csai_train.datasets.sources.files import FoundFile

_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric", "numpy._core.numeric")
_HARMLESS = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
    *((module, name) for module in _NUMPY for name in ("_reconstruct", "scalar", "_frombuffer")),
}
"""What arrays are put together by; everything else that a pickle asks for is refused."""


def parse(file: FoundFile) -> dict[str, Any]:
    """The dict in a pickle, its keys as text.

    Args:
        file: the file.

    Raises:
        DamagedFileError: if it holds anything but a dict of plain values and arrays, or is cut short.
    """
    try:
        found = _Reader(io.BytesIO(file.data), encoding="latin1").load()
        return {key.decode() if isinstance(key, bytes) else str(key): each for key, each in found.items()}
    except DamagedFileError as error:
        raise DamagedFileError(f"{file.path} was not loaded: {error}") from error
    except Exception as error:  # a damaged pickle raises whatever its bytes happen to say
        raise file.damaged(f"{type(error).__name__}: {error}") from error


class _Reader(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        """Arrays and nothing else."""
        if (module_name, global_name) not in _HARMLESS:
            raise DamagedFileError(f"it asks for {module_name}.{global_name}, which no image needs.")
        return super().find_class(module_name, global_name)
