"""Layers and drawing, by their old path."""

from csai_neural import generate_sequential, sample_distribution

sample_distrobution = sample_distribution
"""As the original spells it."""

__all__ = ["generate_sequential", "sample_distribution", "sample_distrobution"]
