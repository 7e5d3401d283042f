"""Specifications for games that are made by their class instead of by `gymnasium.make`."""

from __future__ import annotations

import inspect
from typing import cast

from gymnasium.envs.registration import EnvCreator, EnvSpec

from csai_core.shell import Shell


def own_spec(env: Shell, environment_id: str) -> EnvSpec:
    """How to make another environment like this one; Gymnasium's checker and wrappers ask for it.

    Args:
        env: the environment, as its constructor's arguments left it.
        environment_id: what `spec.id` says.
    """
    args, kwargs = env._made_with
    signature = inspect.signature(type(env))
    arguments = dict(signature.bind(*args, **kwargs).arguments)
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            arguments |= arguments.pop(name, {})
    return EnvSpec(
        environment_id,
        entry_point=cast("EnvCreator", type(env)),
        order_enforce=False,
        disable_env_checker=True,
        kwargs=arguments,
    )
