"""Many environments at once, in worker processes that are watched over."""

from csai_core.vector.supervised import SupervisedVectorEnv
from csai_core.vector.supervisor import WorkerWarning

__all__ = ["SupervisedVectorEnv", "WorkerWarning"]
