"""What csai-trackers offers to csai, as data."""

from __future__ import annotations

from csai_core import Entry, hookimpl

CSAI_PLUGIN_API = 1


@hookimpl
def csai_callbacks() -> list[Entry]:
    """One for each tracker."""
    return [
        Entry(
            name="wandb",
            target="csai_trackers.weights_and_biases:WeightsAndBiases",
            summary="Hands the training on to Weights & Biases, offline.",
        ),
        Entry(
            name="mlflow",
            target="csai_trackers.mlflow:MLflow",
            summary="Hands the training on to MLflow, in the run's folder.",
        ),
        Entry(
            name="trackio",
            target="csai_trackers.trackio:Trackio",
            summary="Hands the training on to Trackio, on this computer.",
        ),
    ]
