"""What csai-train offers: algorithms, buffers, datasets, and the commands that train, evaluate and watch."""

from __future__ import annotations

from csai_core import Entry, hookimpl

_WHOLE_NUMBERS = ("Discrete", "MultiDiscrete", "MultiBinary")
_NUMBERS = (*_WHOLE_NUMBERS, "Box", "IntegerBox")


@hookimpl
def csai_algorithms() -> list[Entry]:
    """The learning algorithms."""
    return [
        Entry(
            name="q_learning",
            target="csai_train.algorithms.q_learning:TabularQLearning",
            config="csai_train.algorithms.q_learning:QLearningConfig",
            summary="A table of values, for small discrete observations.",
            observation_spaces=_WHOLE_NUMBERS,
            action_spaces=("Discrete",),
            reference="Watkins 1989; Sutton and Barto 2018, section 6.5",
        ),
        Entry(
            name="deep_q_learning",
            target="csai_train.algorithms.deep_q_learning:DeepQLearning",
            config="csai_train.algorithms.deep_q_learning:DeepQLearningConfig",
            summary="A network that predicts values, trained from a replay memory (DQN).",
            aliases=("dqn",),
            observation_spaces=_NUMBERS,
            action_spaces=("Discrete",),
            reference="Mnih et al. 2015, doi:10.1038/nature14236",
        ),
        Entry(
            name="reinforce",
            target="csai_train.algorithms.reinforce:Reinforce",
            config="csai_train.algorithms.reinforce:ReinforceConfig",
            summary="The simplest policy gradient: actions judged by all that followed.",
            aliases=(
                "policy_gradient",
                "vpg",
            ),
            observation_spaces=_NUMBERS,
            action_spaces=(*_WHOLE_NUMBERS, "Box"),
            reference="Williams 1992, doi:10.1007/BF00992696; Sutton and Barto 2018, section 13.4",
        ),
        Entry(
            name="a2c",
            target="csai_train.algorithms.a2c:AdvantageActorCritic",
            config="csai_train.algorithms.a2c:A2CConfig",
            summary="Policy gradient a few steps at a time, with values for the rest (A2C).",
            aliases=("advantage_actor_critic",),
            observation_spaces=_NUMBERS,
            action_spaces=(*_WHOLE_NUMBERS, "Box"),
            reference="Mnih et al. 2016, arXiv:1602.01783",
        ),
        Entry(
            name="ppo",
            target="csai_train.algorithms.ppo:ProximalPolicyOptimization",
            config="csai_train.algorithms.ppo:PPOConfig",
            summary="A policy that improves in small, safe moves (PPO).",
            aliases=("proximal_policy_optimization",),
            observation_spaces=_NUMBERS,
            action_spaces=(*_WHOLE_NUMBERS, "Box"),
            reference="Schulman et al. 2017, arXiv:1707.06347",
        ),
    ]


@hookimpl
def csai_buffers() -> list[Entry]:
    """The experience buffers."""
    return [
        Entry(
            name="basic",
            target="csai_train.buffers.replay:BasicReplayBuffer",
            summary="Remembers the newest transitions and draws from them evenly.",
            reference="Lin 1992, doi:10.1007/BF00992699",
        ),
        Entry(
            name="dict",
            target="csai_train.buffers.replay:DictReplayBuffer",
            summary="The same for observations that are dicts, stored key by key.",
            reference="Lin 1992, doi:10.1007/BF00992699",
        ),
        Entry(
            name="prioritized",
            target="csai_train.buffers.prioritized:PrioritizedReplayBuffer",
            summary="Draws those transitions most often whose value was most wrong.",
            reference="Schaul et al. 2016, arXiv:1511.05952",
        ),
    ]


@hookimpl
def csai_datasets() -> list[Entry]:
    """The datasets."""
    return [
        Entry(
            name="mnist",
            target="csai_train.datasets.sources.mnist:MNISTDataset",
            summary="Handwritten digits, 28x28, in ten classes; 11 MB to download.",
            reference="LeCun, Cortes and Burges 1998",
        ),
        Entry(
            name="fashion_mnist",
            target="csai_train.datasets.sources.mnist:FashionMNISTDataset",
            summary="Pieces of clothing, 28x28, in ten classes; 30 MB to download.",
            reference="Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747",
        ),
        Entry(
            name="cifar10",
            target="csai_train.datasets.sources.cifar:CIFAR10Dataset",
            summary="Animals and vehicles in color, 32x32, in ten classes; 163 MB to download.",
            reference="Krizhevsky 2009",
        ),
        Entry(
            name="cifar100",
            target="csai_train.datasets.sources.cifar:CIFAR100Dataset",
            summary="Things in color, 32x32, in a hundred classes; 161 MB to download.",
            reference="Krizhevsky 2009",
        ),
        Entry(
            name="imagenet",
            target="csai_train.datasets.sources.imagenet:ImageNetDataset",
            summary="Pictures in folders, one for each class, in ImageNet's form; yours to bring.",
            reference="Russakovsky et al. 2015, arXiv:1409.0575",
        ),
    ]


@hookimpl
def csai_callbacks() -> list[Entry]:
    """The callbacks that a run can name."""
    return [
        Entry(
            name="evaluation",
            target="csai_train.callbacks.evaluations:Evaluations",
            summary="Judges the agent ten times a training, and keeps the best.",
        ),
        Entry(
            name="tensorboard",
            target="csai_train.callbacks.tensorboard:TensorBoard",
            summary="Writes TensorBoard events; needs csai-train[tensorboard].",
        ),
        Entry(
            name="video",
            target="csai_train.callbacks.videos:Videos",
            summary="Records a game five times a training, as GIF.",
        ),
        Entry(
            name="video_mp4",
            target="csai_train.callbacks.videos:Mp4Videos",
            summary="The same as MP4; needs csai-train[mp4].",
        ),
    ]


@hookimpl
def csai_commands() -> list[Entry]:
    """The commands around training."""
    return [
        Entry(
            name="train",
            target="csai_train.commands.train:train_command",
            summary="Train an agent in an environment.",
            group="Play, watch and train",
        ),
        Entry(
            name="train_dataset",
            target="csai_train.commands.train_dataset:train_dataset_command",
            summary="Train a network on a dataset.",
            group="Networks on datasets",
        ),
        Entry(
            name="datasets",
            target="csai_train.commands.datasets:datasets_command",
            summary="List the datasets, and which are here.",
            group="Networks on datasets",
        ),
        Entry(
            name="evaluate",
            target="csai_train.commands.evaluate:evaluate_command",
            summary="Measure how well a trained agent plays.",
            group="Judge and compare",
        ),
        Entry(
            name="watch",
            target="csai_train.commands.watch:watch_command",
            summary="Watch a trained agent play.",
            group="Play, watch and train",
        ),
        Entry(
            name="runs",
            target="csai_train.commands.runs:runs_command",
            summary="List what has been trained.",
            group="Judge and compare",
        ),
        Entry(
            name="show_run",
            target="csai_train.commands.show_run:show_run_command",
            summary="Explain a run; csai show does so for its folder.",
            group="Judge and compare",
        ),
        Entry(
            name="plot",
            target="csai_train.commands.plot:plot_command",
            summary="Draw learning curves.",
            group="Judge and compare",
        ),
        Entry(
            name="verify",
            target="csai_train.commands.verify:verify_command",
            summary="Repeat the beginning of a run and compare.",
            group="Judge and compare",
        ),
    ]
