"""What every dataset should hold: examples that can be learned from, and others to be tested on."""

from __future__ import annotations

from csai_train.testing.dataset.making import MakingChecks
from csai_train.testing.dataset.repeating import RepeatingChecks
from csai_train.testing.dataset.telling import TellingChecks
from csai_train.testing.dataset.training import TrainingChecks

__all__ = ["DatasetSuite"]


class DatasetSuite(RepeatingChecks, TrainingChecks, TellingChecks, MakingChecks):
    """Checks one dataset; a subclass names the entry, or writes `make`.

    class TestBlobs(DatasetSuite):
        entry_name = "blobs"

    class TestPages(DatasetSuite):
        def make(self, **settings):
            return PagesDataset(root=folder_of_the_test, download=False, **settings)

    Nothing is downloaded: a dataset whose files are not there is made with `download=False` if it takes that,
    and says so with a `MissingFilesError`.
    """
