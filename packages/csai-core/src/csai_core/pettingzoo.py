"""PettingZoo's games, in each of which one agent learns and the others act at random.

Importing this registers them, as far as PettingZoo is installed: `pettingzoo.classic.tictactoe_v3` is
`csai_core.pettingzoo:tictactoe-v3`. A game of somebody else's in PettingZoo's form can be viewed in Python:
`OneAgentView(my_game)`.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import re
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec

from csai_core.environments import register_specs
from csai_core.errors import ConfigError
from csai_core.gate.observations import copied

_GAME = re.compile(r"pettingzoo\.\w+\.\w+_v\d+")
_TRIES = 1000
_FILE = re.compile(r"(\w+)_v(\d+)")


class OneAgentView(gymnasium.Env[Any, Any]):
    """A game of several agents as one of them sees it; between its turns the others act at random.

    An episode is over when the agent's part in it is. Where a game says which actions are legal, the info has
    them as "action_mask", and the others keep to them.

    Args:
        game: the module of one of PettingZoo's games, such as "pettingzoo.classic.tictactoe_v3", or a game in
            the form of PettingZoo's AECEnv.
        agent: the name of the agent that is viewed; None takes the first.
        render_mode: as the game has it.
        **settings: of the game.

    Raises:
        ConfigError: if there is no such game or agent.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "render_modes": ["human", "rgb_array"],
        "render_fps": 4,
    }

    def __init__(
        self, game: Any, agent: str | None = None, render_mode: str | None = None, **settings: Any
    ) -> None:
        self.game = _load(game).env(render_mode=render_mode, **settings) if isinstance(game, str) else game
        self.render_mode = render_mode
        agents = list(self.game.possible_agents)
        self.agent = agents[0] if agent is None else agent
        if self.agent not in agents:
            raise ConfigError(f"agent={agent!r} was given; the agents of this game are {', '.join(agents)}.")
        fps = self.game.metadata.get("render_fps", self.metadata["render_fps"])
        self.metadata = {**self.metadata, "render_fps": fps}
        seen = self.game.observation_space(self.agent)
        self.observation_space = seen["observation"] if _has_mask(seen) else seen
        self._actions = {each: copy.deepcopy(self.game.action_space(each)) for each in agents}
        self.action_space = self._actions.pop(self.agent)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start a game in which it becomes the agent's turn, and let the others act until then.

        Raises:
            ConfigError: if that never comes.
        """
        super().reset(seed=seed)
        for space in self._actions.values():
            space.seed(self._draw(2**31))
        for _ in range(_TRIES):
            self.game.reset(seed=self._draw(2**31), options=options)
            self._let_others_act()
            observation, _, terminated, truncated, info = self._look()
            if not (terminated or truncated):
                return observation, info
        raise ConfigError(f"{_TRIES} games were over before it was {self.agent}'s turn; view another agent.")

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Act, and let the others act until it is the agent's turn again, or over for it."""
        self.game.step(action)
        self._let_others_act()
        return self._look()

    def render(self) -> Any:
        """What the game renders."""
        return self.game.render()

    def close(self) -> None:
        """Close the game."""
        self.game.close()

    def _let_others_act(self) -> None:
        """Have everybody else do something that is legal, at random, until the agent is to act."""
        while self.game.agents and self.game.agent_selection != self.agent:
            observation, _, terminated, truncated, info = self.game.last()
            self.game.step(None if terminated or truncated else self._any_action(observation, info))

    def _any_action(self, observation: Any, info: dict[str, Any]) -> Any:
        legal = _mask(observation, info)
        if legal is None:
            return self._actions[self.game.agent_selection].sample()
        allowed = np.flatnonzero(legal)
        return int(allowed[self._draw(len(allowed))])

    def _look(self) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """What the agent sees, what it was paid since its last turn, and whether it is over for it."""
        observation, reward, terminated, truncated, info = self.game.last()
        legal = _mask(observation, info)
        if legal is not None:
            info = {**info, "action_mask": np.array(legal, np.int8)}
        seen = copied(observation["observation"] if _has_mask(observation) else observation)
        if isinstance(self.observation_space, spaces.Discrete):  # of which some games give arrays
            seen = int(np.asarray(seen).item())
        return seen, float(reward), bool(terminated), bool(truncated), dict(info)

    def _draw(self, below: int) -> int:
        return int(self.np_random.integers(below))


def _has_mask(seen: Any) -> bool:
    """Whether an observation, or a space of them, comes with the legal actions, as PettingZoo has it."""
    return isinstance(seen, (dict, spaces.Dict)) and {*seen} == {"observation", "action_mask"}


def _mask(observation: Any, info: dict[str, Any]) -> Any:
    """The legal actions, where a game says them and there are any."""
    mask = observation["action_mask"] if _has_mask(observation) else info.get("action_mask")
    return mask if mask is not None and np.any(mask) else None


def _load(game: str) -> Any:
    """The module of one of PettingZoo's games; no other is imported, as a run may come from a stranger."""
    if not _GAME.fullmatch(game):
        raise ConfigError(
            f"game={game!r} was given; it must be one of PettingZoo's, such as "
            "'pettingzoo.classic.tictactoe_v3', or a game that is made already."
        )
    try:
        return importlib.import_module(game)
    except ImportError as error:
        family = game.split(".")[1]
        raise ConfigError(
            f"{game} cannot be imported: {error}. What works: pip install 'pettingzoo[{family}]'"
        ) from error


def _specifications() -> list[EnvSpec]:
    """One of each game, by the names of their files; none is imported."""
    found = importlib.util.find_spec("pettingzoo")
    folders = [] if found is None else [Path(folder) for folder in found.submodule_search_locations or ()]
    files = sorted(file for folder in folders for file in folder.glob("*/*_v*.py"))
    return [
        EnvSpec(
            f"PettingZoo/{name[1]}-v{name[2]}",
            entry_point="csai_core.pettingzoo:OneAgentView",
            kwargs={"game": f"pettingzoo.{file.parent.name}.{file.stem}"},
            disable_env_checker=True,
        )
        for file in files
        if (name := _FILE.fullmatch(file.stem))
    ]


register_specs(_specifications())
