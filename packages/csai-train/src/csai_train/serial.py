"""Several environments, stepped one after the other, as one Gymnasium vector environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from csai_train import batches
from csai_train.errors import RunError


class SerialVectorEnv(VectorEnv[Any, Any, Any]):
    """Steps environments one after the other and resets each in the step that ends its episode.

    Does what Gymnasium's SyncVectorEnv does in the autoreset mode SAME_STEP, with less work a step, and
    can be saved and restored. An episode's last observation and info are in `info["final_obs"]` and
    `info["final_info"]`; of other infos only action masks are handed on.

    Args:
        envs: the environments, all with the same spaces.

    Raises:
        RunError: if there is none, or their spaces differ.
    """

    metadata: dict[str, Any] = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012

    def __init__(self, envs: Sequence[gymnasium.Env[Any, Any]]) -> None:
        if not envs:
            raise RunError("There must be at least one environment.")
        first = envs[0]
        for env in envs:
            spaces = (env.observation_space, env.action_space)
            if spaces != (first.observation_space, first.action_space):
                raise RunError(
                    f"All environments must have the same spaces, but one has {spaces}, the first "
                    f"{(first.observation_space, first.action_space)}."
                )
        self.envs = list(envs)
        self.num_envs = len(self.envs)
        self.spec = first.spec
        self.metadata = {**first.metadata, **self.metadata}
        self.render_mode = first.render_mode
        self.single_observation_space = first.observation_space
        self.single_action_space = first.action_space
        self.observation_space = batch_space(first.observation_space, self.num_envs)
        self.action_space = batch_space(first.action_space, self.num_envs)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode in every environment; an int seeds environment i with seed + i."""
        if seed is None or isinstance(seed, int):
            seeds = [None if seed is None else seed + i for i in range(self.num_envs)]
        else:
            seeds = seed
        observations, info = [], _Infos(self.num_envs)
        for i, (env, each) in enumerate(zip(self.envs, seeds, strict=True)):
            observation, env_info = env.reset(seed=each, options=options)
            observations.append(observation)
            info.note_mask(i, env_info)
        return batches.stack(self.single_observation_space, observations), info.arrays

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Step every environment; see the class for what happens at an episode's end."""
        observations: list[Any] = []
        rewards, terminated, truncated = [], [], []
        info = _Infos(self.num_envs)
        for i, (env, action) in enumerate(
            zip(self.envs, batches.unstack(actions, self.num_envs), strict=True)
        ):
            observation, reward, is_terminated, is_truncated, env_info = env.step(action)
            if is_terminated or is_truncated:
                info.note_final(i, observation, env_info)
                observation, env_info = env.reset()
            info.note_mask(i, env_info)
            observations.append(observation)
            rewards.append(reward)
            terminated.append(is_terminated)
            truncated.append(is_truncated)
        return (
            batches.stack(self.single_observation_space, observations),
            np.array(rewards, dtype=np.float64),
            np.array(terminated, dtype=np.bool_),
            np.array(truncated, dtype=np.bool_),
            info.arrays,
        )

    def render(self) -> tuple[Any, ...]:
        """What each environment renders."""
        return tuple(env.render() for env in self.envs)

    def close_extras(self, **kwargs: Any) -> None:
        """Close every environment."""
        for env in self.envs:
            env.close()

    @property
    def has_state(self) -> bool:
        """Whether every environment can be saved: it has a `state_dict`, as every Shell does."""
        return all(hasattr(env.unwrapped, "state_dict") for env in self.envs)

    def state_dict(self) -> list[dict[str, Any]]:
        """The state of every environment; ask `has_state` first."""
        return [_state_of(env) for env in self.envs]

    def load_state_dict(self, states: Sequence[dict[str, Any]]) -> None:
        """Return every environment to the state that `state_dict` gave."""
        for env, state in zip(self.envs, states, strict=True):
            _restore(env, state)


class _Infos:
    """Gathers single infos into arrays, by Gymnasium's convention for vector environments."""

    def __init__(self, num_envs: int) -> None:
        self.arrays: dict[str, Any] = {}
        self._num_envs = num_envs

    def note_mask(self, index: int, info: dict[str, Any]) -> None:
        mask = info.get("action_mask")
        if mask is not None:
            if "action_mask" not in self.arrays:
                self.arrays["action_mask"] = np.ones((self._num_envs, *np.shape(mask)), dtype=np.int8)
            self.arrays["action_mask"][index] = mask

    def note_final(self, index: int, observation: Any, info: dict[str, Any]) -> None:
        if "final_obs" not in self.arrays:
            self.arrays["final_obs"] = np.full(self._num_envs, None, dtype=object)
            self.arrays["final_info"] = np.full(self._num_envs, None, dtype=object)
            self.arrays["_final_obs"] = np.zeros(self._num_envs, dtype=np.bool_)
            self.arrays["_final_info"] = self.arrays["_final_obs"]
        self.arrays["final_obs"][index] = observation
        self.arrays["final_info"][index] = info
        self.arrays["_final_obs"][index] = True


_WRAPPER_STATE = ("_elapsed_steps", "_has_reset")
"""What Gymnasium's own wrappers (TimeLimit, OrderEnforcing) remember."""


def _layers(env: gymnasium.Env[Any, Any]) -> list[gymnasium.Env[Any, Any]]:
    """The wrappers of an environment from the outside in, without the environment itself."""
    layers: list[gymnasium.Env[Any, Any]] = []
    while isinstance(env, gymnasium.Wrapper):
        layers.append(env)
        env = env.env
    return layers


def _state_of(env: gymnasium.Env[Any, Any]) -> dict[str, Any]:
    remembered = [
        {name: vars(layer)[name] for name in _WRAPPER_STATE if name in vars(layer)} for layer in _layers(env)
    ]
    return {"environment": env.unwrapped.state_dict(), "wrappers": remembered}  # type: ignore[attr-defined]


def _restore(env: gymnasium.Env[Any, Any], state: dict[str, Any]) -> None:
    env.unwrapped.load_state_dict(state["environment"])  # type: ignore[attr-defined]
    for layer, remembered in zip(_layers(env), state["wrappers"], strict=True):
        vars(layer).update(remembered)
