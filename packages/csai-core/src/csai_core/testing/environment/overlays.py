"""What an environment says for views that paint over its board: cells, the player's place, what follows."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import gymnasium

from csai_core.arguments import is_integer, is_number
from csai_core.shell import ObsAttribute, Shell
from csai_core.testing.compare import difference
from csai_core.testing.environment.making import Maker, without_display
from csai_core.testing.environment.outcomes import check_in_space
from csai_core.testing.environment.rollout import Moment, play
from csai_core.testing.suite import fail, skip

_NUM_STEPS = 100
_NEAR = 1e-6
"""Chances, and rewards of one outcome, may differ by so much."""


def check_overlay_states(make: Maker, seed: int) -> None:
    """The states that views paint are what it observes, whichever attributes it observes."""
    with make.made_shell() as shell:
        shell.reset(seed=seed)
        if shell.overlay_states() is None:
            skip("a place on its board is not a state (it has no overlay_states)")
        _check_overlay(shell, seed)
        names = [each.name for each in shell._attributes if isinstance(each, ObsAttribute)]
    for name in names:
        with make.made_shell(attributes=name) as shell:
            _check_overlay(shell, seed)


def check_overlay_player(make: Maker, seed: int) -> None:
    """The player is on the canvas while a game goes on, and looking for it changes nothing."""
    with make.made_shell() as shell:
        shell.reset(seed=seed)
        if shell.overlay_player() is None:
            skip("it does not say where its player is (overlay_player)")
    if not make.drawable_modes("rgb_array"):
        skip("it has no canvas on which its player would be")
    with without_display(), make.made_shell(render_mode="rgb_array") as shell:
        for moment in play(shell, _NUM_STEPS, seed):
            if not moment.is_over:
                _check_player(shell, moment)


def check_transition_table(make: Maker, seed: int) -> None:
    """What `P` says of what follows is what follows, and its chances add up to 1."""
    with make.made() as env:
        base = env.unwrapped
        base.reset(seed=seed)
        table: Any = getattr(base, "P", None)
        if not _is_table(table):
            skip("it does not say what follows (it has no table P)")
        _check_table(table)
        number: int | None = None
        for moment in play(base, _NUM_STEPS, seed):
            before, number = number, _number_of(base, moment)
            if moment.action is not None and before is not None:
                _check_outcome(table, before, moment, number)


def _check_overlay(shell: Shell, seed: int) -> None:
    for moment in play(shell, 5, seed):
        if moment.is_over:
            return
        before = copy.deepcopy(shell.get_observation())
        states: Any = shell.overlay_states()
        for cell, observation in states.items():
            check_in_space(observation, shell.observation_space, f"overlay_states()[{cell}]", moment.when)
        if difference(before, shell.get_observation(), "observation"):
            fail("overlay_states changed what is observed; let it put everything back.")
        if all(difference(before, each, "observation") for each in states.values()):
            fail(
                f"None of the {len(states)} observations in overlay_states() is the present one; give "
                "what would be observed in each cell, all else as it is now."
            )


def _check_player(shell: Shell, moment: Moment) -> None:
    before = copy.deepcopy(shell.get_observation())
    place: Any = shell.overlay_player()
    if difference(before, shell.get_observation(), "observation"):
        fail("overlay_player changed what is observed; let it only look.")
    canvas = shell.draw()
    if place is None or canvas is None:
        return
    if not (isinstance(place, tuple) and len(place) == 2 and all(map(is_number, place))):
        fail(f"At {moment.when}, overlay_player gave {place!r}; give (x, y) in cells of the canvas, or None.")
    if not (0 <= place[0] <= canvas.columns and 0 <= place[1] <= canvas.rows):
        fail(
            f"At {moment.when}, overlay_player gave {place!r}, which is outside of its canvas of "
            f"{canvas.columns:g} x {canvas.rows:g} cells. x goes to the right and y down, and the middle of "
            "the upper left cell is (0.5, 0.5)."
        )


def _is_table(found: Any) -> bool:
    """Whether it is what views take for a table, and not something else of that name."""
    is_by_state = isinstance(found, Mapping) and bool(found) and all(map(is_integer, found))
    return is_by_state and all(
        isinstance(actions, Mapping) and all(map(is_integer, actions)) for actions in found.values()
    )


def _check_table(table: Mapping[Any, Mapping[Any, Any]]) -> None:
    for state, actions in table.items():
        for action, outcomes in actions.items():
            where = f"P[{state}][{action}]"
            if not isinstance(outcomes, (list, tuple)):
                fail(f"{where} is {outcomes!r}; P[state][action] is a list of {_OUTCOME}.")
            for outcome in outcomes:
                _check_form(where, outcome, table)
            total = math.fsum(float(outcome[0]) for outcome in outcomes)
            if outcomes and abs(total - 1.0) > _NEAR:
                fail(f"The chances in {where} add up to {total:g}; what may follow adds up to 1.")


_OUTCOME = "(chance, next state, reward, whether the game ends)"


def _check_form(where: str, outcome: Any, table: Mapping[Any, Any]) -> None:
    is_one = isinstance(outcome, (list, tuple)) and len(outcome) == 4
    if not (is_one and is_number(outcome[0]) and is_number(outcome[2])):
        fail(f"{where} holds {outcome!r}; it must be {_OUTCOME}.")
    if not 0.0 <= outcome[0] <= 1.0 + _NEAR:
        fail(f"{where} holds the chance {outcome[0]!r}; it must lie between 0 and 1.")
    if outcome[1] not in table:
        fail(f"{where} leads to state {outcome[1]!r}, which P says nothing of.")


def _number_of(env: gymnasium.Env[Any, Any], moment: Moment) -> int | None:
    """Which state of `P` it is in; None where nobody knows."""
    if not isinstance(env, Shell):
        state: Any = getattr(env, "s", None)
        return int(state) if is_integer(state) else None
    states = env.overlay_states()
    canvas = None if states is None else env.draw()
    if states is None or canvas is None:
        return None
    here = [cell for cell, each in states.items() if not difference(each, moment.observation, "")]
    return here[0][0] * int(canvas.columns) + here[0][1] if len(here) == 1 else None


def _check_outcome(table: Mapping[Any, Any], state: int, moment: Moment, after: int | None) -> None:
    action = moment.action
    outcomes = table.get(state, {}).get(int(action))
    if outcomes is None:
        fail(f"At {moment.when}, it was in state {state}, of which P does not say what action {action} does.")
    for chance, there, reward, ends in outcomes:
        is_there = after is None or there == after
        is_paid = abs(float(reward) - float(moment.reward)) <= _NEAR
        if chance > 0 and is_there and is_paid and bool(ends) == bool(moment.terminated):
            return
    came = "somewhere" if after is None else f"to state {after}"
    fail(
        f"At {moment.when}, it came from state {state} {came} with reward {moment.reward!r}, terminated "
        f"{bool(moment.terminated)}; P[{state}][{action}] says {outcomes!r}. Where P is wrong, so are the "
        "true values that views show."
    )
