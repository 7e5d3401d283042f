"""The specification by which a run makes one of its environments again, whatever they were given as."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import VectorEnv, VectorWrapper

from csai_core.gate.environment import name_of
from csai_train.errors import RunError

_OF_VECTORS = frozenset(("num_envs", "vectorization_mode", "vector_kwargs", "autoreset_mode", "wrappers"))
"""What `gymnasium.make_vec` notes among the options of an environment, and no single one takes."""
_LIMIT = "max_episode_steps"


def kept_spec(envs: VectorEnv[Any, Any, Any]) -> EnvSpec:
    """The specification of one of the environments of a training.

    Args:
        envs: the environments.

    Raises:
        RunError: if it cannot be made again, and what works in place of that.
    """
    if isinstance(envs, VectorWrapper):
        raise _refusal(envs, f"{type(envs).__name__} is around all of its environments together")
    if not isinstance(envs.spec, EnvSpec):
        raise _refusal(envs, "it has no id that is registered with Gymnasium")
    spec = envs.spec
    if spec.kwargs.get("wrappers"):
        raise _refusal(envs, "gymnasium.make_vec was given wrappers, which are not written down")
    kwargs = {name: value for name, value in spec.kwargs.items() if name not in _OF_VECTORS}
    limit = spec.max_episode_steps
    if "vectorization_mode" in spec.kwargs:
        limit = kwargs.pop(_LIMIT, limit)
    return replace(spec, kwargs=kwargs, max_episode_steps=limit)


def _refusal(envs: VectorEnv[Any, Any, Any], why: str) -> RunError:
    return RunError(
        f"A run of {name_of(envs)} cannot be kept, as nothing says how to make it again: {why}. Leave out "
        "run_dir, and use what is trained in this program; or give train the id of an environment, whose "
        "copies and wrappers it makes itself (config={'num_envs': 8}, wrappers=[…]). gymnasium.register "
        "gives a class of yours an id."
    )
