"""MLflow: files in `mlflow/` in the run's folder, or where MLFLOW_TRACKING_URI says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from csai_trackers.tracker import Tracker


class MLflow(Tracker):
    """Hands a training on to MLflow."""

    package = "mlflow"
    _client: Any = None
    _id = ""
    _num_notes = 0

    def open(self, settings: Mapping[str, Any]) -> None:
        """Begin a run of theirs."""
        folder = (self.run.path / "mlflow").resolve()
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # which newer ones ask for
        self._client = self.module.MlflowClient(os.environ.get("MLFLOW_TRACKING_URI", folder.as_uri()))
        found = self._client.get_experiment_by_name("csai")
        experiment = found.experiment_id if found else self._client.create_experiment("csai")
        self._id = self._client.create_run(experiment, run_name=self.run.path.name).info.run_id
        for name, value in settings.items():
            self._client.log_param(self._id, name, value)

    def log(self, numbers: Mapping[str, float], steps: int) -> None:
        """Numbers by our steps."""
        for name, value in numbers.items():
            self._client.log_metric(self._id, name, float(value), step=steps)

    def film(self, path: Path, steps: int) -> None:
        """A film, as a file of the run."""
        self._client.log_artifact(self._id, str(path), "video")

    def note(self, text: str, steps: int) -> None:
        """A file of the run, and a tag that is seen in lists."""
        self._num_notes += 1
        self._client.log_text(self._id, f"{steps}: {text}\n", f"health/{self._num_notes:03d}.txt")
        self._client.set_tag(self._id, "health", text)

    def close(self) -> None:
        """End their run."""
        self._client.set_terminated(self._id)
