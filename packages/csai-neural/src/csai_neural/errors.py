"""The errors that networks raise on purpose."""

from __future__ import annotations

from csai_core.errors import CsaiError


class ShapeError(CsaiError, ValueError):
    """Raised when two blocks do not fit together, or data does not fit a network.

    Usual causes: a network is used for another game than it was made for; two blocks in a row do not fit;
    a picture is too small for so many layers.

    What helps: compare the two shapes in the message, and change the block that it names; `net.summary()`
    prints all shapes.
    """


class StructureError(CsaiError, ValueError):
    """Raised when the blocks of a network are put together in a way that makes no network.

    Usual causes: a net has no InputBlock, something follows its OutputBlock, or branches meet without a
    JoinBlock.

    What helps: add or move the block that the message names.
    """


class NotCompiledError(CsaiError, RuntimeError):
    """Raised when a network is used before `compile()` has put its blocks together.

    Usual causes: `net.compile()` was not called, or a block was added after it.

    What helps: call `net.compile()` after the last block.
    """


class DeviceError(CsaiError, RuntimeError):
    """Raised when a device is asked for that this machine or this torch does not have.

    Usual causes: there is no GPU, its driver is missing, or torch was installed without support for it.

    What helps: leave the device out, or take `cpu`; `csai doctor` says what torch sees.
    """


class NetFileError(CsaiError, ValueError):
    """Raised when a file does not hold a network, or holds a damaged one.

    Usual causes: the path is mistyped; the file was cut short, altered, or written by another program.

    What helps: check the path; save the network again.
    """


class ForwardError(CsaiError, RuntimeError):
    """Raised when a block fails while data runs through it.

    Usual causes: a block of your own makes a mistake with the data; a batch is too small for what a block
    computes.

    What helps: the message names the block and the shapes that it was given: try it alone with those.
    """
