"""As releases up to 0.0.9 name it."""

from CoderSchoolAI.Environments.Attributes import *  # noqa: F403
from CoderSchoolAI.Environments.Attributes import __all__ as __all__
