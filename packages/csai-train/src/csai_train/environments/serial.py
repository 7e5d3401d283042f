"""Several environments, stepped one after the other, as one Gymnasium vector environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from csai_core import trees
from csai_train.environments import replay_state
from csai_train.errors import RunError


class SerialVectorEnv(VectorEnv[Any, Any, Any]):
    """Steps environments one after the other and resets each in the step that ends its episode.

    Does what Gymnasium's SyncVectorEnv does in the autoreset mode SAME_STEP, with less work a step, and
    can be saved and restored. An episode's last observation is in `info["final_obs"]`; of infos only action
    masks are handed on, and from an episode's last one, in `info["final_info"]`, also the game's score.

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
        self.envs = [replay_state.recorded(env) for env in envs]
        self.num_envs = len(envs)
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
        return trees.stack(self.single_observation_space, observations), info.arrays

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Step every environment; see the class for what happens at an episode's end."""
        observations: list[Any] = []
        rewards = np.empty(self.num_envs)
        terminated = np.zeros(self.num_envs, dtype=np.bool_)
        truncated = np.zeros(self.num_envs, dtype=np.bool_)
        info = _Infos(self.num_envs)
        for i, (env, action) in enumerate(zip(self.envs, trees.unstack(actions, self.num_envs), strict=True)):
            observation, rewards[i], terminated[i], truncated[i], env_info = env.step(action)
            if terminated[i] or truncated[i]:
                info.note_final(i, observation, env_info)
                observation, env_info = env.reset()
            if "action_mask" in env_info:
                info.note_mask(i, env_info)
            observations.append(observation)
        stacked = trees.stack(self.single_observation_space, observations)
        return stacked, rewards, terminated, truncated, info.arrays

    def render(self) -> tuple[Any, ...]:
        """What each environment renders."""
        return tuple(env.render() for env in self.envs)

    def close_extras(self, **kwargs: Any) -> None:
        """Close every environment."""
        for env in self.envs:
            env.close()

    def state_dict(self) -> list[dict[str, Any]]:
        """What brings every environment back to where it is."""
        return [replay_state.state_of(env) for env in self.envs]

    def load_state_dict(self, states: Sequence[dict[str, Any]]) -> str:
        """Return every environment to where `state_dict` was called.

        Returns:
            Empty, or why that could not be done exactly.
        """
        problems = [replay_state.restore(*pair) for pair in zip(self.envs, states, strict=True)]
        return next(filter(None, problems), "")


class _Infos:
    """Gathers single infos into arrays, by Gymnasium's convention for vector environments."""

    def __init__(self, num_envs: int) -> None:
        self.arrays: dict[str, Any] = {}
        self._num_envs = num_envs

    def note_mask(self, index: int, info: dict[str, Any]) -> None:
        mask = info.get("action_mask")
        if mask is not None:
            self._note(self.arrays, "action_mask", index, mask)

    def note_final(self, index: int, observation: Any, info: dict[str, Any]) -> None:
        self._note(self.arrays, "final_obs", index, observation, dtype=object)
        final = self.arrays.setdefault("final_info", {})
        self.arrays["_final_info"] = self.arrays["_final_obs"]
        if info.get("action_mask") is not None:
            self._note(final, "action_mask", index, info["action_mask"])
        if info.get("score") is not None:
            self._note(final, "score", index, info["score"])

    def _note(self, arrays: dict[str, Any], name: str, index: int, value: Any, dtype: Any = None) -> None:
        """Put one environment's value into the array of that name, and note that it is there."""
        if name not in arrays:
            given = np.asarray(value)
            shape, dtype = ((), object) if dtype is object else (given.shape, given.dtype)
            arrays[name] = np.zeros((self._num_envs, *shape), dtype=dtype)
            arrays[f"_{name}"] = np.zeros(self._num_envs, dtype=np.bool_)
        arrays[name][index] = value
        arrays[f"_{name}"][index] = True
