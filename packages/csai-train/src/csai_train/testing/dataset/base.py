"""What the checks of datasets share: how one is made, without a network, and told from others."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from unittest import mock

import torch

from csai_core.errors import MissingExtraError
from csai_core.plugins import installed
from csai_core.testing import ConformanceError, Suite, fail, skip
from csai_train.errors import MissingFilesError
from csai_train.testing.dataset.examples import SETS, seeded_digests

CPU = torch.device("cpu")


class DatasetChecks(Suite):
    """What a subclass names, and how the dataset is made."""

    def make(self, **settings: Any) -> Any:
        """Make the dataset."""
        if not self.entry_name:
            return super().make()
        target = self._target()
        parameters = inspect.signature(target).parameters
        if "download" in parameters:
            settings.setdefault("download", False)
        _require_arguments(parameters.values(), settings)
        return target(**settings)

    def digest(self, dataset: Any) -> str:
        """Of its examples, as far as they are looked at."""
        parts = [str(dataset.num_classes)]
        for name in SETS:
            parts += seeded_digests(getattr(dataset, name), 1)
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()

    # --- inner workings

    def _target(self) -> Any:
        """What the entry of its name points to."""
        return installed().find("datasets", self.entry_name).load()

    def _made(self, **settings: Any) -> Any:
        """The dataset; skips the check where its files are not here."""
        try:
            with offline():
                return self.make(**settings)
        except (MissingFilesError, MissingExtraError) as error:
            skip(str(error))


def _require_arguments(parameters: Iterable[inspect.Parameter], given: Mapping[str, Any]) -> None:
    """Refuse a dataset that cannot be made without arguments; whose folder nobody has said, skip."""
    lacking = [
        each.name
        for each in parameters
        if each.default is each.empty
        and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
        and each.name not in given
    ]
    if lacking == ["root"]:
        skip("it needs the folder of its files: give it root, in a DatasetSuite of your own")
    if lacking:
        fail(
            f"Made without arguments, it needs {' and '.join(lacking)}; give defaults, so that its name will "
            "do."
        )


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Let nobody reach the network meanwhile."""

    def refuse(*arguments: Any, **settings: Any) -> Any:
        raise ConformanceError(
            "It reaches for the network when it is made; take download=False, and raise a MissingFilesError "
            "that says where to put the files."
        )

    with (
        mock.patch.object(socket.socket, "connect", refuse),
        mock.patch.object(socket, "create_connection", refuse),
    ):
        yield
