"""A training as a file that people read and write: what such files share, whatever is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from csai_core import trust
from csai_core.decoding import decoding, parse_toml, read_bytes
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.plugins import installed
from csai_core.schema import Check, are_texts, is_count, is_seed, is_text
from csai_core.toml_text import from_literals

TRAIN_FILE = "train.toml"
"""What it is called in a run."""
TEXT = (is_text, "a text")
COUNT = (is_count, "a whole number from 1")
SHARED: Mapping[str, tuple[Check, str]] = {
    "network": (is_text, "the name of a registered network, or a file beside this one"),
    "seed": (is_seed, "a whole number from 0"),
    "device": TEXT,
    "threads": COUNT,
    "processes": COUNT,
    "checkpoint_every": COUNT,
    "callbacks": (are_texts, "a list of names of callbacks"),
}
"""What a file of every kind can say, and how."""
_LARGEST = 1_000_000
"""Bytes; no file that a person writes needs more."""


@dataclass(frozen=True)
class TrainingFile:
    """A training as a file has it."""

    path: Path
    values: Mapping[str, Any]
    """What it says, by its words."""

    words: ClassVar[Mapping[str, tuple[Check, str]]] = {}
    """What a file of this kind can say, and how."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file; nothing that it names is looked for yet.

        Raises:
            ConfigError: if there is none, it is no TOML, or a value is of another kind than it must be.
            UnknownNameError: if it says what trainings do not have, with the nearest that they do.
        """
        try:
            with decoding(path, ConfigError):
                document = parse_toml(read_bytes(path, at_most=_LARGEST))
        except FileNotFoundError as error:
            raise ConfigError(f"There is no file {str(path)!r}.") from error
        for word, value in document.items():
            if word not in cls.words:
                raise UnknownNameError.of(f"word of a training in {path.name}", word, cls.words)
            is_right, wanted = cls.words[word]
            if not is_right(value):
                raise ConfigError(f"{path.name} says {word} = {value!r}; it must be {wanted}.")
        return cls(path, from_literals(document))

    @property
    def network(self) -> str | None:
        """The network as `csai_neural.load_network` takes it; a file is seen from this one's folder.

        Raises:
            UnknownNameError: if no network goes by that name, with the nearest.
            UntrustedModuleError: if it is `module:name`, and nobody has typed that module on this machine.
        """
        name: str | None = self.values.get("network")
        if name is None:
            return None
        if Path(name).suffix in (".toml", ".safetensors"):
            return str(self.path.parent / name)
        try:
            return installed().find("networks", name).full_name
        except UnknownNameError:
            module, colon, _ = name.partition(":")
            if not colon:
                raise
        self._import(module, f"the network {name}")
        return name

    def _import(self, module: str, what: str) -> None:
        why = f"{self.path} asks for {what}"
        try:
            trust.import_trusted(module, f"{why}. {trust.advice(module)}".rstrip())
        except ImportError as error:
            raise ConfigError(f"{why}, but {module} cannot be imported: {error}") from error
