"""Errors and warnings of training and of runs; errors are under the one tree of csai_core."""

from __future__ import annotations

from csai_core.errors import CsaiError


class CheckpointError(CsaiError):
    """Raised when a checkpoint cannot be written, or is damaged, or belongs to something else.

    Usual causes: there is none of that number yet; the disk is full; a file was altered; it belongs to
    other settings.

    What helps: look into the folder `checkpoints` of the run; leave the number out to take the newest
    that is whole.
    """


class UnsavableError(CheckpointError):
    """Raised when a state holds what no file does, so that saving it later will not work either.

    Usual causes: an algorithm, a callback or an environment of your own keeps an object that no file can
    hold in its state.

    What helps: keep numbers, texts, lists and arrays in `state_dict()`; the message names the place.
    """


class RunError(CsaiError):
    """Raised when a directory is not a run, or a run cannot be made or continued.

    Usual causes: the name of the run is mistyped; the command was typed in another folder than the
    training; another process trains it; it has no checkpoint yet.

    What helps: `csai runs` lists the runs that are here; type the path of its folder where it lies
    elsewhere.
    """


class StudyError(CsaiError):
    """Raised when the training of a seed failed; the others are as far as they have come.

    Usual causes: the trainings of some seeds failed, each for a reason of its own.

    What helps: read the entry of the error that each of them names; the same command goes on with what is
    missing.
    """


class CallbackError(CsaiError):
    """Raised when a callback failed; the training has stopped between two steps and can be saved.

    Usual causes: a callback of your own makes a mistake, or cannot write its file.

    What helps: look at the line that the message names; the run is saved, and goes on by `csai train
    --resume RUN`.
    """


class NonFiniteError(CsaiError, ArithmeticError):
    """Raised when an observation, reward, loss or gradient is NaN or infinite; nothing was learned.

    Usual causes: the learning rate is too large; rewards are huge; an environment gives NaN.

    What helps: a tenth of the learning rate; `--normalize-reward`; `csai check ID` looks at what the
    environment gives.
    """


class TrainingWarning(UserWarning):
    """Warns of something that a training gets over: a save that failed, a resume that is not exact."""


class ProcessLostError(CsaiError):
    """Another process of a training has ended, or does not answer.

    Usual causes: it was killed, mostly because memory ran out; or the connection between machines was
    lost.

    What helps: look at what the other process printed; then go on by `csai train --resume RUN`.
    """


class DatasetError(CsaiError):
    """Raised when a dataset cannot be used.

    Usual causes: the one that was raised says more, and has an entry of its own.

    What helps: read the message to its end: it says what would work.
    """


class MissingFilesError(DatasetError, FileNotFoundError):
    """Raised when the files of a dataset are not there, and cannot be fetched.

    Usual causes: there is no network to download by; the dataset was put into another folder.

    What helps: put the files where the message says.
    """


class DamagedFileError(DatasetError, ValueError):
    """Raised when a file of a dataset is cut short, altered, or of another format.

    Usual causes: a download broke off; the file is another than its name says.

    What helps: delete the file that is named, and let it be downloaded again.
    """


class InvalidDataError(DatasetError, ValueError):
    """Raised when examples are of a shape or type that nothing can learn from, or contradict each other.

    Usual causes: pictures have different sizes; there are more labels than examples, or labels that no
    class has.

    What helps: look at the example that the message names.
    """


class CompatibilityError(DatasetError, ValueError):
    """Raised when a network cannot be trained on a dataset.

    Usual causes: the last layer has another size than there are classes; the first takes other shapes
    than the examples have.

    What helps: change the layer that the message names.
    """
