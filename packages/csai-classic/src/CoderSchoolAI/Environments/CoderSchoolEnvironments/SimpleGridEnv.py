"""SimpleGrid in the classic loop."""

from __future__ import annotations

import csai_envs
from CoderSchoolAI.Environments.Shell import Shell

__all__ = ["SimpleGridEnv"]


class SimpleGridEnv(Shell, csai_envs.SimpleGridEnv):
    """`csai_envs.SimpleGridEnv` in the classic loop; see there."""

    environment_id = None  # type: ignore[assignment]  # the id makes an environment of Gymnasium's loop
