"""The physics of Flappy. Lengths are in heights of the sky, times in seconds; y grows downwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

GRAVITY = 2.8
FLAP = -0.8
"""The speed that a flap gives, upwards."""
MAX_SPEED = 2.0
BIRD_X, BIRD_RADIUS = 0.3, 0.035
PIPE_SPEED, PIPE_WIDTH = 0.45, 0.14
PIPE_DISTANCE = 0.7
"""From one pipe's left edge to the next one's."""
FIRST_PIPE = 1.2
GAP = 0.34
NUM_HEIGHTS = 21
"""In how many heights a gap may be."""
MIN_GAP, MAX_GAP = 0.27, 0.73
"""The highest and the lowest middle of a gap."""


@dataclass
class Pipe:
    """A pair of pipes with a gap between them."""

    x: float
    """The left edge."""
    gap: float
    """The middle of the gap."""
    is_passed: bool = False


@dataclass
class FlappyGame:
    """One flight."""

    y: float = 0.5
    speed: float = 0.0
    pipes: list[Pipe] = field(default_factory=list)
    score: int = 0
    """Pipes passed."""

    def start(self, draw: Callable[[int], int]) -> None:
        """Begin in the middle of the sky, with three pairs of pipes ahead."""
        self.y, self.speed, self.score = 0.5, 0.0, 0
        self.pipes = [Pipe(FIRST_PIPE + i * PIPE_DISTANCE, _gap(draw)) for i in range(3)]

    def move(self, is_flapping: bool, d_t: float, draw: Callable[[int], int]) -> int:
        """Fly on for `d_t` seconds and return how many pipes were passed."""
        if is_flapping:
            self.speed = FLAP
        self.speed = min(self.speed + GRAVITY * d_t, MAX_SPEED)
        self.y = min(max(self.y + self.speed * d_t, 0.0), 1.0)
        passed = 0
        for pipe in self.pipes:
            pipe.x -= PIPE_SPEED * d_t
            if not pipe.is_passed and pipe.x + PIPE_WIDTH < BIRD_X - BIRD_RADIUS:
                pipe.is_passed = True
                passed += 1
        if self.pipes[0].x < -PIPE_WIDTH:
            self.pipes.pop(0)
            self.pipes.append(Pipe(self.pipes[-1].x + PIPE_DISTANCE, _gap(draw)))
        self.score += passed
        return passed

    @property
    def has_crashed(self) -> bool:
        """Whether the bird touches the ground, the top of the sky or a pipe."""
        return not BIRD_RADIUS < self.y < 1.0 - BIRD_RADIUS or self.touched_pipe is not None

    @property
    def touched_pipe(self) -> Pipe | None:
        """The pipe that the bird touches, if any."""
        for pipe in self.pipes:
            is_there = pipe.x - BIRD_RADIUS < BIRD_X < pipe.x + PIPE_WIDTH + BIRD_RADIUS
            if is_there and abs(self.y - pipe.gap) > GAP / 2 - BIRD_RADIUS:
                return pipe
        return None

    def pipes_ahead(self) -> list[Pipe]:
        """The pipes not yet passed, nearest first."""
        return [pipe for pipe in self.pipes if not pipe.is_passed]


def _gap(draw: Callable[[int], int]) -> float:
    return MIN_GAP + (MAX_GAP - MIN_GAP) * draw(NUM_HEIGHTS) / (NUM_HEIGHTS - 1)
