"""Checks of what an algorithm learns, in worlds whose right answer is known."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from gymnasium import spaces as gym_spaces
from numpy.typing import NDArray

from csai_core import options, trees
from csai_core.testing.algorithm.base import DISCOUNTS, MIXED, STAYS, AlgorithmChecks, Spaces
from csai_core.testing.algorithm.rooms import HANDS
from csai_core.testing.algorithm.session import Session
from csai_core.testing.algorithm.worlds import (
    APART,
    COSTLY,
    COSTS,
    CUT,
    ENDED,
    ENDLESS,
    FAR_CUT,
    FAR_UNLUCKY,
    FORBIDDEN,
    FORBIDDEN_APART,
    FREE_TURNS,
    LATER,
    NEAR,
    NEAR_CUT,
    REPEAT,
    SOON_COSTLY,
    SOON_FORBIDDEN,
    STOPPED,
    STOPPED_BESIDE,
    STOPPED_BY_AN_END,
    TURNS,
    UNLUCKY,
    World,
)
from csai_core.testing.suite import fail, skip

_STOPPED = ((STOPPED, STOPPED_BY_AN_END), *STOPPED_BESIDE)
_EASY = (REPEAT, COSTS, *itertools.chain(*_STOPPED))
"""Worlds that are learned in learning_steps, and others in twice as many."""
_SEVERAL = 3
"""Environments where one is not like the others: two of these show what is the same in all but one."""
_TRIES = 40
_MOST = 0.6
"""How much of a Box is tried by whoever explores it."""
_STRIPES = np.array([[0.0, 1.0, -1.0], [-1.0, 1.0, 0.0]])
"""What is paid for numbers in a matrix; those of two orders, by rows and by columns, are opposites."""
_CLEARLY = 0.2
_WORTH_WAITING = 0.75
"""With such a discount, what pays 1 a step later is worth clearly more than 0.5 now."""
_AS_OFTEN = 0.5
"""Whoever lets go of all that waits whenever episodes are cut may make fewer updates, down to none."""
_SHORT_SIGHT = 0.5
"""With such a discount, what pays 1 a step later is worth more than 0.3 now, and two steps later less."""
_SEEDS = (0, 1, 2)
"""A wrong answer counts if every one of them gives it."""


class AnswerChecks(AlgorithmChecks):
    """What it has learned after `learning_steps`."""

    def test_it_learns(self) -> None:
        """After `learning_steps` steps it does what pays, where that pays at once."""
        self._require_learning_steps()
        for spaces in self.few:
            said = [self._answers(spaces, REPEAT, seed) for seed in _SEEDS[:1]]
            said += [self._answers(spaces, REPEAT, seed) for seed in _SEEDS[1:]] if said[0] else []
            if all(said):
                fail(
                    f"After {self.learning_steps} steps of one-step games, {said[0]}; with the seeds "
                    f"{_SEEDS} it has not learned what pays 1 where anything else pays a quarter. Is "
                    "learning_steps too small, the sign of the reward or of a gradient wrong, are rewards "
                    "brought down to their sign, so that what pays more is not told from what pays less, or "
                    "do arrays of the shapes (n, 1) and (n,) meet in the loss, so that every row learns the "
                    "mean of all?"
                )

    def test_every_number_of_an_action_has_its_place(self) -> None:
        """Of a matrix of numbers it learns which should be high and which low."""
        self._require_learning_steps()
        for spaces in (each for each in self.known.taken if each.hand == "a matrix"):
            if self._raises(spaces, _STRIPES, _SEEDS[0]):
                continue
            if not any(self._raises(spaces, _STRIPES, seed) for seed in _SEEDS[1:]) and all(
                self._raises(spaces, np.ones_like(_STRIPES), seed) for seed in _SEEDS
            ):
                fail(
                    f"With {self.session(spaces).env}, after {self.learning_steps} steps that paid for high "
                    f"numbers where this is 1 and for low ones where it is -1, {_STRIPES.tolist()}, it has "
                    "not learned that; where all should be high, it has. Arrange the numbers of an action in "
                    "act as they are read in learn: reshape both in the same order."
                )

    def test_what_costs_is_avoided(self) -> None:
        """What costs less is told from what costs more, where nothing pays."""
        self._require_learning_steps()
        for spaces in self.few[:1]:
            if said := self._wrong_only(spaces, COSTS, REPEAT):
                fail(
                    f"{said} There what is right costs a quarter and anything else costs 1; where they pay 1 "
                    "and a quarter, the right answer was learned. Rewards may be below 0: clip neither them "
                    "nor values or returns to what is above."
                )

    def test_it_looks_ahead(self) -> None:
        """What an action leads to counts, where a setting says how much (`gamma`, `discount`)."""
        self._require_learning_steps()
        discount = self._discount()
        if discount is None:
            skip(f"its config has no gamma and no discount of more than {_WORTH_WAITING}")
        choices = [each for each in self.few if isinstance(HANDS[each.hand].space, gym_spaces.Discrete)]
        for spaces in choices[:1]:  # in a Box, what is best may lie beyond what is worse than both
            if said := self._always_wrong(spaces, LATER):
                fail(
                    f"{said} Yes pays nothing and leads to where anything pays 1, and leaving pays 0.5. Its "
                    f"config has a discount, {discount:g}: what is expected of step.next_observation counts "
                    "as much, not that of step.observation, unless this very step is terminated. Where it "
                    "learns that too, and only later, learning_steps is too small."
                )

    def test_every_environment_is_explored_by_itself(self) -> None:
        """Where it explores, what it does in one environment is decided by what is observed there."""
        self._require_learning_steps()
        for spaces in self.few[:1]:
            session = self.session(spaces, REPEAT, total_steps=self.learning_steps, seed=0, env_seed=100)
            if session.num_envs < 2:
                skip("it is run in one environment")
            session.go(self.learning_steps // session.num_envs)
            if _wrong_answers(session):
                return
            rooms, _ = session.all_rooms()
            seen = trees.take(rooms, np.arange(session.num_envs) % 2)
            tried = [session.act(trees.copy(seen), explore=True).action for _ in range(_TRIES)]
            says = [
                [HANDS[spaces.hand].yes(each) > 0.5 for each in trees.unstack(t, session.num_envs)]
                for t in tried
            ]
            if all(len(set(answers)) == 1 for answers in says):
                fail(
                    f"With {session.env}, it has learned another answer in room 0 than in room 1, and in "
                    f"{_TRIES} calls of act(explore=True) that see the one in some environments and the "
                    "other in the rest, it did the same in all of them. Decide for each row by itself."
                )

    def test_nothing_is_expected_after_the_end(self) -> None:
        """What an action leads to counts for nothing where the game ended (`Step.terminated`)."""
        self._require_learning_steps()
        for spaces in self.few[:1]:
            if said := self._always_wrong(spaces, ENDED):
                fail(
                    f"{said} Ending the game there pays nothing, and leaving pays 0.5: it has learned to "
                    "expect something after the end. Where Step.terminated is true nothing follows: "
                    "bootstrap nothing there, and let no return, trace or sum over an episode reach into the "
                    "next one."
                )

    def test_what_was_cut_short_still_counts(self) -> None:
        """What an action leads to counts where the episode was only cut short (`Step.truncated`)."""
        self._require_learning_steps()
        for spaces in self.few[:1]:
            if not self._bootstraps(spaces):
                continue
            said = self._always_wrong(spaces, UNLUCKY)
            is_far = not said
            if is_far:
                said = self._wrong_only(spaces, FAR_UNLUCKY, FAR_CUT)
            if said and not is_far and self._always_wrong(spaces, CUT):
                fail(
                    f"{said} Yes leads to where anything pays 1, and the episode is only cut short on the "
                    "way (Step.truncated); where it is not, and two steps lead to the reward, the right "
                    "answer was learned. Being cut short is not the end: bootstrap from next_observation "
                    "unless Step.terminated is true, not from step.observation, and from a target that "
                    "follows what is learned."
                )
            if said and self._is_right_alone(spaces, FAR_UNLUCKY if is_far else UNLUCKY):
                fail(
                    f"{said} Yes leads to where anything pays 1, and the episode is cut short on the way "
                    f"(Step.truncated); with num_envs=1 the right answer was learned. {MIXED}"
                )
            if said:
                fail(
                    f"{said} Yes leads to where anything pays 1, the episode is cut short on the way "
                    "(Step.truncated), and the next one costs 0.8 whatever is done; where the next one does "
                    "not, the right answer was learned. Let no return, advantage or queue of steps reach "
                    "over an episode that was cut short into the next episode."
                )
            self._require_the_discount_of_what_was_cut_short(spaces)

    def _require_the_discount_of_what_was_cut_short(self, spaces: Spaces) -> None:
        """That what is expected a step after a cut counts by the discount of one step."""
        for name in DISCOUNTS:
            if self.session_with({name: _SHORT_SIGHT}, spaces) is None:
                continue
            with self.configured({name: _SHORT_SIGHT}):
                said = self._wrong_only(spaces, NEAR_CUT, NEAR)
            if said:
                fail(
                    f"{said} With {name}={_SHORT_SIGHT}, yes leads to where anything pays 1, and leaving "
                    "pays 0.3; where the episode is not cut short on the way (Step.truncated), the right "
                    "answer was learned. What is expected after a cut counts by the steps that were really "
                    f"taken before it: {name}**n, n being fewer than usual there."
                )

    def test_turns_of_others_are_waited_for(self) -> None:
        """What an action leads to counts, also where it is the other player's turn before."""
        self._require_learning_steps()
        for spaces in self.few[:1]:
            if not self.takes_masks(spaces):
                continue
            said = self._always_wrong(spaces, TURNS)
            if said and not self._always_wrong(spaces, FREE_TURNS):
                fail(
                    f"{said} Yes leads to where it is the other player's turn, which has one allowed action "
                    "only, and from there to where anything pays 1, and leaving pays 0.5; where nothing is "
                    "forbidden on the way, the right answer was learned. A step with one allowed action is a "
                    "step: learn from it, and hand on what is expected after it."
                )

    def test_steps_before_a_stop_are_let_go(self) -> None:
        """What comes after `cut_episodes` counts for nothing that was done before."""
        self._require_learning_steps()
        for spaces in self.few[:1]:
            for world, control in _STOPPED:
                said = self._wrong_only(spaces, world, control)
                if not said or not self._learns_as_often(spaces, world, control):
                    continue
                fail(
                    f"{said} After each yes all episodes are cut, as a resume cuts them: cut_episodes() is "
                    "called, and new ones begin, which pay 0.8 by luck. It has learned to expect that of a "
                    "yes. Write cut_episodes(self): let go there of steps that wait for rewards to come, or "
                    "learn from them as they are, and of unfinished episodes, in every environment."
                )

    def test_what_comes_next_is_its_own_and_allowed(self) -> None:
        """Of the next state, only what its mask allows is expected, and only by its own environment."""
        self._require_learning_steps()
        for spaces in self.few[:2]:
            takes_masks = self.takes_masks(spaces)
            if not takes_masks and spaces != self.few[0]:
                continue
            learns_by_steps = self._learns_within_episodes(spaces)  # others may compare environments
            worlds = (FORBIDDEN, COSTLY) if learns_by_steps else (FORBIDDEN_APART, APART)
            if takes_masks and (said := self._wrong_by_masks(spaces, *worlds)):
                fail(
                    f"{said} Yes leads to where each step costs, and what would cost nothing is not allowed; "
                    "leaving costs less: it has learned to expect what is forbidden there. Leave out of the "
                    "next state's values what Step.next_action_mask forbids, by the mask of the very "
                    "observation that the value is of."
                )
            if not learns_by_steps or (takes_masks and not self._answers(spaces, FORBIDDEN, _SEEDS[0])):
                continue
            if said := self._wrong_only(spaces, COSTLY, APART):
                fail(
                    f"{said} Yes leads to where each step costs 0.2, and leaving costs 0.9; the first "
                    "environment meanwhile is where anything pays 1, and where it is not, the right answer "
                    "was learned. Each row of a Step is an environment of its own: queues of steps, "
                    "returns and next observations of one are nothing to the other."
                )

    def _wrong_by_masks(self, spaces: Spaces, world: World, control: World) -> str:
        """What it answers wrongly where something is forbidden many steps ahead, or else two."""
        said = self._wrong_only(spaces, world, control)
        if said or not self._answers(spaces, world, _SEEDS[0]):
            return said
        return self._wrong_only(spaces, SOON_FORBIDDEN, SOON_COSTLY)

    def test_it_unlearns_nothing_beyond_the_end(self) -> None:
        """What it has learned when `total_steps` are over, it knows still when it goes on."""
        self._require_learning_steps()
        spaces, steps, said = self.few[0], self.learning_steps, ""
        for seed in _SEEDS:
            plan = {"seed": seed, "env_seed": 100 + seed}
            session = self.session(spaces, REPEAT, total_steps=steps, **plan)
            session.go(steps // session.num_envs)
            if _wrong_answers(session):
                continue
            session.go(2 * steps // session.num_envs)
            said = _wrong_answers(session)
            if not said:
                return
        control = self.session(spaces, REPEAT, total_steps=6 * steps, seed=0, env_seed=100)
        control.go(3 * steps // control.num_envs)
        if said and not _wrong_answers(control):
            fail(
                f"Made with total_steps={steps}, it has learned what pays after so many steps, and after "
                f"{3 * steps} {said}; made for more steps, it has not. {STAYS}"
            )

    # --- inner workings

    def _raises(self, spaces: Spaces, weights: NDArray[Any], seed: int) -> bool:
        """Whether it learns to choose numbers from -1 to 1 whose weighted sum is clearly above 0."""
        session = self.session(spaces, REPEAT, total_steps=self.learning_steps, seed=seed, env_seed=100)

        def worth(actions: Any) -> NDArray[np.float64]:
            scale = float(np.abs(weights).sum())
            summed: NDArray[np.float64] = (np.asarray(actions, np.float64) * weights).sum(axis=(1, 2))
            return summed / scale

        session.go(
            self.learning_steps // session.num_envs,
            alter=lambda step: step._replace(reward=worth(step.action)),
        )
        return bool(worth(session.greedy()).mean() > _CLEARLY)

    def _discount(self) -> float | None:
        """How much it says that the next step counts, if enough for the worlds here; None if it does not."""
        config = options.build(self.config_class(), self.config)
        told = (getattr(config, name, None) for name in DISCOUNTS)
        return next((each for each in told if isinstance(each, float) and each > _WORTH_WAITING), None)

    def _require_learning_steps(self) -> None:
        if not self.learning_steps:
            skip(
                "it was not said after how many steps it learns: Entry(…, checks={'learning_steps': 4000}), "
                "or learning_steps in a suite of its own"
            )

    def _always_wrong(self, spaces: Spaces, world: World) -> str:
        """What it answers wrongly in a world, with every seed; empty if once it does not."""
        said = ""
        for seed in _SEEDS:
            said = self._answers(spaces, world, seed)
            if not said:
                return ""
        return f"After {self._steps_in(world)} steps, {said}."

    def _wrong_only(self, spaces: Spaces, world: World, control: World) -> str:
        """What it answers wrongly in a world with every seed, and never in another; empty if it does not."""
        said = ""
        for seed in _SEEDS:
            said = self._answers(spaces, world, seed)
            if not said or self._answers(spaces, control, seed):
                return ""
        return f"After {self._steps_in(world)} steps, {said}."

    def _is_right_alone(self, spaces: Spaces, world: World) -> bool:
        """Whether it learns the right answer in a single environment, if it can be had."""
        if self.session_with({"num_envs": 1}, spaces) is None:
            return False
        with self.configured({"num_envs": 1}):
            return not all(self._new_answers(spaces, world, seed) for seed in _SEEDS)

    def _learns_as_often(self, spaces: Spaces, world: World, control: World) -> bool:
        """Whether it made about as many updates in a world as in another; else its answers are no lessons."""
        here, there = (
            sum(self.known.updates[spaces, id(each), seed] for seed in _SEEDS) for each in (world, control)
        )
        return here >= _AS_OFTEN * there

    def _steps_in(self, world: World) -> int:
        return self.learning_steps * (1 if world in _EASY else 2)

    def _bootstraps(self, spaces: Spaces) -> bool:
        """Whether it looks ahead, and learns before an episode has ended."""
        return self._learns_within_episodes(spaces) and not self._always_wrong(spaces, LATER)

    def _learns_within_episodes(self, spaces: Spaces) -> bool:
        """Whether it learns something where no episode ever ends."""
        known = self.known.within_episodes
        if spaces not in known:
            session = self.session(spaces, ENDLESS)
            limit = max(1, self.max_steps // session.num_envs)
            known[spaces] = any(session.go(1)[0] for _ in range(limit))
        return known[spaces]

    def _answers(self, spaces: Spaces, world: World, seed: int) -> str:
        """What is wrong with what a trained one thinks best; empty if nothing is."""
        known, key = self.known.answers, (spaces, id(world), seed)
        if key not in known:
            known[key] = self._new_answers(spaces, world, seed)
        return known[key]

    def _new_answers(self, spaces: Spaces, world: World, seed: int) -> str:
        steps = self._steps_in(world)
        plan = {"seed": seed, "total_steps": steps, "env_seed": 100 + seed}
        session = self.session(spaces, world, **plan)
        if (world.first_starts or world.last_starts) and session.num_envs < _SEVERAL:
            session = self.session_with({"num_envs": _SEVERAL}, spaces, world, **plan) or session
        measured = session.go(steps // session.num_envs)
        self.known.updates[spaces, id(world), seed] = sum(map(bool, measured))
        wrong = _wrong_answers(session)
        return wrong and wrong + _never_tried(session)


def _wrong_answers(session: Session) -> str:
    actions = trees.unstack(session.greedy(), len(session.env.world.outcomes))
    says_yes = HANDS[session.env.hand].yes
    answers = {room: says_yes(action) > 0.5 for room, action in enumerate(actions)}
    wrong = [room for room, answer in session.env.world.answers.items() if answers[room] != answer]
    if not wrong:
        return ""
    words = {True: "yes", False: "no"}
    return (
        f"with {session.env}, it answers {words[answers[wrong[0]]]} in room {wrong[0]} "
        f"(action {actions[wrong[0]]}), where {words[not answers[wrong[0]]]} is right"
    )


def _never_tried(session: Session) -> str:
    """Which part of a Box it has not tried, as words to add; empty if it has tried most of it."""
    space = session.env.action_space
    if not isinstance(space, gym_spaces.Box) or not space.is_bounded():
        return ""
    tried = np.concatenate([np.asarray(each).reshape(-1, *space.shape) for each in session.actions])
    low, high = tried.min(axis=0), tried.max(axis=0)
    if (high - low >= _MOST * (space.high - space.low)).all():
        return ""
    return (
        f" (all that it tried lies between {low.min():g} and {high.max():g}, and the bounds of {space} are "
        "farther apart: scale what it draws to the bounds of the space, low + (x + 1) / 2 * (high - low))"
    )
