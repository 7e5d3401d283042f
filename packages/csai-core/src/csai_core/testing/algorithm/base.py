"""What the checks of algorithms share: how one is made, and for which spaces."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import gymnasium

from csai_core import options
from csai_core.errors import ConformanceError, CsaiError
from csai_core.plugins import Entry, installed
from csai_core.testing.algorithm.rooms import HANDS, SIGHTS, Rooms
from csai_core.testing.algorithm.session import Session
from csai_core.testing.algorithm.worlds import CORRIDOR, FORBIDDEN, REPEAT, World
from csai_core.testing.process.settings import settings_kept
from csai_core.testing.suite import Suite, fail


class Spaces(NamedTuple):
    """A way to see and a way to choose."""

    sight: str
    hand: str


@dataclass
class Known:
    """What is found out once about an algorithm."""

    taken: list[Spaces] = field(default_factory=list)
    """The ways it takes: every sight and every hand that it can be made for, once at least."""
    waits: dict[Spaces, int | None] = field(default_factory=dict)
    """After how many steps of each environment it measures something for the first time; None if never."""
    answers: dict[tuple[Spaces, int, int], str] = field(default_factory=dict)
    """What it answers wrongly in worlds, by their id, with seeds."""
    updates: dict[tuple[Spaces, int, int], int] = field(default_factory=dict)
    """In how many of the steps before it measured something, for each of these answers."""
    within_episodes: dict[Spaces, bool] = field(default_factory=dict)
    """Whether it learns before an episode has ended."""


STAYS = (
    "What is planned by total_steps stays where it is then, as a training may go on: let a learning rate, a "
    "clip range or a chance go no further than to its end: max(0, 1 - num_steps / total_steps)."
)
"""What to do about plans that go on beyond their end."""
MIXED = (
    "Rows of several environments are mixed: arrays are flattened in different orders, as (steps, num_envs) "
    "and as (num_envs, steps), or a mean or sum is taken over all environments where each has its own, or "
    "one environment's part is looked up for another."
)
"""What is wrong where all is well in a single environment."""
DISCOUNTS = ("gamma", "discount")
"""How configs call the share by which the next step counts."""
_CAPACITIES = (
    *("capacity", "buffer_capacity", "memory_capacity", "replay_capacity"),
    *("buffer_size", "memory_size", "replay_size"),
)
"""How configs call how many steps a memory holds."""
_KNOWN: dict[tuple[type, str], Known] = {}


class AlgorithmChecks(Suite):
    """What a subclass names, and how the algorithm is made and driven."""

    config: ClassVar[dict[str, Any]] = {}
    """Options that differ from the defaults."""
    learning_steps: ClassVar[int] = 0
    """After how many steps it has learned the simplest task there is; 0 leaves such checks out."""
    max_steps: ClassVar[int] = 4000
    """How many steps (of all environments together) the other checks wait for a first update."""

    def config_class(self) -> Any:
        """The dataclass of its options."""
        return installed().find("algorithms", self.entry_name).load_config()

    def entry(self) -> Entry | None:
        """What a plugin says of it; None where no entry was named."""
        return installed().find("algorithms", self.entry_name) if self.entry_name else None

    def make(self, env: gymnasium.Env[Any, Any], *, total_steps: int, seed: int) -> Any:
        """Make an untrained algorithm for an environment."""
        if not self.entry_name:
            return super().make()
        target = installed().find("algorithms", self.entry_name).load()
        config = options.build(self.config_class(), self.config)
        return target(env.observation_space, env.action_space, config, total_steps=total_steps, seed=seed)

    # --- inner workings

    @property
    def known(self) -> Known:
        """What was found out about it, by the first check that asked."""
        key = type(self), self.entry_name
        if key not in _KNOWN:
            if self.entry_name:  # what is imported with it has settings of its own
                installed().find("algorithms", self.entry_name).load()
            with settings_kept([]):
                _KNOWN[key] = Known(_taken(self))
        return _KNOWN[key]

    @property
    def num_envs(self) -> int:
        """In how many environments it is run."""
        return int(options.build(self.config_class(), self.config).num_envs)

    @property
    def few(self) -> list[Spaces]:
        """Up to three ways, one for each manner of choosing: for checks that take long."""
        families = {_FAMILIES[each.hand]: each for each in reversed(self.known.taken)}
        return [each for each in self.known.taken if each in families.values()][:3]

    def wait_alike(self, spaces: Spaces) -> int:
        """How many steps to train it for; as many as with spaces that are chosen in in the same manner."""
        family = _FAMILIES[spaces.hand]
        alike = [each for each in self.few if _FAMILIES[each.hand] == family]
        return self.wait((alike or self.few)[0])

    @contextmanager
    def configured(self, changes: Mapping[str, Any]) -> Iterator[None]:
        """Have all that is made meanwhile made with other options."""
        usual = self.config
        self.config = {**usual, **changes}  # type: ignore[misc]
        try:
            yield
        finally:
            self.config = usual  # type: ignore[misc]

    def soon_full(self, spaces: Spaces) -> dict[str, int]:
        """Options with which a memory of its is full at its first update; none if it has no such option."""
        size = self.wait(spaces) * self.num_envs
        return next(
            ({name: size} for name in _CAPACITIES if self.session_with({name: size}, spaces) is not None), {}
        )

    def several(self, spaces: Spaces, world: World = CORRIDOR, **wishes: Any) -> Session:
        """A new algorithm in at least three environments, if it can be had."""
        session = self.session(spaces, world, **wishes)
        if session.num_envs > 2:
            return session
        return self.session_with({"num_envs": 3}, spaces, world, **wishes) or session

    def takes_masks(self, spaces: Spaces) -> bool:
        """Whether there are masks for such actions, which it takes."""
        if not HANDS[spaces.hand].only_no:
            return False
        session = self.session(spaces, FORBIDDEN)
        try:
            session.greedy()
        except ConformanceError as error:
            if isinstance(error.__cause__, CsaiError):
                return False
            raise
        return True

    def session_with(
        self, changes: Mapping[str, Any], spaces: Spaces, world: World = CORRIDOR, **wishes: Any
    ) -> Session | None:
        """A new algorithm with other options, by name; None if it cannot be had."""
        try:
            with self.configured(changes):
                session = self.session(spaces, world, **wishes)
        except CsaiError:
            return None  # it has no such options, or others do not go with them
        config = session.made.config
        return session if all(getattr(config, each, None) == changes[each] for each in changes) else None

    def session(self, spaces: Spaces, world: World = CORRIDOR, **wishes: Any) -> Session:
        """A new algorithm in a world."""
        return Session(self, spaces, world, **wishes)

    def warmed_up(self, spaces: Spaces, **wishes: Any) -> Session:
        """A new algorithm that has been trained until it has measured something, and a little further."""
        session = self.session(spaces, **wishes)
        session.go(self.wait(spaces) + 3)
        return session

    def wait(self, spaces: Spaces) -> int:
        """How many steps of each environment to train it for, so that it learns something."""
        known = self.known.waits
        if spaces not in known:
            session = self.session(spaces)
            limit = max(1, self.max_steps // session.num_envs)
            known[spaces] = next((i for i in range(1, limit + 1) if session.go(1)[0]), None)
        return max(20, known[spaces] or 40)


_FAMILIES = {
    "a choice of two": "choice",
    "a choice of two from 5": "choice",
    "a choice of five": "choice",
    "numbers": "numbers",
    "numbers with bounds of their own": "numbers",
    "a matrix": "numbers",
    "unbounded numbers": "numbers",
    "switches": "switches",
    "dials": "dials",
    "dials from elsewhere": "dials",
    "a dict": "dict",
}


def _taken(suite: AlgorithmChecks) -> list[Spaces]:
    """Every sight and every hand that an algorithm can be made for, once at least; there must be one."""
    refusals: list[str] = []
    found: list[Spaces] = []
    for hand in HANDS:
        way = _first(suite, [Spaces(sight, hand) for sight in SIGHTS], refusals)
        found += [] if way is None else [way]
    seen = {each.sight for each in found}
    hands = list(dict.fromkeys(each.hand for each in found))
    for sight in SIGHTS:
        if sight not in seen:
            more = _first(suite, [Spaces(sight, hand) for hand in hands], refusals)
            found += [] if more is None else [more]
    if not found:
        fail(f"It refused every environment that was tried, such as these. {' '.join(refusals[:4])}")
    return found


def _first(suite: AlgorithmChecks, ways: list[Spaces], refusals: list[str]) -> Spaces | None:
    """The first way that is taken."""
    return next((each for each in ways if _is_taken(suite, each, refusals)), None)


def _is_taken(suite: AlgorithmChecks, spaces: Spaces, refusals: list[str]) -> bool:
    env = Rooms(REPEAT, *spaces)
    entry = suite.entry()
    if entry is not None and not entry.takes(env.observation_space, env.action_space):
        refusals.append(f"{env}: its entry does not name them.")
        return False
    try:
        suite.make(env, total_steps=3 * suite.max_steps, seed=0)
    except CsaiError as error:
        refusals.append(f"{env}: {error}")
        return False
    except Exception as error:
        if spaces.sight == "an image":  # not every size of image can be told from its space alone
            return False
        place = traceback.extract_tb(error.__traceback__)[-1]
        fail(
            f"With {env}, it could not be made: {type(error).__name__}: {error} (in {place.name}, "
            f"{place.filename}:{place.lineno}). It need not take every space; refuse others with a "
            "csai_core.errors.ConfigError, or another CsaiError, that says what it takes."
        )
    return True
