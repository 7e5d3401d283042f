"""train.toml of a run on a dataset; `csai train-dataset FILE` trains it.

    dataset = "mnist"
    network = "conv"
    epochs = 5
    seed = 1

    [dataset_options]          # what the dataset is made with
    root = "mnist"

    [config]                   # how it is trained
    batch_size = 128

Its words are those of `csai_train.datasets.train_on_dataset`. What is left out is as if it were not typed,
and a file is believed as little as a run is: see `csai_train.training.train_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csai_core import options, storage
from csai_core.errors import CodecError
from csai_core.plugins import installed
from csai_core.schema import Check, is_object, is_text
from csai_core.toml_text import to_toml
from csai_train.datasets.learning.config import DatasetConfig
from csai_train.datasets.learning.run import NET, DatasetRun
from csai_train.errors import RunError
from csai_train.training.training_file import COUNT, SHARED, TRAIN_FILE, TrainingFile

_HEADING = f"# csai train-dataset {TRAIN_FILE}   makes this training again, weight for weight.\n"
WORDS: Mapping[str, tuple[Check, str]] = {
    **SHARED,
    "dataset": (is_text, 'the name of a dataset, such as "mnist"'),
    "epochs": COUNT,
    "dataset_options": (is_object, "a table"),
    "config": (is_object, "a table of settings"),
}
"""What a file can say, and how."""


class DatasetFile(TrainingFile):
    """A training on a dataset as a file has it."""

    words = WORDS

    @property
    def dataset(self) -> str | None:
        """The full name of the dataset; None where the file says none.

        Raises:
            UnknownNameError: if there is no such dataset, with the nearest.
        """
        name = self.values.get("dataset")
        return None if name is None else installed().find("datasets", name).full_name

    @property
    def config(self) -> dict[str, Any]:
        """The settings that it says.

        Raises:
            UnknownNameError: if there is no such setting, with the nearest.
            ConfigError: if a value cannot work.
        """
        said: dict[str, Any] = self.values.get("config", {})
        options.configure(DatasetConfig, said)
        return said


def keep_dataset_file(run: DatasetRun, device: str, threads: int) -> None:
    """Write the train.toml of a new run, where its network and its dataset can be made again.

    Args:
        run: which.
        device: where the network is trained.
        threads: how many threads it is computed with.

    Raises:
        RunError: if it cannot be written.
    """
    entry, made_with = run.dataset["entry"], run.dataset["options"]
    if entry is None or made_with is None or not (run.path / NET).is_file():
        return
    said = {
        "dataset": entry,
        "network": NET,
        "epochs": run.epochs,
        "seed": run.seed,
        "device": device if device != "cpu" else None,
        "threads": threads if threads > 1 else None,
        "processes": run.processes if run.processes > 1 else None,
        "checkpoint_every": run.checkpoint_every,
        "callbacks": list(run.callbacks),
        "dataset_options": made_with,
        "config": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in run.config["config"].items()
            if value is not None
        },
    }
    try:
        text = to_toml({name: value for name, value in said.items() if value not in (None, [], {})})
        storage.write(run.path / TRAIN_FILE, _HEADING + text)
    except CodecError:
        return  # its dataset is made with what nobody can type
    except OSError as error:
        raise RunError(f"The run cannot be written to {run.path}: {error}") from error
