"""Any web server, by an address."""

from __future__ import annotations

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from csai_train.errors import RunError

from csai_hub.hub import Hub

_SECONDS = 30
"""How long a server may be silent."""


class Web(Hub):
    """The part of an address up to its last slash. It is only pulled from."""

    def push(self, path: Path, name: str) -> None:
        """Refuse, as no two servers take files in the same way."""
        raise RunError(
            "An address is only pulled from; push to a folder that is served there, or to hf:OWNER/NAME."
        )

    def pull(self, name: str, into: Path) -> None:
        """Read the address, and compare how long it is with what the server said."""
        try:
            response = urlopen(self.where + name, timeout=_SECONDS)
        except HTTPError as error:
            with error:
                raise RunError(f"the server answers: {error.code} {error.reason}") from error
        with response:
            announced = response.headers.get("Content-Length")
            self.require_small(int(announced or 0))
            size = self.copy(response, into)
        if announced is not None and size != int(announced):
            raise RunError(f"the connection ended after {size:,} of {int(announced):,} bytes; try again")
