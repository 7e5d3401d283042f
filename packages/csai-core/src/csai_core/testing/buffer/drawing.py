"""Checks of what a buffer draws: by its seed and by its priorities, leaving nobody out."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.errors import CsaiError
from csai_core.testing.buffer.drawn import Drawn
from csai_core.testing.buffer.numbered import Story
from csai_core.testing.buffer.probe import (
    FEW,
    SMALL,
    BufferProbe,
    has_priorities,
    require_even,
    require_largest_is_one,
)
from csai_core.testing.compare import difference
from csai_core.testing.suite import fail, skip

_MANY = 2400
"""More than a thousand, of which some buffers draw the first alone."""
_ENVS = 12
_OFTEN = 30
_ENOUGH = 60
"""So many large batches hold every one of a few transitions."""


class DrawingChecks(BufferProbe):
    """What is drawn."""

    def test_the_seed_decides(self) -> None:
        """The same seed draws the same, another seed something else, and `seed` takes a new one."""
        draws = [self._some_draws(self._made(seed=seed)) for seed in (5, 5, 6)]
        if found := difference(draws[0], draws[1], "draws"):
            fail(
                f"Two buffers with the same seed draw different transitions: {found}. Make the generator "
                "from the seed: np.random.default_rng(seed)."
            )
        if not difference(draws[0], draws[2], "draws"):
            fail("Buffers with the seeds 5 and 6 draw the same. Make the generator from the seed.")
        again = []
        for before in (1, 2):
            buffer = self._made(seed=before)
            buffer.seed(5)
            again.append(self._some_draws(buffer))
        if difference(again[0], again[1], "draws"):
            fail(
                "After seed(5), buffers that were made with other seeds still draw different transitions. "
                "Make a new generator in seed(seed)."
            )

    def test_errors_become_priorities(self) -> None:
        """Where draws are weighed: larger errors are drawn more often, and count less each time."""
        self._require_weighing(goes_round=False)
        self._require_weighing(goes_round=True)

    def _require_weighing(self, *, goes_round: bool) -> None:
        buffer, story, number = self._weighed(goes_round=goes_round)
        once = "Once it has written over its oldest, after" if goes_round else "After"
        counts: Counter[int] = Counter()
        batches = []
        for _ in range(60):
            drawn = self._drawn(buffer, story, 50)
            counts.update(drawn.numbers.tolist())
            weight = np.asarray(drawn.batch.weight)
            if weight.shape != (50,) or not np.isfinite(weight).all() or (weight <= 0).any():
                fail(f"sample gave the weights {weight}; give one for each transition, finite and above 0.")
            _require_one_weight_each(drawn, weight)
            batches.append((drawn, weight))
        share = 3000 / len(story.transitions)
        if counts[number] < 2 * share:
            fail(
                f"{once} update_priorities told an error of -100 for transition {number} and 0.01 for all "
                f"others, it was drawn {counts[number]} times of 3000; evenly it would have been {share:g}. "
                "Give each position, as sample told it, the priority of its error, whatever its sign."
            )
        for drawn, weight in batches:
            _require_less_weight(drawn, weight, number)
        require_largest_is_one(max(float(weight.max()) for _, weight in batches))

    def test_every_error_of_a_batch_counts(self) -> None:
        """Where draws are weighed: errors are told for all places of a batch, and the last word counts."""
        for place in (0, FEW // 2 - 1, FEW // 2, FEW - 1):
            buffer, story, position = self._placed()
            numbers = [*position]
            large = np.where(np.arange(FEW) == place, 100.0, 1.0)
            _tell(buffer, position, large)
            counts, _ = self._counted(buffer, story, 60 * FEW)
            if counts[numbers[place]] < 2 * 60:
                fail(
                    f"update_priorities told {FEW} errors at once, of which number {place + 1} was 100 and "
                    f"the others 1; that one was drawn {counts[numbers[place]]} times of {60 * FEW}, evenly "
                    "it would have been 60. Give each position of the batch the priority of its own error."
                )
        for _ in range(_OFTEN):  # a priority may go a part of the way each time
            _tell(buffer, position, np.where(np.arange(FEW) == place, 0.01, 1.0))
        counts, _ = self._counted(buffer, story, 60 * FEW)
        if counts[numbers[place]] > 60:
            fail(
                f"update_priorities told an error of 100 for transition {numbers[place]}, and then {_OFTEN} "
                f"times 0.01, and 1 for all others; it is still drawn {counts[numbers[place]]} times of "
                f"{60 * FEW}, evenly it would have been 60. The newest error is what counts: let priorities "
                "fall, too."
            )

    def _placed(self) -> tuple[Any, Story, dict[int, Any]]:
        """A buffer with priorities, what is in it, and the position of each transition, in no order."""
        buffer, story = self._made(), self._story(num_envs=1)
        self._extend(buffer, story.steps(FEW))
        if not has_priorities(buffer):
            skip("it draws evenly: its batches have no weight and position")
        position: dict[int, Any] = {}
        for _ in range(_ENOUGH):
            drawn = self._drawn(buffer, story, 40)
            position |= zip(drawn.numbers.tolist(), drawn.batch.position, strict=True)
            if len(position) == FEW:
                order = np.random.default_rng(0).permutation(sorted(position)).tolist()
                return buffer, story, {number: position[number] for number in order}
        skip("not every transition is drawn, as another check says")

    def test_priorities_leave_nobody_out(self) -> None:
        """New transitions are drawn soon, and errors of 0 are drawn still."""
        buffer, story, _ = self._weighed()
        known = {*story.transitions}
        self._extend(buffer, story.steps(4))
        new = story.transitions.keys() - known
        counts, _ = self._counted(buffer, story, 3000)
        if never := sorted(new - counts.keys()):
            fail(
                f"After {len(known)} transitions had got their priorities, the new ones {never} never came "
                "in 3000 draws. Give new transitions the largest priority so far."
            )
        try:
            for _ in range(60):
                batch = buffer.sample(40)
                buffer.update_priorities(batch.position, np.zeros(40))
            counts, _ = self._counted(buffer, story, 3000)
        except CsaiError:
            raise
        except Exception as error:
            fail(
                f"After all priorities were updated by errors of zero, it raised {type(error).__name__}: "
                f"{error}. Add a little to every error, so that no chance is 0 / 0."
            )
        if len(counts) < len(story.transitions) / 2:
            fail(
                f"After all priorities were updated by errors of zero, only {len(counts)} of "
                f"{len(story.transitions)} transitions are drawn. Add a little to every error, so that none "
                "is never drawn again."
            )

    def test_new_transitions_have_priorities_of_their_own(self) -> None:
        """What takes the place of another does not take its priority over."""
        self._weighed()
        buffer, story = self._made(capacity=SMALL), self._story(num_envs=1)
        self._extend(buffer, story.steps(SMALL))
        oldest = set([*story.transitions][:8])
        for _ in range(60):
            drawn = self._drawn(buffer, story, 40)
            small = np.array([number in oldest for number in drawn.numbers.tolist()])
            buffer.update_priorities(drawn.batch.position, np.where(small, 1e-3, 5.0))
        known = {*story.transitions}
        self._extend(buffer, story.steps(4))
        counts, _ = self._counted(buffer, story, 1600)
        new = story.transitions.keys() - known
        if sum(counts[number] for number in new) < 0.3 * 100 * len(new):
            fail(
                "New transitions were written over such with small errors, and are drawn "
                f"{sum(counts[number] for number in new)} times of 1600, evenly it would have been "
                f"{100 * len(new)}. Give new transitions the largest priority so far, not that of the "
                "transition whose place they take."
            )

    def test_every_transition_is_drawn(self) -> None:
        """All that are stored are drawn, and without priorities about equally often."""
        buffer, story = self._made(), self._story(num_envs=1)
        self._extend(buffer, story.steps(FEW))
        counts, batch = self._counted(buffer, story, 150 * FEW)
        newest, oldest = max(story.transitions), min(story.transitions)
        if never := sorted(story.transitions.keys() - counts.keys()):
            which = "the newest" if newest in never else "the oldest" if oldest in never else "some"
            fail(
                f"Of {150 * FEW} draws from {FEW} transitions, {never} never came, {which} among them. Every "
                "one must be drawn."
            )
        self._require_many_drawn()
        if getattr(batch, "weight", None) is not None:
            return
        require_even(counts, sorted(story.transitions), "Of")

    def _require_many_drawn(self) -> None:
        """That hardly any of the newer ones is never drawn of thousands, also once it is full."""
        buffer, story = self._made(capacity=_MANY, batch_size=_MANY), self._story(num_envs=_ENVS)
        for count in (_MANY // _ENVS - 9, 9 + _MANY // _ENVS // 4):
            self._extend(buffer, story.steps(count, ends=False))
            held = self._kept(buffer, story)
            kept = [number for number in story.transitions if number in held]
            drawn = self._drawn(buffer, story, 6 * _MANY)
            newer = kept[len(kept) // 2 :]
            never = sorted({*newer}.difference(drawn.numbers.tolist()))
            if len(never) > len(newer) / 10:
                fail(
                    f"Of {drawn.size} draws from {len(kept)} transitions, {len(never)} of the newer "
                    f"{len(newer)} never came, such as {never[:5]}. Every one must be drawn, however many "
                    "there are, and also once the oldest were written over."
                )


def _tell(buffer: Any, position: dict[int, Any], errors: NDArray[np.float64]) -> None:
    """Tell the errors of all transitions, in the order of their positions here."""
    buffer.update_priorities(np.array([*position.values()]), errors)


def _require_one_weight_each(drawn: Drawn, weight: NDArray[Any]) -> None:
    """That what comes twice in a batch weighs the same."""
    for number in np.unique(drawn.numbers):
        own = weight[drawn.numbers == number]
        if not np.allclose(own, own[0], rtol=1e-3):
            fail(
                f"In one batch of sample, transition {number} came {len(own)} times, with the weights "
                f"{own.min():.3g} and {own.max():.3g}. Give each row the weight of its own position, in the "
                "order of the batch."
            )


def _require_less_weight(drawn: Drawn, weight: NDArray[Any], number: int) -> None:
    """That in a batch, what is drawn by far most often weighs less than the others."""
    is_it = drawn.numbers == number
    if is_it.any() and not is_it.all() and weight[is_it].max() > weight[~is_it].min() * (1 - 1e-3):
        fail(
            f"Transition {number}, whose error was by far the largest, so that it is drawn most often, has "
            f"the weight {weight[is_it].max():.3g} in a batch in which another has "
            f"{weight[~is_it].min():.3g}. The weight makes up for how often each is drawn, so that what "
            "comes often counts less: (N * P)^-beta, with a beta above 0."
        )
