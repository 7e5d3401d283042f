"""The errors that networks raise on purpose."""

from __future__ import annotations

from csai_core.errors import CsaiError


class ShapeError(CsaiError, ValueError):
    """Raised when two blocks do not fit together, or data does not fit a network."""


class StructureError(CsaiError, ValueError):
    """Raised when the blocks of a network are put together in a way that makes no network."""


class NotCompiledError(CsaiError, RuntimeError):
    """Raised when a network is used before `compile()` has put its blocks together."""


class DeviceError(CsaiError, RuntimeError):
    """Raised when a device is asked for that this machine or this torch does not have."""


class NetFileError(CsaiError, ValueError):
    """Raised when a file does not hold a network, or holds a damaged one."""


class ForwardError(CsaiError, RuntimeError):
    """Raised when a block fails while data runs through it."""
