"""What csai-distributional offers to csai, as data."""

from __future__ import annotations

from csai_core import Entry, hookimpl

CSAI_PLUGIN_API = 1


@hookimpl
def csai_algorithms() -> list[Entry]:
    """The one algorithm."""
    return [
        Entry(
            name="qr_dqn",
            target="csai_distributional.qr_dqn:QuantileRegressionDQN",
            config="csai_distributional.qr_dqn:QuantileRegressionDQNConfig",
            summary="Learns how returns are spread, and not their mean alone (QR-DQN).",
            aliases=("quantile_regression_dqn",),
            observation_spaces=("Box", "Discrete", "MultiDiscrete", "MultiBinary", "Dict", "Tuple"),
            action_spaces=("Discrete",),
            checks={
                "config": {
                    "hidden_sizes": [8],
                    "num_quantiles": 5,
                    "batch_size": 16,
                    "learning_starts": 20,
                    "target_every": 100,
                }
            },
            reference="Dabney et al. 2018, arXiv:1710.10044",
        )
    ]


@hookimpl
def csai_blocks() -> list[Entry]:
    """The one block."""
    return [
        Entry(
            name="noisy_linear",
            target="csai_distributional.noisy_linear:NoisyLinearBlock",
            summary="A fully connected layer whose weights are noisy while a network learns.",
            reference="Fortunato et al. 2018, arXiv:1706.10295",
        )
    ]
