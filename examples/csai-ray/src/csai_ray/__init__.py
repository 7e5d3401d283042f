"""Runs of csai as trials of Ray Tune."""

from csai_ray.trial import Trial, trainable

__version__ = "0.1.0"

__all__ = ["Trial", "trainable"]
