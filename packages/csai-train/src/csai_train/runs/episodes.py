"""What the episodes of a run came to: a few hundred summaries over its steps, however many there were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from csai_train.episode_window import EpisodeWindow
from csai_train.events import Episode
from csai_train.runs.events_file import Event, read_events
from csai_train.runs.run import Run

_EPISODE = [field.name for field in fields(Episode)]


@dataclass(frozen=True)
class EpisodeSummary:
    """The episodes that ended since the summary before this one."""

    steps: int
    """Steps taken in the whole training by then."""
    count: int
    """How many episodes they are."""
    num_first: int
    """How many of them began with the training."""
    mean_return: float
    lowest_return: float
    highest_return: float
    mean_length: float
    mean_score: float | None
    """Of the game's own score; None where it keeps none."""
    newest: tuple[Episode, ...]
    """The last few of them, as they were."""


def read_episodes(run: Run) -> list[EpisodeSummary]:
    """The summaries in a run's feed, in their order."""
    return summaries_in(read_events(run.path), run)


def summaries_in(events: Iterable[Event], run: Run) -> list[EpisodeSummary]:
    """The summaries among the events of a run, in their order.

    In the feeds of older versions each episode stands by itself, and is a summary of one.

    Args:
        events: as `read_events` gives them.
        run: whose they are.
    """
    num_envs = int(run.config["config"].get("num_envs", 1))
    modern = (_modern(event, num_envs) for event in events)
    return [_summary(event) for event in modern if event["event"] == "episodes"]


def _modern(event: Event, num_envs: int) -> Event:
    """An event of schema 1 as it would be today."""
    if event["event"] != "episode" or None in (event.get("total_reward"), event.get("length")):
        return event
    window = EpisodeWindow(num_envs)
    window.include([Episode(event["steps"], event["total_reward"], event["length"], event.get("score"))])
    return {"event": "episodes", "steps": event["steps"], **window.summary()}


def _summary(event: Event) -> EpisodeSummary:
    values = {field.name: event.get(field.name) for field in fields(EpisodeSummary)}
    newest = tuple(Episode(*(each.get(name) for name in _EPISODE)) for each in event["newest"])
    return EpisodeSummary(**{**values, "newest": newest})  # type: ignore[arg-type]
