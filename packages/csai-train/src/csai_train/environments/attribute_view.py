"""Looking at a Shell through attributes of one's choice."""

from __future__ import annotations

from typing import Any

import gymnasium
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from csai_core import AttributeNames
from csai_core.errors import ConfigError


class AttributeView(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Observes other attributes of a Shell than those it was made to show; wrappers in between stay in force.

    Args:
        env: a Shell, one in wrappers, or what `csai_core.from_classic` makes of one.
        attributes: a name for the attribute's bare value, several for a dict of them.

    Raises:
        ConfigError: if there is no Shell in it.
        UnknownNameError: if the Shell has no such attribute.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], attributes: AttributeNames) -> None:
        shell: Any = env.unwrapped
        if not hasattr(shell, "get_attribute"):
            raise ConfigError(f"attributes={attributes!r} was given, but {env} is no Shell and has none.")
        RecordConstructorArgs.__init__(self, attributes=attributes)
        gymnasium.Wrapper.__init__(self, env)
        self.attributes = attributes
        found = shell.get_attribute(attributes)
        if isinstance(attributes, str):
            self.observation_space = found.space
        else:
            self.observation_space = spaces.Dict({name: found[name].space for name in attributes})

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode."""
        _, info = self.env.reset(seed=seed, options=options)
        return self._observe(), info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take one step."""
        _, *rest = self.env.step(action)
        return (self._observe(), *rest)

    def _observe(self) -> Any:
        return self.env.unwrapped.get_observation(self.attributes)  # type: ignore[attr-defined]
