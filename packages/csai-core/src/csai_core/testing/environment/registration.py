"""What the registration of an environment says: that it can be made from it."""

from __future__ import annotations

import gymnasium

from csai_core.testing.environment.making import Maker
from csai_core.testing.suite import fail, skip


def check_specification(make: Maker) -> None:
    """It survives JSON, so that a run's configuration can name the environment, and gives it again."""
    if not make.environment_id:
        skip("it was made by hand, without an id")
    if make.is_wrapped:
        skip("it is wrapped, and what is typed is kept as it was typed")
    with make.made() as env:
        try:
            text = env.spec.to_json() if env.spec else ""
        except Exception as error:
            fail(
                f"Its specification cannot be written as JSON: {error}. Register it with an entry point "
                "of the form 'package.module:Class' and with settings that are plain values."
            )
        gymnasium.envs.registration.EnvSpec.from_json(text).make(disable_env_checker=True).close()
