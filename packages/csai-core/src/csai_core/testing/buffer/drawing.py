"""Checks of what a buffer draws: by its seed and by its priorities, leaving nobody out."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.errors import CsaiError
from csai_core.testing.buffer.drawn import Drawn
from csai_core.testing.buffer.probe import (
    FEW,
    SMALL,
    BufferProbe,
)
from csai_core.testing.compare import difference
from csai_core.testing.suite import fail


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
        weights: dict[int, float] = {}
        counts: Counter[int] = Counter()
        for _ in range(60):
            drawn = Drawn(buffer.sample(50), story, "sample")
            counts.update(drawn.numbers.tolist())
            weight = np.asarray(drawn.batch.weight)
            if weight.shape != (50,) or not np.isfinite(weight).all() or (weight <= 0).any():
                fail(f"sample gave the weights {weight}; give one for each transition, finite and above 0.")
            _require_one_weight_each(drawn, weight)
            weights.update(zip(drawn.numbers.tolist(), weight.tolist(), strict=True))
        share = 3000 / len(story.transitions)
        if counts[number] < 2 * share:
            fail(
                f"{once} update_priorities told an error of -100 for transition {number} and 0.01 for all "
                f"others, it was drawn {counts[number]} times of 3000; evenly it would have been {share:g}. "
                "Give each position, as sample told it, the priority of its error, whatever its sign."
            )
        others = [weight for each, weight in weights.items() if each != number]
        if others and weights[number] > min(others) * (1 + 1e-3):
            fail(
                f"Transition {number}, which is drawn {counts[number] / share:.1f} times as often as evenly, "
                f"has the weight {weights[number]:.3g}, and one that is drawn seldom {min(others):.3g}. The "
                "weight makes up for how often it is drawn: (N * P)^-beta."
            )

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
            drawn = Drawn(buffer.sample(40), story, "sample(40)")
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
        share = 150
        newest, oldest = max(story.transitions), min(story.transitions)
        if never := sorted(story.transitions.keys() - counts.keys()):
            which = "the newest" if newest in never else "the oldest" if oldest in never else "some"
            fail(
                f"Of {150 * FEW} draws from {FEW} transitions, {never} never came, {which} among them. Every "
                "one must be drawn."
            )
        if getattr(batch, "weight", None) is not None:
            return
        numbers = sorted(story.transitions)
        often = max(numbers[: FEW // 2], key=counts.__getitem__)  # what is new may be preferred
        seldom = min(numbers[FEW // 2 :], key=counts.__getitem__)
        if counts[often] > 6 * share or counts[seldom] < share / 4:
            fail(
                f"Of {150 * FEW} draws from {FEW} transitions, {often} came {counts[often]} times and "
                f"{seldom} {counts[seldom]} times; the even share is {share}. Draw evenly, or tell in "
                "`weight` how much each shall count."
            )


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
