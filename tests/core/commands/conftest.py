"""A plugin to be listed and shown."""

from __future__ import annotations

import gymnasium
import pytest

SHOWN = '''
from __future__ import annotations
import dataclasses
from csai_core import Entry, hookimpl
from csai_core.schedules import changing
from gymnasium.envs.registration import EnvSpec

@hookimpl
def csai_algorithms():
    return [Entry(name="guess_well", target="csai_shown_hooks:Guesser", config="csai_shown_hooks:GuessConfig",
                  summary="Guesses [at] random.", reference="Pascal 1654")]

@hookimpl
def csai_blocks():
    return [Entry(name="round", target="csai_shown_hooks:Round", summary="Rounds.")]

@hookimpl
def csai_environments():
    return [EnvSpec(id="Shown/Game-v0", entry_point="csai_shown_hooks:Game", max_episode_steps=7,
                    kwargs={"size": 3}),
            EnvSpec(id="Shown/Lost-v0", entry_point="no_such_module:Game")]

@dataclasses.dataclass(frozen=True)
class GuessConfig:
    luck: float = 0.5
    """How lucky. More [is] better."""
    pluck: float = changing(0.5)
    """How daring."""

class Guesser: ...

class Round:
    """Rounds every number.

    Args:
        digits: how many [digits] stay.
    """
    def __init__(self, digits: int = 0) -> None: ...

class Game:
    """A game of its own."""
    def __init__(self, size: int = 2): ...
'''


@pytest.fixture
def shown(site):
    """A plugin with one of each; its ids are taken out of Gymnasium's registry afterwards."""
    site.install("shown", SHOWN)
    yield site
    for environment_id in ("Shown/Game-v0", "Shown/Lost-v0"):
        gymnasium.registry.pop(environment_id, None)
