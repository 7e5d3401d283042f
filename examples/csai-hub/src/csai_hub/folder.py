"""A folder, such as a classroom's shared drive."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from csai_core import storage
from csai_core.decoding import open_file
from csai_train.errors import RunError

from csai_hub.hub import Hub


class Folder(Hub):
    """A folder, with a file for each run. Nothing in it is replaced."""

    def push(self, path: Path, name: str) -> None:
        """Copy the file there; it takes its name only once it is whole."""
        there = Path(self.where) / name
        try:
            with storage.replacement(there, overwrite=False) as unfinished:
                shutil.copyfile(path, unfinished)
        except FileExistsError as error:
            raise RunError(f"{there} is there already; push to FOLDER/OTHER.zip.") from error

    def pull(self, name: str, into: Path) -> None:
        """Copy the file from there."""
        with os.fdopen(open_file(Path(self.where) / name, os.O_RDONLY), "rb") as source:
            self.copy(source, into)
