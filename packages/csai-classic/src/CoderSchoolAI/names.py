"""What the names of the original are called now, and what is different about what they name."""

from __future__ import annotations

from typing import NamedTuple


class Renamed(NamedTuple):
    """One name."""

    old: str
    """By its old path, below CoderSchoolAI."""
    new: str
    change: str
    """What is different, and why; empty where nothing is that the original's documentation says."""


NAMES = (
    Renamed("Agent.Agent", "csai_core.Agent", "The world's state is the environment's, not the agent's."),
    Renamed("Environments.Agent.Agent", "csai_core.Agent", ""),
    Renamed(
        "Environments.Attributes.Attribute", "csai_core.Attribute", "Its value always lies in its space."
    ),
    Renamed("Environments.Attributes.ObsAttribute", "csai_core.ObsAttribute", ""),
    Renamed("Environments.Attributes.ActionAttribute", "csai_core.ActionAttribute", ""),
    Renamed("Environments.Attributes.BoxType", "csai_core.BoxType", "Gymnasium's own space."),
    Renamed("Environments.Attributes.DiscreteType", "csai_core.DiscreteType", "Gymnasium's own space."),
    Renamed(
        "Environments.Attributes.MultiDiscreteType", "csai_core.MultiDiscreteType", "Gymnasium's own space."
    ),
    Renamed("Environments.Attributes.MultiBinaryType", "csai_core.MultiBinaryType", "It can be observed."),
    Renamed("Environments.Attributes.SpaceType", "csai_core.SpaceType", ""),
    Renamed(
        "Environments.Shell.Shell",
        "csai_core.Shell",
        "`reset` gives `(observation, info)` and `step` five items, as Gymnasium has it; the old path "
        "keeps one and three.",
    ),
    Renamed(
        "Environments.CoderSchoolEnvironments.SnakeEnvironment.SnakeEnv",
        "csai_envs.SnakeEnv",
        "The board is the environment's; apples lie anywhere; boards of every shape work.",
    ),
    Renamed(
        "Environments.CoderSchoolEnvironments.FrozenLakeEnvironment.FrozenLakeEnv",
        "csai_envs.FrozenLakeEnv",
        "Any map, and slippery ice.",
    ),
    Renamed(
        "Environments.CoderSchoolEnvironments.SimpleGridEnv.SimpleGridEnv",
        "csai_envs.SimpleGridEnv",
        "It can be watched.",
    ),
    Renamed(
        "Neural.Net.Net",
        "csai_neural.Net",
        "`compile` checks that blocks fit and infers sizes; `save` and `Net.load` use one file, "
        "without pickle.",
    ),
    Renamed("Neural.Block.Block", "csai_neural.Block", "States its input and output shape."),
    Renamed("Neural.Blocks.InputBlock", "csai_neural.InputBlock", "Takes every space, Dict and Tuple too."),
    Renamed("Neural.Blocks.DictInputBlock", "csai_neural.DictInputBlock", ""),
    Renamed(
        "Neural.Blocks.ConvBlock", "csai_neural.ConvBlock", "Sizes that are left out follow from its input."
    ),
    Renamed(
        "Neural.Blocks.LinearBlock", "csai_neural.LinearBlock", "Blocks joined to it are trained and saved."
    ),
    Renamed("Neural.Blocks.JoinBlock", "csai_neural.JoinBlock", "Joins."),
    Renamed("Neural.Blocks.FlattenBlock", "csai_neural.FlattenBlock", ""),
    Renamed("Neural.Blocks.OutputBlock", "csai_neural.OutputBlock", ""),
    Renamed("Neural.Blocks.Identity", "csai_neural.Identity", ""),
    Renamed(
        "Neural.ActorCritic.ActorCriticNetwork.ActorCritic",
        "csai_neural.ActorCritic",
        "Takes spaces or attributes; the features extractor may be left out; every kind of action.",
    ),
    Renamed("Training.Algorithms.QLearning", "csai_train.QLearning", "Tables are JSON, never pickles."),
    Renamed(
        "Training.Algorithms.deep_q_learning",
        "csai_train.deep_q_learning",
        "Learns from a memory that stays, one update a step; trains both networks in place; waits only where "
        "a window is shown.",
    ),
    Renamed(
        "Training.Algorithms.PPO",
        "csai_train.PPO",
        "Learns from the actions that were taken; many environments.",
    ),
    Renamed("Training.Datasets.Dataset", "csai_train.datasets.Dataset", ""),
    Renamed("Training.Datasets.DatasetOrigin", "csai_train.datasets.DatasetOrigin", ""),
    Renamed(
        "Training.Datasets.MNISTDataset", "csai_train.datasets.MNISTDataset", "Files are checked and cached."
    ),
    Renamed("Training.Datasets.FashionMNISTDataset", "csai_train.datasets.FashionMNISTDataset", ""),
    Renamed("Training.Datasets.CIFAR10Dataset", "csai_train.datasets.CIFAR10Dataset", ""),
    Renamed("Training.Datasets.CIFAR100Dataset", "csai_train.datasets.CIFAR100Dataset", ""),
    Renamed(
        "Training.Datasets.ImageNetDataset", "csai_train.datasets.ImageNetDataset", "Any number of classes."
    ),
    Renamed("Training.Datasets.Trainer", "csai_train.datasets.Trainer", "For loops of your own."),
    Renamed(
        "Training.Datasets.train_on_dataset",
        "csai_train.datasets.train_on_dataset",
        "Returns the training; writes nothing unless it is given `run_dir`.",
    ),
    Renamed("Buffer.ReplayBuffer", "csai_train.ReplayBuffer", "`sample(n)`, and a capacity."),
    Renamed(
        "Buffer.BasicReplayBuffer", "csai_train.BasicReplayBuffer", "Batches are cut, not all data at once."
    ),
    Renamed(
        "Buffer.DictReplayBuffer", "csai_train.DictReplayBuffer", "The keys follow from the first memory."
    ),
    Renamed("Util.data_utils.get_minibatches", "csai_core.data.get_minibatches", "Every sample once."),
    Renamed("Util.data_utils.dict_list_to_batch", "csai_core.data.dict_list_to_batch", ""),
    Renamed("Util.data_utils.dict_to_tensor", "csai_neural.dict_to_tensor", "Drops nothing."),
    Renamed("Util.data_utils.euclidean_distance", "csai_core.data.distance", "Of any dimension."),
    Renamed("Util.data_utils.distance", "csai_core.data.distance", ""),
    Renamed("Util.search_utils.HeapQueue", "csai_core.search.HeapQueue", "`remove_worst` removes the worst."),
    Renamed("Util.search_utils.h_distance", "csai_core.search.h_distance", ""),
    Renamed("Util.neural_utils.generate_sequential", "csai_neural.generate_sequential", ""),
    Renamed(
        "Util.neural_utils.sample_distrobution",
        "csai_neural.sample_distribution",
        "Spelled right; takes every space of actions, as its second argument alone.",
    ),
)
