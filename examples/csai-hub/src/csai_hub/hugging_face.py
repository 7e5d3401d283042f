"""The Hugging Face hub, by its own client, which knows who you are once you ran `hf auth login`."""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path
from typing import Any

from csai_core.errors import MissingExtraError

from csai_hub.hub import LARGEST, Hub


class HuggingFace(Hub):
    """A repository of models, OWNER/NAME, with a run in it.

    Raises:
        MissingExtraError: if the client is not installed.
    """

    def __init__(self, where: str, largest: int = LARGEST) -> None:
        super().__init__(where, largest)
        try:
            self._module: Any = importlib.import_module("huggingface_hub")
        except ImportError as error:
            raise MissingExtraError(
                f"hf:{where} needs the client of that hub: pip install 'csai-hub[hf]'"
            ) from error
        self._api: Any = self._module.HfApi(library_name="csai-hub")

    def push(self, path: Path, name: str) -> None:
        """Make the repository, unless it is there, and add the file to it, in place of an older one."""
        self._api.create_repo(self.where, exist_ok=True)
        self._api.upload_file(path_or_fileobj=path, path_in_repo=name, repo_id=self.where)

    def pull(self, name: str, into: Path) -> None:
        """Ask how large the file is, then download it."""
        url = self._module.hf_hub_url(self.where, name, endpoint=self._api.endpoint)
        self.require_small(self._api.get_hf_file_metadata(url=url).size or 0)
        with tempfile.TemporaryDirectory(prefix=".csai-", dir=into.parent) as folder:
            Path(self._api.hf_hub_download(self.where, name, local_dir=folder)).rename(into)
