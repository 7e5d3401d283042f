"""Checks of how an algorithm is made: for which spaces, by which options, and what it does to its process."""

from __future__ import annotations

import contextlib
import dataclasses
from tempfile import TemporaryDirectory
from typing import Any

from csai_core import options
from csai_core.errors import CsaiError
from csai_core.testing.algorithm.base import AlgorithmChecks
from csai_core.testing.algorithm.configs import Made, written
from csai_core.testing.algorithm.rooms import HANDS, SIGHTS, Rooms
from csai_core.testing.algorithm.session import Session
from csai_core.testing.algorithm.worlds import CORRIDOR, FORBIDDEN, REPEAT, World
from csai_core.testing.compare import difference
from csai_core.testing.process.effects import generators_left_alone
from csai_core.testing.process.remains import lasting
from csai_core.testing.process.settings import settings_kept
from csai_core.testing.process.watch import watching
from csai_core.testing.suite import fail, skip


class MakingChecks(AlgorithmChecks):
    """Whether it can be made, and what that does besides."""

    def test_it_can_be_made(self) -> None:
        """It can be made for one kind of spaces at least, and refuses others with a `CsaiError`."""
        assert self.known.taken

    def test_config_explains_itself(self) -> None:
        """The config is a dataclass; each field has a default and an explanation."""
        found = self.config_class()
        if not dataclasses.is_dataclass(found):
            fail(f"Its config is {found!r}; name a dataclass in the entry's `config`.")
        described = options.describe(found)  # type: ignore[arg-type]
        if "num_envs" not in [option.name for option in described]:
            fail("Its config has no field num_envs; say there in how many environments it is run.")
        for option in described:
            if option.default is dataclasses.MISSING:
                fail(f"The config's {option.name} has no default; give one that works usually.")
            if not option.explanation:
                fail(f"The config's {option.name} is not explained; write a text below the field.")

    def test_its_ranges_hold_its_defaults(self) -> None:
        """Where a setting is searched for, its default lies, and both ends of it work."""
        found = self.config_class()
        described = options.describe(found)
        ranged = [(each.name, each.default, each.range) for each in described if each.range is not None]
        if not ranged:
            skip("its config says no range in which csai tune may search")
        for name, default, searched in ranged:
            if default is not None and not searched.holds(default):
                fail(
                    f"The config's {name} is searched for in {searched}, and is {default!r} by default, "
                    "which is none of that; widen the range."
                )
            for value in searched.ends:
                try:
                    options.build(found, {name: value})
                except CsaiError as error:
                    fail(f"The config's {name} is searched for in {searched}, but: {error}")

    def test_it_leaves_its_process_alone(self) -> None:
        """Making, acting and learning print nothing, write nothing and change nothing that all share."""
        spaces, changed = self.few[0], list[str]()
        with TemporaryDirectory() as folder, contextlib.chdir(folder):  # where nobody else writes meanwhile
            with settings_kept([]), watching():
                self._live(spaces)  # what is imported on the way is not its doing
            before = lasting()
            with settings_kept(changed), watching() as watched:
                self._live(spaces)
            after = lasting()
        if watched.output:
            fail(
                f"It prints, or writes to the terminal (stdout, stderr): {watched.output.strip()[:200]!r}. "
                "Give measurements back from learn, and tell the rest to logging.getLogger(__name__)."
            )
        if watched.files:
            fail(f"{watched.files[0]}, unasked. What is to be kept belongs into state_dict().")
        if watched.variables:
            fail(
                f"It sets the environment variable {watched.variables[0]} (os.environ) for the whole "
                "process; leave that to whoever starts it."
            )
        for kind in ("thread", "child process"):
            if left := after[kind] - before[kind]:
                fail(
                    f"It leaves a {kind} running when nobody uses it any more: {min(map(str, left))}. Do all "
                    "the work in act and learn, which are called when there is some."
                )
        if changed:
            fail(
                f"It changes {changed[0]}, for the whole process; leave that to the program that it runs in."
            )

    def test_each_learns_for_itself(self) -> None:
        """What one learns changes no other of its class."""
        for spaces in self.few[:1]:
            one, other, found = self.session(spaces), self.session(spaces), ""
            with contextlib.suppress(Exception):  # what fails is for other checks to tell
                before = one.state()
                other.go(self.wait(spaces) + 3)
                found = difference(before, one.state(), "the state")
            if found:
                fail(
                    f"With {one.env}, what one learned changed another that had only been made: {found}. "
                    "They share something: make in __init__ what is learned, and nothing that changes in "
                    "class variables, default arguments or modules."
                )

    def test_it_leaves_global_generators_alone(self) -> None:
        """Making, acting and learning neither seed nor use the generators that everybody shares."""
        for spaces in self.few:
            with generators_left_alone(f"With {Rooms(REPEAT, *spaces)}, it"):
                self._live(spaces)
                self._live_on(spaces)
        for spaces in self.known.taken:
            if len(HANDS[spaces.hand].only_no) > 2:  # so that masks leave several choices
                with generators_left_alone(f"With {Rooms(REPEAT, *spaces)} and action masks, it"):
                    self._live(spaces, FORBIDDEN)

    def test_its_entry_says_what_it_takes(self) -> None:
        """It can be made for the spaces that its entry names, all of them."""
        entry = self.entry()
        if entry is None or not (entry.observation_spaces and entry.action_spaces):
            skip("no entry says what it takes (Entry.observation_spaces and action_spaces)")
        for sight in SIGHTS:
            for hand in HANDS:
                env = Rooms(REPEAT, sight, hand)
                if sight == "an image" or not entry.takes(env.observation_space, env.action_space):
                    continue
                try:
                    self.make(env, total_steps=3 * self.max_steps, seed=0)
                except CsaiError as error:
                    fail(
                        f"Its Entry says that it takes observations of {', '.join(entry.observation_spaces)} "
                        f"and actions of {', '.join(entry.action_spaces)}, but {env} were refused: {error} "
                        "Take these, or name only what is taken in Entry.observation_spaces and "
                        "action_spaces."
                    )

    def test_it_leaves_its_config_alone(self) -> None:
        """The config that it was made with is as it was given."""
        session = self.session(self.few[0])
        if not session.made.values:
            skip("no dataclass was made for it to be set by")
        _compare(session.made, "While it was made")
        with contextlib.suppress(Exception):
            session.go(self.wait(self.few[0]))
        _compare(session.made, "While it learned")

    def test_it_can_be_saved_before_it_has_learned(self) -> None:
        """A new one has a state, as a training may be stopped before anything is learned."""
        for spaces in self.few:
            session = self.session(spaces)
            with session.calling("before anything was learned, state_dict()"):
                session.algorithm.state_dict()
            session.state()

    def _live_on(self, spaces: Any) -> None:
        """Let one live that has a memory which is full soon, if there is such an option."""
        with contextlib.suppress(Exception):
            if full := self.soon_full(spaces):
                with self.configured(full):
                    self._live(spaces)

    def _live(self, spaces: Any, world: World = CORRIDOR) -> None:
        """Make one, and let it act and learn; what goes wrong is other checks' business."""
        with contextlib.suppress(Exception):
            session: Session = self.session(spaces, world)
            session.greedy()
            session.go(max(20, min(self.max_steps, 200) // session.num_envs))
            session.state()


def _compare(made: Made, when: str) -> None:
    """Refuse settings that are no longer what they were when they had been made."""
    now = written(made.config)
    for name, value in made.values.items():
        if now[name] != value:
            fail(
                f"{when}, its config was changed: {name} was {value} and is {now[name]}. The config belongs "
                "to whoever made it, and stands in the run; keep what changes in variables of your own."
            )
