"""FrozenLake in the classic loop."""

from __future__ import annotations

import csai_envs
from CoderSchoolAI.Environments.Shell import Shell

__all__ = ["FrozenLakeEnv"]


class FrozenLakeEnv(Shell, csai_envs.FrozenLakeEnv):  # type: ignore[misc]  # its reset is the classic one
    """`csai_envs.FrozenLakeEnv` in the classic loop; see there."""

    environment_id = None  # type: ignore[assignment]  # the id makes an environment of Gymnasium's loop
