"""Places as people type them."""

from __future__ import annotations

import re
from pathlib import Path

from csai_train.errors import RunError

from csai_hub.folder import Folder
from csai_hub.hub import LARGEST, Hub
from csai_hub.hugging_face import HuggingFace
from csai_hub.web import Web


def find_place(typed: str, largest: int = LARGEST) -> tuple[Hub, str]:
    """The hub that is meant, and the file's name there, which is empty where a folder alone was typed.

    Args:
        typed: `folder`, `folder/NAME.zip`, an address, or `hf:OWNER/NAME`, in which the file is NAME.zip.
        largest: how many bytes are pulled from it at most.

    Raises:
        RunError: if it is none of these.
        MissingExtraError: if what its client needs is not installed.
    """
    scheme, _, rest = typed.partition(":")
    if scheme == "hf" and re.fullmatch(r"[\w.-]+/[\w.-]+", rest):
        return HuggingFace(rest, largest), f"{rest.partition('/')[2]}.zip"
    if re.match("https?://[^/]+/.", typed):
        where, slash, name = typed.rpartition("/")
        return Web(where + slash, largest), name
    if not typed.strip() or scheme == "hf" or "://" in typed:
        raise RunError(
            f"{typed!r} is no place; there are FOLDER, FOLDER/NAME.zip, https://…/NAME.zip and hf:OWNER/NAME."
        )
    path = Path(typed)
    if path.suffix.lower() == ".zip":
        return Folder(str(path.parent), largest), path.name
    return Folder(typed, largest), ""
