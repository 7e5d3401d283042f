"""Batches and distances, by their old path."""

from csai_core.data import dict_list_to_batch, distance, get_minibatches
from csai_neural import dict_to_tensor

euclidean_distance = distance

__all__ = ["dict_list_to_batch", "dict_to_tensor", "distance", "euclidean_distance", "get_minibatches"]
