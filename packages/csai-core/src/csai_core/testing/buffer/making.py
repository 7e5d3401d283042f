"""Checks of what a buffer is: made, empty, alone in its process, and giving as much as is asked for."""

from typing import Any

import numpy as np

from csai_core.errors import ConformanceError, CsaiError, said
from csai_core.testing.buffer.drawn import require_fields
from csai_core.testing.buffer.numbered import Story
from csai_core.testing.buffer.probe import (
    AMPLE,
    FEW,
    SMALL,
    BufferProbe,
    is_overwritten,
    overwrite,
    refuse_what_is_not_kept,
)
from csai_core.testing.compare import difference, leaves, plain, snapshot
from csai_core.testing.process.effects import generators_left_alone
from csai_core.testing.suite import fail

_LARGE = 1000
"""A batch that is larger than usual."""
_METHODS = (
    "store_memory",
    "extend",
    "sample",
    "generate_batches",
    "update_priorities",
    "seed",
    "clear_memory",
    "size",
    "state_dict",
    "load_state_dict",
)


class MakingChecks(BufferProbe):
    """What a buffer is."""

    def test_it_can_be_made(self) -> None:
        """It is made from batch size, capacity and seed, has all methods, and takes steps."""
        settings = {"batch_size": self.batch_size, "capacity": AMPLE, "seed": 1}
        try:
            buffer = self.make(**settings)
        except TypeError as error:
            fail(f"It cannot be made as algorithms make it, by {settings}: {error}. Take these arguments.")
        if missing := [name for name in _METHODS if not callable(getattr(buffer, name, None))]:
            fail(
                f"It has no {' and no '.join(f'method {name}' for name in missing)}. Derive it from "
                "csai_train.ReplayBuffer, which has all that algorithms call."
            )
        if buffer.size() != 0:
            fail(f"A new buffer says size() is {buffer.size()}; it must be 0.")
        self._forms()
        buffer = self._made()
        self._extend(buffer, self._story().steps(6))
        if buffer.size() == 0:
            refuse_what_is_not_kept(buffer)
        require_fields(buffer.sample(3), "sample(3)")
        for batch in buffer.generate_batches():
            require_fields(batch, "generate_batches")

    def test_it_tells_positions_where_it_takes_priorities(self) -> None:
        """Where `update_priorities` does something, `sample` tells positions, and weights if draws follow."""
        buffer, story = self._made(), self._story(num_envs=1)
        self._extend(buffer, story.steps(FEW))
        batch = buffer.sample(8)
        position = getattr(batch, "position", None)
        if position is not None and getattr(batch, "weight", None) is not None:
            return
        before = snapshot(buffer.state_dict())
        try:
            buffer.update_priorities(position, np.linspace(-9, 1, 8))
            does_something = bool(difference(before, buffer.state_dict(), "state_dict()"))
        except Exception:
            does_something = True
        if does_something and position is None:
            fail(
                "It has update_priorities, and sample tells no position, so that no algorithm can call it. "
                "Give them in sample: batch._replace(position=…, weight=…)."
            )
        if does_something:
            self._require_errors_to_change_nothing(buffer, story)

    def _require_errors_to_change_nothing(self, buffer: Any, story: Story) -> None:
        """That where no weights are told, errors do not decide what is drawn."""
        number = sorted(story.transitions)[7]
        for _ in range(60):
            drawn = self._drawn(buffer, story, 40)
            buffer.update_priorities(drawn.batch.position, np.where(drawn.numbers == number, 100.0, 0.01))
        counts, _ = self._counted(buffer, story, 60 * FEW)
        if counts[number] > 2 * 60:
            fail(
                f"After update_priorities told an error of 100 for transition {number} and 0.01 for all "
                f"others, it was drawn {counts[number]} times of {60 * FEW}, evenly it would have been 60, "
                "and sample tells no weight that makes up for it. Give the weight (N * P)^-beta of each "
                "transition, divided by the largest."
            )

    def test_nothing_is_drawn_from_nothing(self) -> None:
        """While it is empty, `sample` says so in a CsaiError, and there are no batches."""
        buffer = self._made()
        try:
            batch = buffer.sample(3)
        except CsaiError:
            pass
        except Exception as error:
            fail(
                f"While nothing is stored, sample raised {type(error).__name__}: {error}. Say in a "
                "CsaiError, such as csai_core.errors.ConfigError, that it is empty."
            )
        else:
            fail(f"While nothing is stored, sample(3) gave {len(batch.reward)} rows. Raise a ConfigError.")
        try:
            batches = list(buffer.generate_batches())
        except Exception as error:
            fail(
                f"While nothing is stored, generate_batches raised {said(error)}. Give no batch then, not an "
                "empty one: range(0, size, batch_size) tells where batches begin."
            )
        if batches:
            fail(f"While nothing is stored, generate_batches gave {len(batches)} batches; give none.")

    def test_it_leaves_global_generators_alone(self) -> None:
        """Nothing is seeded or drawn but its own generator."""
        story = self._story()
        with generators_left_alone("Making, filling and drawing from it"):
            buffer = self._made(form=story.form, seed=12345)
            self._extend(buffer, story.steps(9))
            buffer.sample(8)
            buffer.generate_batches()
            buffer.seed(4)

    def test_it_keeps_copies(self) -> None:
        """Arrays that are given or handed out are neither changed nor the buffer's own memory."""
        buffer, story = self._made(), self._story(has_masks=True)
        for step in story.steps(9):
            was = snapshot(step._asdict())
            buffer.extend(step)
            if found := difference(was, snapshot(step._asdict()), "step"):
                fail(
                    f"extend changed what it was given: {found}. Leave the step as it is, and change copies."
                )
            overwrite(step)
        alike, told = self._made(), self._story(has_masks=True)
        self._extend(alike, told.steps(9))
        if any(map(is_overwritten, buffer.generate_batches())) or (
            self._complaint(buffer, story) and not self._complaint(alike, told)
        ):
            fail(
                "A transition changed with the arrays that were given to extend, which were used again "
                "after the call. Store copies, and keep no array of a step that waits for others."
            )
        buffer, story = self._made(capacity=SMALL), self._story(num_envs=1)
        self._extend(buffer, story.steps(FEW))
        self._require_own_batches(buffer, story)
        self._require_own_errors(buffer)

    @staticmethod
    def _require_own_errors(buffer: Any) -> None:
        """That positions and errors are left as they are told, and are kept only in copies."""
        for dtype in (np.float32, np.float64):
            position, error = getattr(buffer.sample(8), "position", None), np.linspace(-9, 1, 8, dtype=dtype)
            told = [each for each in (position, error) if isinstance(each, np.ndarray)]
            before = snapshot(told)
            buffer.update_priorities(position, error)
            if found := difference(before, told, "(position, error)"):
                fail(
                    f"update_priorities changed what it was told: {found}. Others have the same arrays; "
                    "change copies: np.abs(error), not np.abs(error, out=error) or error += …"
                )
            kept = plain(buffer.state_dict())
            for each in told:
                each[:] = each[::-1].copy()
            if found := difference(kept, plain(buffer.state_dict()), "state_dict()"):
                fail(
                    "What it holds changed with the arrays that were told to update_priorities, which were "
                    f"used again after the call: {found}. Keep copies: error.copy()."
                )

    def _complaint(self, buffer: Any, story: Story) -> str:
        """What is wrong with what it holds; empty if nothing is."""
        try:
            self._kept(buffer, story)
        except ConformanceError as error:
            return str(error)
        return ""

    def test_it_draws_as_many_as_asked(self) -> None:
        """`sample(n)` gives n, also more than there are; without n, `batch_size`."""
        buffer, story = self._made(batch_size=5), self._story(num_envs=1)
        self._extend(buffer, story.steps(3))
        for n, wanted in ((1, 1), (3, 3), (_LARGE, _LARGE), (None, 5)):
            call = "sample()" if n is None else f"sample({n})"
            try:
                batch = buffer.sample() if n is None else buffer.sample(n)
            except Exception as error:
                fail(
                    f"With 3 transitions stored, {call} raised {type(error).__name__}: {error}. Algorithms "
                    "may draw a batch before there are as many: draw each from all of them, so that one may "
                    "come twice."
                )
            if len(batch.reward) != wanted:
                said = "" if n is not None else ", and its batch_size is 5"
                fail(f"{call} gave {len(batch.reward)} transitions{said}; give {wanted}.")
        buffer = self._made()
        self._extend(buffer, self._story(num_envs=1).steps(FEW))
        draws = [snapshot(buffer.sample(8).observation) for _ in range(3)]
        if not any(difference(draws[0], draw, "drawn") for draw in draws[1:]):
            fail(
                "Three draws, one after the other, gave the same transitions. Make the generator once, and "
                "go on with it."
            )
        if all(_is_of_one(buffer.sample(FEW).observation) for _ in range(5)):
            fail(
                f"Each of 5 batches of {FEW} holds one transition {FEW} times. Draw as many positions as are "
                "asked for: self.random.integers(self.num_drawable, size=n)."
            )


def _is_of_one(observation: Any) -> bool:
    """Whether all rows of a batch of observations are the same."""
    return all((np.asarray(part) == np.asarray(part)[:1]).all() for _, part in leaves(observation, ""))
