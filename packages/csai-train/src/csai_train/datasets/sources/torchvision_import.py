"""Importing torchvision, also where its compiled operators do not load beside the installed torch.

The wheel of torchvision that package indexes offer is compiled for one build of torch. Beside another, as
a CUDA build beside torch for the CPU, its compiled library does not load, and `import torchvision` fails
over two operators that it cannot describe then: "operator torchvision::nms does not exist". Its datasets
and transforms need none of its operators. So, once `csai_train.datasets` is imported, the first import of
torchvision, by whomever, tries that library, and only where it does not load tells torch the signatures of
those two operators. All else is torchvision's own. Calling a compiled operator then still fails, with
torchvision's own message that its operators could not be loaded.
"""

from __future__ import annotations

import importlib.machinery
import logging
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from csai_core.errors import MissingExtraError

_SIGNATURES = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_EXTRA = 'pip install "csai-train[datasets]"'
_log = logging.getLogger(__name__)


def import_torchvision(needed_for: str) -> Any:
    """The package torchvision, with `datasets` and `transforms` in it.

    Args:
        needed_for: what it is needed for, for the error.

    Raises:
        MissingExtraError: if it is not installed, or cannot be imported.
    """
    try:
        import torchvision  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise MissingExtraError(f"{needed_for} needs torchvision: {_EXTRA} ({error})") from error
    except RuntimeError as error:
        raise MissingExtraError(
            f"{needed_for} needs torchvision, which is installed but cannot be imported beside this torch: "
            f"{error} Install the pair that belongs together: {_EXTRA}"
        ) from error
    return torchvision


def install_import_hook() -> None:
    """Let the next import of torchvision find its operators declared, if it cannot load them."""
    if "torchvision" not in sys.modules and not any(isinstance(each, _ImportHook) for each in sys.meta_path):
        sys.meta_path.insert(0, _ImportHook())


class _ImportHook(MetaPathFinder):
    """Is asked for torchvision before any other finder, prepares the ground, and finds nothing itself."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Prepare for the import of torchvision, once."""
        if fullname == "torchvision":
            sys.meta_path.remove(self)
            _declare_missing_operators()
        return None


_declared: list[Any] = []
"""Keeps the declarations: torch forgets them when nobody holds them any more."""


def _declare_missing_operators() -> None:
    found = importlib.machinery.PathFinder.find_spec("torchvision")
    if found is None or found.origin is None:
        return
    import torch

    library = next(iter(sorted(Path(found.origin).parent.glob("_C.*"))), None)
    try:
        if library is not None:
            torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
    except OSError as error:
        _log.info("torchvision's compiled operators are left out, as they do not load: %s", error)
    if not hasattr(torch.ops.torchvision, "nms"):
        _declared.append(torch.library.Library("torchvision", "FRAGMENT"))  # type: ignore[no-untyped-call]
        for signature in _SIGNATURES:
            _declared[0].define(signature)
