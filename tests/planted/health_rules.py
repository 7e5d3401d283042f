"""Rules of health."""

from __future__ import annotations

import itertools
import random
import statistics
import time
from pathlib import Path

import numpy as np

from csai_train.health import Symptom
from csai_train.testing import HealthRuleSuite
from planted.specimens import planted, sound


def _suite(rule):
    """The method `make` of a suite that makes such a rule."""
    return lambda self: rule


def _said(seen="Episodes last 2,000 steps.", level="warning"):
    return Symptom(seen, "Nothing happens to who does nothing.", "--env step_penalty=0.01", level)


def _is_long(checkup):
    now = checkup.recent()
    return now is not None and checkup.share_done > 0.1 and now.mean_length > 5 * 200


def _takes_last(checkup):
    return _said() if checkup.marks[-1].steps > 10**9 else None


@planted("IndexError")
class AsksBeforeTheFirstCheck(HealthRuleSuite):
    """It takes the last of the checks, of which there are none at first."""

    make = _suite(_takes_last)


def _needs_kl(checkup):
    return _said() if any(check.metrics["kl"] > 5e6 for check in checkup.marks) else None


@planted("KeyError.*kl")
class NeedsKl(HealthRuleSuite):
    """It asks for what only PPO measures."""

    make = _suite(_needs_kl)


def _compares_nothing(checkup):
    return _said() if checkup.vital("indecision") < -1 else None


@planted("TypeError")
class ComparesNothing(HealthRuleSuite):
    """It compares what is not known with a number."""

    make = _suite(_compares_nothing)


def _needs_goal(checkup):
    now = checkup.recent()
    return _said() if now is not None and now.mean_return / checkup.subject.goal < -1e9 else None


@planted("TypeError")
class NeedsAGoal(HealthRuleSuite):
    """It divides by the goal, which not every environment has."""

    make = _suite(_needs_goal)


def _mean_of_none(checkup):
    return _said() if checkup.marks and statistics.mean(checkup.series("kl")) > 1e9 else None


@planted("StatisticsError")
class MeanOfNothing(HealthRuleSuite):
    """It takes the mean of a series that may be empty."""

    make = _suite(_mean_of_none)


def _prints(checkup):
    print("looking at", checkup.steps)


@planted("print")
class Prints(HealthRuleSuite):
    """It prints at every check."""

    make = _suite(_prints)


def _naps(checkup):
    time.sleep(0.05)


@planted("sleep")
class Naps(HealthRuleSuite):
    """It sleeps, to be gentle."""

    make = _suite(_naps)


def _compares_all(checkup):
    pairs = itertools.product(checkup.marks, repeat=3)
    return _said() if sum(one.steps < two.steps < three.steps for one, two, three in pairs) < 0 else None


@planted("lines of Python")
class ComparesAllChecks(HealthRuleSuite):
    """It compares every three checks with one another, at every check."""

    make = _suite(_compares_all)


def _normalizes(checkup):
    for check in checkup.marks:
        for name, value in check.metrics.items():
            check.metrics[name] = value / 2


@planted("changed the checkup")
class NormalizesInPlace(HealthRuleSuite):
    """It halves the measurements that others are asked about too."""

    make = _suite(_normalizes)


def _pops(checkup):
    while len(checkup.marks) > 5:
        checkup.marks.pop(0)


@planted("changed the checkup")
class ForgetsChecks(HealthRuleSuite):
    """It takes the oldest checks away, to have the newest."""

    make = _suite(_pops)


def _says_nothing_of_it(checkup):
    return Symptom("", "It is long.", "a limit") if checkup.steps > 1000 else None


@planted("seen is ''")
class EmptyWords(HealthRuleSuite):
    """It does not say what it has seen."""

    make = _suite(_says_nothing_of_it)


def _fatal(checkup):
    return _said(level="fatal") if checkup.steps > 1000 else None


@planted("level 'fatal'")
class NoSuchLevel(HealthRuleSuite):
    """Its level is none."""

    make = _suite(_fatal)


def _true(checkup):
    return checkup.steps > 1000


@planted("gave a bool")
class SaysYesOrNo(HealthRuleSuite):
    """It gives True and False."""

    make = _suite(_true)


def _text(checkup):
    return "episodes are long" if checkup.steps > 1000 else None


@planted("gave a str")
class GivesAText(HealthRuleSuite):
    """It gives its words alone."""

    make = _suite(_text)


def _yields(checkup):
    if checkup.steps > 1000:
        yield _said()


@planted("gave a generator")
class Yields(HealthRuleSuite):
    """It yields its symptoms."""

    make = _suite(_yields)


def _at_once(checkup):
    return None if _is_long(checkup) else _said("No episode is long yet.")


@planted("Before the first mark")
class SpeaksAtOnce(HealthRuleSuite):
    """It complains before anything has happened."""

    make = _suite(_at_once)


def _always(checkup):
    return _said("The return is below 1.") if (now := checkup.recent()) and now.mean_return < 1 else None


@planted("healthy training")
class ComplainsOfHealth(HealthRuleSuite):
    """It asks for more than a healthy training reaches."""

    make = _suite(_always)


class _CountsItself:
    """Counts in a row by itself, as the judge does."""

    def __init__(self):
        self.count = 0

    def __call__(self, checkup):
        self.count = self.count + 1 if checkup.steps > 1000 else 0
        return _said(level="note") if self.count % 3 == 2 else None


@planted("one thing, then another")
class CountsItself(HealthRuleSuite):
    """It counts how often it has been asked."""

    make = _suite(_CountsItself())


def _now_and_then(checkup):
    return _said(level="note") if checkup.steps > 1000 and random.random() < 0.5 else None


@planted("one thing, then another|generator")
class NowAndThen(HealthRuleSuite):
    """It speaks at random, so as not to be a nuisance."""

    make = _suite(_now_and_then)


def _seeds(checkup):
    np.random.seed(0)  # noqa: NPY002


@planted("generator")
class SeedsNumpy(HealthRuleSuite):
    """It seeds numpy's generator."""

    make = _suite(_seeds)


def _table(checkup):
    rows = [f"{check.steps}: {check.metrics}" for check in checkup.marks]
    return _said("\n".join(rows), "note") if len(rows) > 10 else None


@planted("one line")
class WholeTable(HealthRuleSuite):
    """It shows all numbers, one line each."""

    make = _suite(_table)


def _of_nothing(checkup):
    length = checkup.recent().mean_length if checkup.recent() else float("nan")
    return _said(f"Episodes last {length:.0f} steps.", "note") if checkup.steps > 1000 else None


@planted("nan")
class TellsOfNan(HealthRuleSuite):
    """It tells how long episodes last where none has ended."""

    make = _suite(_of_nothing)


class _Factory:
    """Takes its threshold when it is made."""

    def __init__(self, threshold):
        self.threshold = threshold

    def __call__(self, checkup):
        return None


@planted("argument|threshold|gave a _Factory")
class IsAClass(HealthRuleSuite):
    """The class is offered, in place of what it makes."""

    make = _suite(_Factory)


def _two(subject, marks):
    return None


@planted("argument")
class TakesTwo(HealthRuleSuite):
    """It takes subject and checks apart."""

    make = _suite(_two)


@sound
class LongEpisodes(HealthRuleSuite):
    """Says with numbers that episodes are long, once there are some."""

    make = _suite(lambda checkup: _said() if _is_long(checkup) else None)


def _slowly_rises(checkup):
    kl = checkup.series("kl", last=10)
    if len(kl) < 10 or not all(before < after for before, after in itertools.pairwise(kl)):
        return None
    return _said(f"The KL divergence has risen ten times in a row, to {kl[-1]:.3g}.", "note")


@sound
class RisingKl(HealthRuleSuite):
    """Looks at a series, where there is one, and gives a note."""

    make = _suite(_slowly_rises)


def _whole_story(checkup):
    total = sum(check.episodes.get("count", 0) for check in checkup.marks)
    if checkup.is_warm and checkup.steps > 1000 and checkup.marks[-1].metrics and not total:
        return _said(f"In {checkup.steps:,} steps no episode has ended.", "note")
    return None


@sound
class GoesThroughAllChecks(HealthRuleSuite):
    """Goes through all checks once."""

    make = _suite(_whole_story)


def _has_grown(checkup):
    first, now = checkup.first(), checkup.recent()
    return first is not None and now is not None and now.mean_length > 3 * first.mean_length


@planted("gave a str")
class GivesATextOfGrowth(HealthRuleSuite):
    """Where episodes last three times as long as at first, it gives a text."""

    make = _suite(lambda checkup: "Episodes grow." if _has_grown(checkup) else None)


@planted("level 'error'")
class NoSuchLevelOfGrowth(HealthRuleSuite):
    """Where episodes last three times as long as at first, it gives a level that there is not."""

    make = _suite(lambda checkup: _said(level="error") if _has_grown(checkup) else None)


_TOLD = []


def _tells_once(checkup):
    if not _has_grown(checkup) or _TOLD:
        return None
    _TOLD.append(checkup.steps)
    return _said()


@planted("one thing, then another")
class TellsOnce(HealthRuleSuite):
    """It remembers in its module that it has told, and tells nobody else."""

    def make(self):
        return _tells_once


@planted("without a number")
class SaysNoNumber(HealthRuleSuite):
    """It does not say how long episodes are."""

    make = _suite(lambda checkup: _said("Episodes are long.", "note") if _has_grown(checkup) else None)


@planted("--learnig-rate, which is no option of csai train.*--learning-rate")
class MistypesTheOption(HealthRuleSuite):
    """The option to try first is mistyped."""

    make = _suite(
        lambda checkup: (
            Symptom("Episodes last 3 times as long.", "It sleeps.", "--learnig-rate 0.1", "note")
            if _has_grown(checkup)
            else None
        )
    )


@planted("it always fires")
class AlwaysFires(HealthRuleSuite):
    """It says something of every training, healthy or not."""

    make = _suite(lambda checkup: _said(f"{checkup.steps} steps were taken."))


@sound
class GrownEpisodes(HealthRuleSuite):
    """Notes with numbers that episodes last three times as long as at first, and gives advice in words."""

    make = _suite(
        lambda checkup: (
            Symptom(
                f"Episodes last {checkup.recent().mean_length:.0f} steps; the first lasted "
                f"{checkup.first().mean_length:.0f}.",
                "Nothing happens to who does nothing.",
                "a price on each step, as --env step_penalty=0.01 sets it where there is such an option",
                "note",
            )
            if _has_grown(checkup)
            else None
        )
    )


def _writes(checkup):
    Path("health.txt").write_text(str(checkup.steps))
    return None


@planted("writes health.txt")
class WritesAFile(HealthRuleSuite):
    """It writes what it saw where the program happens to be."""

    make = _suite(_writes)


def _counts_on_episodes(checkup):
    return _said() if checkup.recent().mean_length > 1e9 else None


@planted("What is not known is None")
class CountsOnEpisodes(HealthRuleSuite):
    """It takes for granted that episodes have ended."""

    make = _suite(_counts_on_episodes)


def _tosses_a_coin(checkup):
    return _said() if checkup.recent() is not None and random.random() < 0.5 else None


@planted("draw nothing")
class TossesACoin(HealthRuleSuite):
    """Whether it says something is left to chance."""

    make = _suite(_tosses_a_coin)


def _lasts_for_nothing(checkup):
    """Whether episodes last longer than at first and bring less."""
    first, now = checkup.first(), checkup.recent()
    if first is None or now is None or not checkup.is_warm:
        return False
    return now.mean_length > 2 * first.mean_length and now.mean_return < first.mean_return


@planted("TypeError.*Here 'loss' was not known")
class NeedsALossAmongEpisodes(HealthRuleSuite):
    """Where enough episodes are known, it counts on a metric."""

    make = _suite(
        lambda checkup: (
            _said()
            if checkup.recent() and checkup.metric("loss") > 1e9 and _lasts_for_nothing(checkup)
            else None
        )
    )


@planted("TypeError.*Here 'indecision' was not known")
class NeedsIndecisionAmongEpisodes(HealthRuleSuite):
    """Where enough episodes are known, it counts on a vital."""

    make = _suite(
        lambda checkup: _said() if _has_grown(checkup) and checkup.vital("indecision") < 0 else None
    )


@planted("KeyError.*Here 'value' was not known")
class LooksIntoTheLastMark(HealthRuleSuite):
    """It takes a vital from the last mark itself, if there is another one."""

    make = _suite(
        lambda checkup: _said() if _has_grown(checkup) and checkup.marks[-1].vitals["value"] > 1e9 else None
    )


@planted("healthy training in CartPole-v1")
class WarnsOfLongerEpisodes(HealthRuleSuite):
    """It warns wherever episodes become longer."""

    make = _suite(lambda checkup: _said() if _has_grown(checkup) else None)


def _has_shrunk(checkup):
    first, now = checkup.first(), checkup.recent()
    return first is not None and now is not None and 3 * now.mean_length < first.mean_length


@planted("healthy training in Maze-v0")
class WarnsOfShorterEpisodes(HealthRuleSuite):
    """It warns wherever episodes become shorter."""

    make = _suite(lambda checkup: _said() if _has_shrunk(checkup) else None)


@sound
class LastsForNothing(HealthRuleSuite):
    """It warns where episodes become longer and bring less, and tells of the loss where it is known."""

    make = _suite(
        lambda checkup: (
            _said(f"Episodes last twice as long. The loss is {checkup.metric('loss') or 0:.3g}.")
            if _lasts_for_nothing(checkup)
            else None
        )
    )


def _is_longer(checkup):
    first, now = checkup.first(), checkup.recent()
    return first is not None and now is not None and now.mean_length > 1.2 * first.mean_length


_QUESTIONS = []


def _counts_questions(checkup):
    _QUESTIONS.append(1)
    return _said(level="note") if len(_QUESTIONS) > 500 and _is_longer(checkup) else None


@planted("After 1000 more questions")
class CountsQuestions(HealthRuleSuite):
    """It says something from the five hundredth question on."""

    make = _suite(_counts_questions)


def _by_night(checkup):
    is_odd = int(time.time()) % 2 == 1
    return _said(level="note") if is_odd and _is_longer(checkup) else None


@planted("another time of day|keep nothing between calls")
class LooksAtTheClock(HealthRuleSuite):
    """It speaks in odd seconds."""

    make = _suite(_by_night)


def _wants_too_much(checkup):
    if not _is_longer(checkup):
        return None
    return Symptom("Episodes last 2,000 steps.", "They last.", "--gamma 1.7", "note")


@planted("--gamma 1.7, which csai train refuses")
class WantsTooMuch(HealthRuleSuite):
    """It advises a value that no algorithm takes."""

    make = _suite(_wants_too_much)


_FIRST_RETURNS = {}


def _below_the_first(checkup):
    first, now = checkup.first(), checkup.recent()
    if first is None or now is None:
        return None
    before = _FIRST_RETURNS.setdefault(checkup.subject.environment, first.mean_return)
    return _said(f"It was {before:.2f}.", level="note") if now.mean_return < 0.5 * before else None


@planted("once it was asked about others")
class RemembersTheFirst(HealthRuleSuite):
    """What an environment's first episodes brought is kept in the module, for every training there."""

    make = _suite(_below_the_first)


def _whole_length(checkup):
    now, limit = checkup.recent(), checkup.subject.max_episode_steps
    is_cut = now is not None and limit is not None and checkup.is_warm and now.shortest >= limit
    return _said(f"All of {now.count} last to the limit.") if is_cut else None


@planted("healthy training in Stand-v0")
class WarnsOfWholeEpisodes(HealthRuleSuite):
    """It warns where all episodes last as long as they may, as those of whoever never falls do."""

    make = _suite(_whole_length)


def _half_more(checkup):
    if not checkup.marks or checkup.share_done < 0.5:
        return None
    steps = checkup.subject.total_steps * 1.5
    return Symptom(
        seen="1 look.", means="It needs more time.", try_first=f"--total-steps {steps}", level="note"
    )


@planted("--total-steps 29.*refuses.*not a whole number")
class HalfAStep(HealthRuleSuite):
    """It proposes half as many steps more, which may be no whole number."""

    make = _suite(_half_more)
