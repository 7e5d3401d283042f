"""Runs: directories in which everything about one training is kept.

Names are imported when first used, so that whoever only reads files waits for nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core.lazy import lazy_names

if TYPE_CHECKING:
    from csai_train.runs.episodes import EpisodeSummary, read_episodes
    from csai_train.runs.events_file import FeedReader, read_events
    from csai_train.runs.export import export_run
    from csai_train.runs.listing import find_runs
    from csai_train.runs.metrics_file import read_table
    from csai_train.runs.run import Run
    from csai_train.runs.status import status_of

__all__ = [
    "EpisodeSummary",
    "FeedReader",
    "Run",
    "export_run",
    "find_runs",
    "read_episodes",
    "read_events",
    "read_table",
    "status_of",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "EpisodeSummary": "episodes",
        "FeedReader": "events_file",
        "Run": "run",
        "export_run": "export",
        "find_runs": "listing",
        "read_episodes": "episodes",
        "read_events": "events_file",
        "read_table": "metrics_file",
        "status_of": "status",
    },
)
