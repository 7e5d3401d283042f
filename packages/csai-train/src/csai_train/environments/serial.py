"""Several environments, stepped one after the other, as one Gymnasium vector environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from csai_core import replay_state, trees
from csai_core.errors import EnvironmentFailedError
from csai_core.gate import EnvironmentGate, Improper, ObservationGate, score_of, spaces_of
from csai_core.gate.observations import copied
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
        SpaceError: if one has no spaces.
    """

    metadata: dict[str, Any] = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012

    def __init__(self, envs: Sequence[gymnasium.Env[Any, Any]]) -> None:
        if not envs:
            raise RunError("There must be at least one environment.")
        first, (observation_space, action_space) = envs[0], spaces_of(envs[0])
        for env in envs:
            spaces = spaces_of(env)
            if spaces != (observation_space, action_space):
                raise RunError(
                    f"All environments must have the same spaces, but one has {spaces}, the first "
                    f"{(observation_space, action_space)}."
                )
        self.envs = [replay_state.recorded(env) for env in envs]
        self.num_envs = len(envs)
        self.spec = first.spec
        self.metadata = {**first.metadata, **self.metadata}
        self.render_mode = first.render_mode
        self.single_observation_space = observation_space
        self.single_action_space = action_space
        self.observation_space = batch_space(observation_space, self.num_envs)
        self.action_space = batch_space(action_space, self.num_envs)
        self._are_numbers = isinstance(action_space, Discrete)
        self.observations = ObservationGate(observation_space)
        self._gates = [EnvironmentGate(env, i, self.observations) for i, env in enumerate(self.envs)]

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode in every environment; an int seeds environment i with seed + i.

        Raises:
            EnvironmentFailedError: if one raises, or gives what cannot be used.
        """
        if seed is None or isinstance(seed, int):
            seeds = [None if seed is None else seed + i for i in range(self.num_envs)]
        else:
            seeds = seed
        observations, info = [], _Infos(self.num_envs)
        for i, (gate, each) in enumerate(zip(self._gates, seeds, strict=True)):
            observation, env_info = gate.reset(seed=each, options=options)
            observations.append(observation)
            info.note_mask(i, gate.mask(env_info))
        return self._stacked(observations), info.arrays

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Step every environment; see the class for what happens at an episode's end.

        Raises:
            EnvironmentFailedError: if one raises, or gives what cannot be used.
        """
        if not self._are_numbers:
            actions = copied(actions)  # as environments may change what they are given
        own = trees.unstack(actions, self.num_envs)
        results = [gate.step(action) for gate, action in zip(self._gates, own, strict=True)]
        observations, rewards, terminated, truncated, infos = map(list, zip(*results, strict=True))
        info = _Infos(self.num_envs)
        if True in terminated or True in truncated:
            for i, gate in enumerate(self._gates):
                if terminated[i] or truncated[i]:
                    final_mask = gate.mask(infos[i], is_over=True)
                    info.note_final(i, gate.own(observations[i]), final_mask, score_of(infos[i]))
                    observations[i], infos[i] = gate.reset()
        if any(infos):
            for i, gate in enumerate(self._gates):
                info.note_mask(i, gate.mask(infos[i]))
        ends = np.array(terminated), np.array(truncated)
        return self._stacked(observations), np.array(rewards, np.float64), *ends, info.arrays

    def last_ones(self, info: dict[str, Any], ended: NDArray[np.intp]) -> Any:
        """A batch of the observations with which some episodes ended, from the info of that step."""
        return self.observations.stack([info["final_obs"][i] for i in ended], ended.tolist())

    def last_infos(self, info: dict[str, Any]) -> dict[str, Any]:
        """What was told with the observations with which episodes ended."""
        return info["final_info"]  # type: ignore[no-any-return]

    def failed(self, what: str, index: int | None = None) -> EnvironmentFailedError:
        """The error that says what is wrong with one of them, and where in which episode."""
        return self._gates[index or 0].failed(what)

    def _stacked(self, observations: list[Any]) -> Any:
        """What the environments show now, as a batch."""
        try:
            return self.observations.stack(observations)
        except Improper as found:
            raise self.failed(str(found), found.index) from None

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

    def note_mask(self, index: int, mask: Any) -> None:
        if mask is not None:
            self._note(self.arrays, "action_mask", index, mask)

    def note_final(self, index: int, observation: Any, mask: Any, score: Any) -> None:
        if "final_obs" not in self.arrays:
            ended = np.zeros(self._num_envs, dtype=np.bool_)
            final = np.full(self._num_envs, None, dtype=object)
            self.arrays |= {"final_obs": final, "_final_obs": ended, "final_info": {}, "_final_info": ended}
        self.arrays["final_obs"][index], self.arrays["_final_obs"][index] = observation, True
        for name, value in (("action_mask", mask), ("score", score)):
            if value is not None:
                self._note(self.arrays["final_info"], name, index, value)

    def _note(self, arrays: dict[str, Any], name: str, index: int, value: Any) -> None:
        """Put one environment's value into the array of that name, and note that it is there."""
        if name not in arrays:
            given = np.asarray(value)
            arrays[name] = np.zeros((self._num_envs, *given.shape), dtype=given.dtype)
            arrays[f"_{name}"] = np.zeros(self._num_envs, dtype=np.bool_)
        arrays[name][index] = value
        arrays[f"_{name}"][index] = True
