"""Buffers under test: making them, filling them with numbered transitions, and looking at what is in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import numpy as np

from csai_core import tree_codec
from csai_core.algorithm import Step
from csai_core.errors import CodecError, ContractError, CsaiError
from csai_core.plugins import installed
from csai_core.testing.buffer import numbered
from csai_core.testing.buffer.drawn import Drawn
from csai_core.testing.buffer.numbered import APART, FORMS, Form, Story
from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.suite import Suite, fail, skip

AMPLE = 500
"""A capacity that no check fills."""
SMALL = 17
"""A capacity that checks fill: no power of two, and no multiple of the number of environments."""
FEW = 20
MANY = 100
"""More than are held where a few are."""


class BufferProbe(Suite):
    """Makes the buffers that are checked, and looks into them."""

    batch_size: ClassVar[int] = 4

    def make(self, **settings: Any) -> Any:
        """Make an empty buffer.

        Args:
            settings: `batch_size`, `capacity` and `seed`, as an algorithm gives them.
        """
        if not self.entry_name:
            return super().make()
        return installed().find("buffers", self.entry_name).load()(**settings)

    # --- inner workings: buffers, and what happens in them

    def _made(self, *, form: Form | None = None, **settings: Any) -> Any:
        buffer = self.make(**{"batch_size": self.batch_size, "capacity": AMPLE, "seed": 1, **settings})
        note_what_is_not_kept(buffer)
        if (form or self._form()).goal is not None and hasattr(buffer, "set_envs"):
            buffer.set_envs(numbered.goal_envs(1))
        return buffer

    def _story(self, *, form: Form | None = None, **settings: Any) -> Story:
        return Story(form or self._form(), **{"start": 1, **settings})  # as zeros are what nobody has written

    def _form(self) -> Form:
        """The first form that it takes.

        Raises:
            ConformanceError: if it takes none.
        """
        reasons = []
        for form in FORMS:
            if not (error := self._refusal(form)):
                return form
            reasons.append(f"{form.name}: {type(error).__name__}: {error}")
        fail(f"It takes steps of no form. {'; '.join(reasons)}")

    def _forms(self) -> list[Form]:
        """All forms that it takes."""
        taken = []
        for form in FORMS:
            error = self._refusal(form)
            if error is None:
                taken.append(form)
            elif not isinstance(error, CsaiError):
                fail(
                    f"A step with {form.name} raised {type(error).__name__}: {error}. Store it, or say in a "
                    "CsaiError, such as csai_core.errors.ConfigError, what it takes."
                )
        return taken

    def _refusal(self, form: Form) -> Exception | None:
        buffer = self._made(form=form)
        try:
            self._extend(buffer, Story(form, num_envs=1).steps(2))
        except ContractError:
            raise
        except Exception as error:
            return error
        return None

    @staticmethod
    def _extend(buffer: Any, steps: Iterable[Step]) -> None:
        for step in steps:
            buffer.extend(step)

    def _joins(self) -> bool:
        """Whether it joins steps by itself."""
        buffer, story = self._made(), self._story(num_envs=1)
        self._extend(buffer, story.steps(9))
        return any(
            np.any(np.asarray(batch.num_steps) > 1)
            for batch in buffer.generate_batches()
            if hasattr(batch, "num_steps")
        )

    def _waits(self) -> bool:
        """Whether it keeps steps back until others have come."""
        buffer = self._made()
        self._extend(buffer, self._story().steps(2, ends=False))
        return bool(buffer.size() < 6)

    def _capacity_of(self, buffer: Any, asked: int) -> int:
        """How much it keeps, which may be less than it was offered where it has a limit of its own."""
        own = int(getattr(buffer, "capacity", asked))
        if own > asked:
            fail(f"It was made with capacity={asked}, and its capacity is {own}. Keep to what it is given.")
        if own < asked and (less := getattr(self._made(capacity=own), "capacity", own)) < own:
            fail(
                f"It was made with capacity={asked}, and its capacity is {own}; made with {own}, it is "
                f"{less}. So it holds fewer than it is asked to, however few these are. Hold as many as it "
                "is given, or up to a limit of its own: min(capacity, limit)."
            )
        return own

    # --- what is in them

    def _kept(self, buffer: Any, story: Story, method: str = "generate_batches", **told: Any) -> set[int]:
        """Which transitions it holds, each of which is whole, and as many as it says."""
        batches = buffer.generate_batches()
        numbers = [int(n) for batch in batches for n in Drawn(batch, story, method, **told).numbers]
        for call, count in (("size()", buffer.size), ("len()", getattr(buffer, "__len__", buffer.size))):
            if count() != len(numbers):
                fail(f"{method} hands out {len(numbers)} transitions, and {call} is {count()}. {_COUNT}")
        return set(numbers)

    def _require_all(self, buffer: Any, story: Story, after: str = "", **told: Any) -> None:
        """That everything is kept, and drawn whole."""
        wanted = min(len(story.transitions), self._capacity_of(buffer, AMPLE))
        kept = self._kept(buffer, story, f"generate_batches{after}", **told)
        if len(kept) < wanted:
            missing = story.transitions.keys() - kept
            envs = {each.env for each in story.transitions.values()}
            if lost := sorted(envs - {number // APART for number in kept}):
                fail(
                    f"Steps of {story.num_envs} environments were stored, and nothing of environment "
                    f"{lost[0]} was. Each row of a step is another environment's; store them all."
                )
            refuse_what_is_not_kept(buffer)
            fail(
                f"{len(story.transitions)} transitions were stored, and of these {sorted(missing)[:9]} are "
                "not handed out. Keep every row that is a step."
            )
        self._drawn(buffer, story, 40, after, **told)

    def _filled(self, num_envs: int, count: int, seed: int) -> tuple[Any, Story]:
        """A buffer that has forgotten most of a story."""
        buffer = self._made(capacity=SMALL, seed=seed)
        capacity = self._capacity_of(buffer, SMALL)
        story = self._story(num_envs=num_envs, has_resets=num_envs > 1, has_masks=num_envs > 1)
        for step in story.steps(count):
            buffer.extend(step)
            if buffer.size() > capacity:
                fail(
                    f"With a capacity of {capacity}, size() is {buffer.size()}. Forget the oldest transition "
                    "for each new one once it is full."
                )
        return buffer, story

    def _require_all_drawn(self, num_envs: int, count: int) -> None:
        """That all are drawn that it holds, once it is full."""
        buffer, story = self._filled(num_envs, count, seed=1)
        kept = self._kept(buffer, story)
        counts, batch = self._counted(buffer, story, 1600)
        if never := sorted(kept - counts.keys()):
            fail(
                f"Once it is full, {never} of {len(kept)} transitions never come in 1600 draws. Draw from "
                "all of them: from the whole memory, wherever the next transition goes."
            )
        if getattr(batch, "weight", None) is None:
            require_even(counts, [number for number in story.transitions if number in kept], _ONCE_FULL)

    def _require_newest(self, num_envs: int, count: int) -> None:
        """That it holds the newest, whose number is its capacity."""
        buffer, story = self._filled(num_envs, count, seed=1)
        kept, capacity = self._kept(buffer, story), self._capacity_of(buffer, SMALL)
        newest = set([*story.transitions][-capacity:])
        if kept == newest or (num_envs > 1 and self._waits()):
            return
        if capacity - num_envs < len(kept) and kept == set([*story.transitions][-len(kept) :]):
            return  # it keeps whole steps
        if len(kept) > capacity:
            fail(f"With a capacity of {capacity}, generate_batches hands out {len(kept)} transitions.")
        if kept != self._kept(*self._filled(num_envs, count, seed=2)):
            return  # its seed decides which are forgotten
        refuse_what_is_not_kept(buffer)
        lost = sorted(newest - kept)
        wraps = (
            ""
            if num_envs == 1
            else (" A step whose rows reach the end of the memory must go on at its beginning.")
        )
        fail(
            f"With a capacity of {capacity}, {len(story.transitions)} transitions of {num_envs} "
            f"environment{'s' * (num_envs > 1)} "
            f"were stored; it holds {len(kept)}, and of the newest {capacity} it lost {lost[:9]}. Each new "
            f"one must take the place of the oldest once it is full.{wraps}"
        )

    # --- what is drawn from them

    @staticmethod
    def _drawn(buffer: Any, story: Story, n: int, after: str = "", **told: Any) -> Drawn:
        """A batch of `sample(n)`, which holds so many."""
        drawn = Drawn(buffer.sample(n), story, f"sample({n}){after}", **told)
        if drawn.size != n:
            fail(
                f"With {buffer.size()} transitions stored, sample({n}){after} gave {drawn.size}; give {n}. "
                f"{_AS_MANY}"
            )
        return drawn

    def _counted(self, buffer: Any, story: Story, draws: int) -> tuple[Counter[int], Any]:
        """How often each transition is drawn, and the last batch."""
        counts: Counter[int] = Counter()
        batch = None
        for _ in range(draws // 50):
            drawn = self._drawn(buffer, story, 50)
            counts.update(drawn.numbers.tolist())
            batch = drawn.batch
        return counts, batch

    def _some_draws(self, buffer: Any) -> list[list[int]]:
        story = self._story(num_envs=1)
        self._extend(buffer, story.steps(FEW))
        batches = [*(buffer.sample(n) for n in (8, 8, 8, MANY)), *buffer.generate_batches()]
        return [Drawn(batch, story, "a draw").numbers.tolist() for batch in batches]

    def _order(self, buffer: Any, story: Story) -> list[int]:
        """In which order it hands everything out."""
        batches = buffer.generate_batches()
        return [int(n) for batch in batches for n in Drawn(batch, story, "generate_batches").numbers]

    def _weighed(self, *, goes_round: bool = False) -> tuple[Any, Story, int]:
        """A buffer with priorities, what is in it, and the transition with by far the largest error.

        Args:
            goes_round: whether it has written over its oldest transitions before.
        """
        buffer, story = self._made(capacity=30 if goes_round else AMPLE), self._story(num_envs=1)
        if goes_round:
            self._extend(buffer, story.steps(13))
            story.transitions.clear()
        self._extend(buffer, story.steps(30))
        if not has_priorities(buffer):
            skip("it draws evenly: its batches have no weight and position")
        counts, batch = self._counted(buffer, story, 3000)
        require_largest_is_one(float(np.max(batch.weight)))
        if never := sorted(story.transitions.keys() - counts.keys()):
            fail(
                f"{never} never came in 3000 draws from {len(story.transitions)} new transitions. Give new "
                "transitions the largest priority so far, so that each is drawn soon."
            )
        number = sorted(story.transitions)[7]
        for _ in range(60):
            drawn = self._drawn(buffer, story, 40)
            error = np.where(drawn.numbers == number, -100.0, 0.01)
            buffer.update_priorities(drawn.batch.position, error)
        return buffer, story, number

    def _require_own_batches(self, buffer: Any, story: Story) -> None:
        """That batches stay as they are, whatever becomes of the buffer, and the other way round."""
        for n in (6, 1):
            lent = buffer.sample(n)
            was = parts_of(lent)
            for _ in range(9):
                again = buffer.sample(n)
            if found := difference(was, parts_of(lent), "the batch"):
                fail(f"A batch changed when the next one was drawn: {found}. Hand out copies.")
        for batch in (lent, again, buffer.sample(6)):
            overwrite(batch)
        for batch in buffer.generate_batches():
            if is_overwritten(batch):
                fail("Writing into a batch changed what the buffer holds. Hand out copies.")
        lent = buffer.sample(6)
        was = parts_of(lent)
        self._extend(buffer, story.steps(2 * SMALL))
        if found := difference(was, parts_of(lent), "the batch"):
            fail(f"A batch changed when more was stored: {found}. Hand out copies.")


_COUNT = "Count what is stored, and no calls or rows besides."
_AS_MANY = "Draw each from all that are stored, so that one may come twice, and as many as are asked for."
_ONCE_FULL = "Once it is full, of"
_NOTED = "_csai_not_kept"
PARTS = ("observation", "action", "reward", "next_observation")
_FLAGS = ("terminated", "truncated", "next_action_mask")
_MARK = 77
"""What is written over arrays; no part of a transition that is stored then is made of it alone."""


def note_what_is_not_kept(buffer: Any) -> None:
    """Have a buffer with a method `place` note of how many transitions that says that they are not kept."""
    kind = type(buffer)
    if not callable(getattr(kind, "place", None)):
        return
    noted = Counter[str]()

    def place(self: Any, rows: Any, env: Any) -> Any:
        position = kind.place(self, rows, env)
        noted["all"] += len(env)
        noted["not kept"] += int((np.asarray(position) < 0).sum())
        return position

    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
    with suppress(TypeError):  # its instances cannot be of another class
        buffer.__class__ = type(kind.__name__, (kind,), {**names, "place": place, _NOTED: noted})


def refuse_what_is_not_kept(buffer: Any) -> None:
    """Refuse a method `place` that gave a number below 0, by which it says that a transition is not kept."""
    noted = getattr(buffer, _NOTED, None)
    if noted and noted["not kept"]:
        fail(
            f"place gave -1 for {noted['not kept']} of {noted['all']} transitions, which says that they are "
            "not kept, and so they are missing. Positions go from 0 to capacity - 1, and each new transition "
            "goes somewhere: once it is full, in the place of the oldest, or of one that is drawn by chance."
        )


def require_even(counts: Counter[int], numbers: Sequence[int], when: str) -> None:
    """Refuse what draws some of the older ones much too often, or some of the newer ones hardly ever.

    Args:
        counts: how often each was drawn.
        numbers: which there are, the oldest first.
        when: they were drawn, as the message begins.
    """
    share = counts.total() / len(numbers)
    often = max(numbers[: len(numbers) // 2], key=counts.__getitem__)  # what is new may be preferred
    seldom = min(numbers[len(numbers) // 2 :], key=counts.__getitem__)
    if counts[often] > 6 * share or counts[seldom] < share / 4:
        fail(
            f"{when} {counts.total()} draws from {len(numbers)} transitions, {often}, an older one, came "
            f"{counts[often]} times and {seldom}, a newer one, {counts[seldom]} times; the even share is "
            f"{share:.0f}. Draw evenly, or tell in `weight` how much each shall count."
        )


def require_largest_is_one(largest: float) -> None:
    """Refuse weights that are not divided by the largest, of a batch or of all that are stored."""
    if not 0.1 < largest < 1.001:
        fail(
            f"The largest weight is {largest:.3g}, so that a learner's steps grow or shrink with the "
            "weights. Divide them by the largest, of the batch or of all, so that they only make steps "
            "smaller: weight / weight.max()."
        )


def has_priorities(buffer: Any) -> bool:
    """Whether what it draws is weighed by errors that it is told."""
    batch = buffer.sample(8)
    return all(getattr(batch, name, None) is not None for name in ("weight", "position"))


def parts_of(batch: Any) -> dict[str, Any]:
    """Copies of the fields of a batch that are arrays, whatever else it has."""
    return {name: snapshot(getattr(batch, name)) for name in PARTS}


def overwrite(batch: Any) -> None:
    """Write over the arrays of a step or batch, as somebody does who uses them for something else."""
    for _, array in leaves({name: getattr(batch, name) for name in PARTS}, ""):
        if isinstance(array, np.ndarray) and array.flags.writeable:
            array[...] = _MARK
    for name in _FLAGS:
        array = getattr(batch, name, None)
        if isinstance(array, np.ndarray) and array.flags.writeable:
            array[...] = array == 0


def is_overwritten(batch: Any) -> bool:
    """Whether what `overwrite` has written shows in a batch."""
    parts = leaves({name: getattr(batch, name) for name in PARTS}, "")
    return any((np.asarray(array) == _MARK).reshape(len(array), -1).all(axis=1).any() for _, array in parts)


def encoded(state: Any) -> tuple[str, dict[str, Any]]:
    """A state as checkpoints hold it."""
    try:
        tree, arrays = tree_codec.encode(state)
    except CodecError as error:
        fail(f"Its state_dict cannot be kept in a checkpoint: {error}")
    return json.dumps(tree), {name: array.copy() for name, array in arrays.items()}
