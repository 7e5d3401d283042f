"""The specification of a shell that was made by its class instead of by `gymnasium.make`."""

from __future__ import annotations

import inspect
from typing import Any, cast

from gymnasium.envs.registration import EnvCreator, EnvSpec


def specification_of(shell: Any, environment_id: str) -> EnvSpec:
    """How to make another environment like this one; Gymnasium's checker and wrappers ask for it.

    Args:
        shell: the environment, as its constructor's arguments left it.
        environment_id: what `spec.id` says.
    """
    args, kwargs = shell._made_with
    signature = inspect.signature(type(shell))
    arguments = dict(signature.bind(*args, **kwargs).arguments)
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            arguments |= arguments.pop(name, {})
    return EnvSpec(
        environment_id,
        entry_point=cast("EnvCreator", type(shell)),
        order_enforce=False,
        disable_env_checker=True,
        kwargs=arguments,
    )
