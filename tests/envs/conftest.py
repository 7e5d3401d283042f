"""No test opens a real window: SDL draws into memory."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
