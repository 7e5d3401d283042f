"""Trainings that end after so many episodes, around parts that somebody else has made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gymnasium.vector import VectorEnv

from csai_core.algorithm import Algorithm
from csai_core.errors import ConfigError
from csai_core.schedules import schedules_of
from csai_neural import Network
from csai_train.buffers.replay import ReplayBuffer
from csai_train.callbacks.registry import names_of
from csai_train.environments.serial import SerialVectorEnv
from csai_train.errors import RunError
from csai_train.events import Callback
from csai_train.functions.agent_adapter import AgentAdapter
from csai_train.functions.reports import Pace
from csai_train.functions.shared import RunPath, device_of
from csai_train.runs.run import Run
from csai_train.threads import check_threads, limited_threads
from csai_train.training.loop import Training
from csai_train.training.train import carry_out


def most_steps(envs: VectorEnv[Any, Any, Any], num_episodes: int, max_steps_per_episode: int) -> int:
    """How many steps so many episodes may take, with others that stay unfinished beside the last."""
    return (num_episodes + envs.num_envs - 1) * max_steps_per_episode


def train_by_episodes(
    algorithm: Algorithm,
    envs: VectorEnv[Any, Any, Any],
    *,
    name: str,
    config: Any,
    network: Network,
    buffer: ReplayBuffer,
    total_steps: int,
    num_episodes: int,
    seed: int,
    fps: float,
    threads: int,
    run_dir: RunPath,
    cannot_keep: Mapping[str, bool],
    callbacks: Sequence[Callback | str],
) -> None:
    """Train until so many episodes were played.

    Args:
        algorithm: what learns.
        envs: where.
        name: the registered name of the algorithm.
        config: of the algorithm.
        network: what learns in it.
        buffer: what remembers in it; in a run it draws by the seed.
        total_steps: how many steps that may take.
        num_episodes: how many episodes.
        seed: decides how the environments start.
        fps: steps a second while a window shows the game; 0 waits for nothing.
        threads: how many threads numpy and torch may multiply with.
        run_dir: where to keep a run; None keeps none.
        cannot_keep: what no run can keep, and whether it was given.
        callbacks: who is notified of what happens.

    Raises:
        ConfigError: if something was given that a run cannot keep, or cannot work.
        RunError: if the environments cannot be made again, or the run cannot be written.
        CallbackError: if a callback failed.
    """
    check_threads(threads)
    _require_constant(name, config)
    training = Training(algorithm, envs, total_steps=total_steps, total_episodes=num_episodes, seed=seed)
    training.require_update(name)
    callback_names = names_of(callbacks, run_dir)
    run = None
    if run_dir is not None:
        buffer.seed(seed)
        is_adapted = isinstance(algorithm, AgentAdapter)
        _require_kept({**cannot_keep, "an agent that names other actions, or learns itself": is_adapted})
        run = Run.create(
            run_dir,
            algorithm=name,
            environment=_spec(envs),
            config=config,
            total_steps=total_steps,
            total_episodes=num_episodes,
            seed=seed,
            callbacks=callback_names,
            network=network,
            device=device_of(network),
            computing=algorithm.describe(),
        )
    if fps and envs.render_mode == "human":
        callbacks = [*callbacks, Pace(fps)]
    with limited_threads(threads):
        carry_out(training, run, callbacks)


def _require_constant(name: str, config: Any) -> None:
    """Refuse schedules: how many steps the episodes will take is not known before."""
    for setting, schedule in schedules_of(config).items():
        raise ConfigError(
            f"{name} was given {setting}='{schedule}', but how many steps its episodes will take, by which a "
            f"schedule goes, is not known; give a number, or call train({name!r}, …, total_steps=N)."
        )


def _require_kept(cannot_keep: Mapping[str, bool]) -> None:
    for what, is_given in cannot_keep.items():
        if is_given:
            raise ConfigError(
                f"run_dir was given along with {what}, which a run cannot keep, so that nobody could resume "
                "it. Leave out one of them."
            )


def _spec(envs: VectorEnv[Any, Any, Any]) -> Any:
    """What makes the environments again: the specification of each of them."""
    if not isinstance(envs, SerialVectorEnv):
        raise RunError(
            "run_dir was given along with a vector environment; give a list of environments instead."
        )
    if envs.spec is None or any(env.spec != envs.spec for env in envs.envs):
        raise RunError("A run can be kept only of environments that gymnasium.make has made, all alike.")
    return envs.spec
