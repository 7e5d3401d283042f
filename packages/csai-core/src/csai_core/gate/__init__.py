"""The gate: everything that an environment gives is looked at here, before anybody uses or keeps it."""

from csai_core.gate.environment import EnvironmentGate, spaces_of
from csai_core.gate.masks import ActionMasks, choices_of
from csai_core.gate.observations import ObservationGate
from csai_core.gate.values import Improper, score_of, scores_of
from csai_core.gate.vector import VectorGate

__all__ = [
    "ActionMasks",
    "EnvironmentGate",
    "Improper",
    "ObservationGate",
    "VectorGate",
    "choices_of",
    "score_of",
    "scores_of",
    "spaces_of",
]
