"""What would be observed if the world were a little different: for values that views paint over a board."""

from __future__ import annotations

from typing import Any

from csai_core.shell import Shell


def observe_with(shell: Shell, **variables: Any) -> Any:
    """The observation that an environment would give if some of its variables were others; nothing changes.

    Args:
        shell: the environment, which observes what it was made to observe.
        **variables: names of its variables, and the values they have meanwhile.
    """
    kept = {name: getattr(shell, name) for name in variables}
    try:
        _set(shell, variables)
        return shell.get_observation()
    finally:
        _set(shell, kept)


def _set(shell: Shell, variables: dict[str, Any]) -> None:
    for name, value in variables.items():
        setattr(shell, name, value)
    shell.update_env_attributes()
