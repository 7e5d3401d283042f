"""What csai-train offers: algorithms, buffers, datasets, and the commands that train, evaluate and watch."""

from __future__ import annotations

from csai_core import Entry, Kind, hookimpl

_WHOLE_NUMBERS = ("Discrete", "MultiDiscrete", "MultiBinary")
_NUMBERS = (*_WHOLE_NUMBERS, "Box", "IntegerBox")
_NESTED = ("Dict", "Tuple")
_SMALL = {"hidden_sizes": [16], "learning_rate": 1e-2}
"""What makes networks fast to check."""


@hookimpl
def csai_algorithms() -> list[Entry]:
    """The learning algorithms."""
    return [
        Entry(
            name="q_learning",
            target="csai_train.algorithms.q_learning:TabularQLearning",
            config="csai_train.algorithms.q_learning:QLearningConfig",
            summary="A table of values, for small discrete observations.",
            observation_spaces=(*_WHOLE_NUMBERS, *_NESTED),
            action_spaces=("Discrete",),
            checks={"learning_steps": 500},
            reference="Watkins 1989; Sutton and Barto 2018, section 6.5",
        ),
        Entry(
            name="deep_q_learning",
            target="csai_train.algorithms.deep_q_learning:DeepQLearning",
            config="csai_train.algorithms.deep_q_learning:DeepQLearningConfig",
            summary="A network that predicts values, trained from a replay memory (DQN).",
            aliases=("dqn",),
            observation_spaces=(*_NUMBERS, *_NESTED),
            action_spaces=("Discrete",),
            checks={"config": {**_SMALL, "batch_size": 16, "learning_starts": 20, "target_every": 100}},
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
            observation_spaces=(*_NUMBERS, *_NESTED),
            action_spaces=(*_WHOLE_NUMBERS, "Box", "Dict"),
            checks={"config": {**_SMALL, "num_envs": 2, "episodes_per_update": 8}},
            reference="Williams 1992, doi:10.1007/BF00992696; Sutton and Barto 2018, section 13.4",
        ),
        Entry(
            name="a2c",
            target="csai_train.algorithms.a2c:AdvantageActorCritic",
            config="csai_train.algorithms.a2c:A2CConfig",
            summary="Policy gradient a few steps at a time, with values for the rest (A2C).",
            aliases=("advantage_actor_critic",),
            observation_spaces=(*_NUMBERS, *_NESTED),
            action_spaces=(*_WHOLE_NUMBERS, "Box", "Dict"),
            checks={"config": {**_SMALL, "num_envs": 2, "num_steps": 8}},
            reference="Mnih et al. 2016, arXiv:1602.01783",
        ),
        Entry(
            name="ppo",
            target="csai_train.algorithms.ppo:ProximalPolicyOptimization",
            config="csai_train.algorithms.ppo:PPOConfig",
            summary="A policy that improves in small, safe moves (PPO).",
            aliases=("proximal_policy_optimization",),
            observation_spaces=(*_NUMBERS, *_NESTED),
            action_spaces=(*_WHOLE_NUMBERS, "Box", "Dict"),
            checks={"config": {**_SMALL, "num_envs": 2, "num_steps": 16}},
            reference="Schulman et al. 2017, arXiv:1707.06347",
        ),
        Entry(
            name="sac",
            target="csai_train.algorithms.sac:SoftActorCritic",
            config="csai_train.algorithms.sac:SACConfig",
            summary="Actions of numbers from a replay memory, as undecided as can be (SAC).",
            aliases=("soft_actor_critic",),
            observation_spaces=(*_NUMBERS, *_NESTED),
            action_spaces=("Box",),
            checks={"config": {**_SMALL, "batch_size": 16, "learning_starts": 20}, "learning_steps": 1_000},
            reference="Haarnoja et al. 2018, arXiv:1812.05905",
        ),
        Entry(
            name="td3",
            target="csai_train.algorithms.td3:TwinDelayedPolicyGradient",
            config="csai_train.algorithms.td3:TD3Config",
            summary="The best action of numbers, judged by the lower of two critics (TD3).",
            aliases=("twin_delayed_ddpg",),
            observation_spaces=(*_NUMBERS, *_NESTED),
            action_spaces=("Box",),
            checks={"config": {**_SMALL, "batch_size": 16, "learning_starts": 20}, "learning_steps": 1_000},
            reference="Fujimoto et al. 2018, arXiv:1802.09477",
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
def csai_presets() -> list[Entry]:
    """Settings known to work in csai's games and in Gymnasium's."""
    return [
        Entry(
            name="csai_train",
            target="csai_train.presets:FOLDER",
            summary="For csai's games, and for Gymnasium's.",
        )
    ]


@hookimpl
def csai_kinds() -> list[Kind]:
    """What plugins can add to trainings."""
    return [
        Kind(
            name="health_rules",
            hook="csai_health_rules",
            suite="csai_train.testing:HealthRuleSuite",
            summary="What says in plain words what is wrong with a training.",
        )
    ]


@hookimpl
def csai_health_rules() -> list[Entry]:
    """The rules of health; what causes others comes before them."""
    return [
        _rule("numbers:not_finite", "Something was NaN or infinite."),
        _rule("endings:no_ending", "No episode ends."),
        _rule("rewards:reward_never_changes", "Every episode brings the same.", "Schulman 2016"),
        _rule("observations:observation_constant", "Nothing that is observed changes.", "Schulman 2016"),
        _rule("observations:observations_too_large", "Observed numbers are far beyond 1.", "Schulman 2016"),
        _rule("rewards:rewards_too_large", "Returns are far beyond 10.", "Jones 2021"),
        _rule("exploration:exploring_ended_early", "Nothing is tried at random soon.", "Schulman 2016"),
        _rule("exploration:exploring_never_ends", "Most is still tried at random, late.", "Schulman 2016"),
        _rule("exploration:short_sighted", "The discount hides what is paid later.", "Schulman 2016"),
        _rule("exploration:undiscounted", "Nothing is discounted, and nothing ends."),
        _rule("endings:cut_before_its_time", "Truncated stands for terminated.", "Jones 2021"),
        _rule("endings:lock_step", "All environments do the same at once.", "Jones 2021"),
        _rule("updates:weights_frozen", "The weights do not move."),
        _rule("updates:kl_below_zero", "A KL divergence is below zero.", "Schulman 2020"),
        _rule("updates:policy_jumps", "An update moves the policy too far.", "Schulman 2016"),
        _rule("updates:clipped_too_often", "Most of an update is clipped."),
        _rule("updates:network_blind", "The network says the same whatever it sees.", "Sokar et al. 2023"),
        _rule("updates:weights_jump", "The weights never settle."),
        _rule("updates:policy_hardly_moves", "Updates leave the policy as it is.", "Jones 2021"),
        _rule("values:target_never_copied", "The target network stays as it was.", "Mnih et al. 2015"),
        _rule("units:saturated_at_start", "Units begin at the ends of tanh.", "Glorot and Bengio 2010"),
        _rule("units:units_idle", "Almost all units of a layer do nothing.", "Sokar et al. 2023"),
        _rule("values:values_impossible", "Values are higher than rewards allow."),
        _rule("policies:decided_too_soon", "The policy settles before it is good.", "Jones 2021"),
        _rule("policies:policy_swings", "The policy turns to and fro.", "Jones 2021"),
        _rule("policies:dull_habit", "It knows one dull way perfectly.", "Jones 2021"),
        _rule("values:values_too_high", "The start is valued too high.", "van Hasselt et al. 2016"),
        _rule("values:values_explain_nothing", "Values explain no returns.", "Schulman 2016"),
        _rule("rewards:quitting_pays", "Ending soon is what pays.", "Irpan 2018"),
        _rule("endings:one_habit", "Episodes are all alike.", "Jones 2021"),
        _rule("policies:undecided", "The policy stays undecided.", "Rahtz 2018"),
        _rule("progress:no_better_than_random", "It plays as chance does.", "Irpan 2018"),
        _rule("progress:forgetting", "It has played better before."),
        _rule("progress:stuck", "It is no better for half of the training."),
        _rule("pace:slowing_down", "A step takes longer and longer.", "Jones 2021"),
        _rule("progress:unreliable", "It can do it, and often does not.", "Schulman 2016"),
    ]


def _rule(place: str, summary: str, reference: str = "") -> Entry:
    """A rule by its module and function, whose name is its own."""
    return Entry(
        name=place.partition(":")[2],
        target=f"csai_train.health.rules.{place}",
        summary=summary,
        reference=reference,
    )


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
            name="fork",
            target="csai_train.commands.fork:fork_command",
            summary="Train a run again with another setting from a step on.",
            group="Play, watch and train",
        ),
        Entry(
            name="export",
            target="csai_train.commands.export:export_command",
            summary="Write a run into one file, to give away.",
            group="Judge and compare",
        ),
        Entry(
            name="tune",
            target="csai_train.commands.tune:tune_command",
            summary="Search for settings that learn better.",
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
            name="live",
            target="csai_train.commands.live:live_command",
            summary="Watch an agent while it learns.",
            group="Play, watch and train",
        ),
        Entry(
            name="replay",
            target="csai_train.commands.replay:replay_command",
            summary="Film how an agent grew better.",
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
            is_inner=True,
        ),
        Entry(
            name="probe",
            target="csai_train.commands.probe:probe_command",
            summary="Say which part of an algorithm is broken; csai doctor --probes does so.",
            group="Judge and compare",
            is_inner=True,
        ),
        Entry(
            name="doctor_run",
            target="csai_train.commands.doctor_run:doctor_run_command",
            summary="Say why a run does not learn; csai doctor RUN does so.",
            group="Judge and compare",
            is_inner=True,
        ),
        Entry(
            name="plot",
            target="csai_train.commands.plot:plot_command",
            summary="Draw learning curves.",
            group="Judge and compare",
        ),
        Entry(
            name="compare",
            target="csai_train.commands.compare:compare_command",
            summary="Say which kind of training is better, over its seeds.",
            group="Judge and compare",
        ),
        Entry(
            name="league",
            target="csai_train.commands.league:league_command",
            summary="Let many agents play the same games, and rank them.",
            group="Judge and compare",
        ),
        Entry(
            name="verify",
            target="csai_train.commands.verify:verify_command",
            summary="Repeat the beginning of a run and compare.",
            group="Judge and compare",
        ),
    ]
