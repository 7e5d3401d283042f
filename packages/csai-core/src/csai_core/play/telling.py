"""What a window says of the game in it: its title, its header, and what can be done now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import gymnasium

from csai_core.agents import KeyboardAgent
from csai_core.overlays.overlay import Clickable
from csai_core.play import controls
from csai_core.play.lines import Key, Line
from csai_core.play.screen import Screen
from csai_core.shell import Shell

if TYPE_CHECKING:
    from csai_core.play.episode import Game
    from csai_core.play.person import Person
    from csai_core.play.session import Session

_VERDICTS = {"won": "Won!", "lost": "Lost", "over": "Over"}


def title(session: Session) -> str:
    """What stands in the title bar."""
    game = session.game
    score = f"score {game.score:g}" if game.score is not None else ""
    return ", ".join(part for part in (session.title, score, _situation(session)) if part)


def screen(session: Session) -> Screen:
    """What stands around the board."""
    sign = outcome(session.env, session.game)
    rows = _help(session) if session.is_helping else (_hints(session),)
    return Screen(_state(session), _activity(session), _banner(session, sign), sign, rows, session.is_steered)


def outcome(env: gymnasium.Env[Any, Any], game: Game) -> str:
    """How a game has ended: "won", "lost", or "over" where nobody wins; empty before the end.

    A Shell says it in `has_won`; of other environments `info["is_success"]` is believed, where there is one.
    """
    if not game.is_over:
        return ""
    base = env.unwrapped
    has_won = base.has_won() if isinstance(base, Shell) else game.info.get("is_success")
    return "over" if has_won is None else "won" if has_won else "lost"


def _state(session: Session) -> str:
    game = session.game
    what = f"Score {game.score:g}" if game.score is not None else f"Return {game.total_reward:.6g}"
    steps = f"Steps {game.num_steps}"
    of = "" if session.episodes is None else f" of {session.episodes}"
    parts = (what, steps, f"Episode {len(session.games)}{of}")
    return "    ".join(part for part in parts if part != session.picture.text)  # which says it already


def _activity(session: Session) -> str:
    who = "" if session.beside is None else "YOU steer, " if session.is_steered else "AGENT plays, "
    return who + _pace(session)


def _pace(session: Session) -> str:
    if situation := _situation(session):
        return situation.partition(":")[0]
    return "your turn" if session.is_persons_turn else f"{session.fps:.3g} steps/s"


def _situation(session: Session) -> str:
    """What a person must be told who waits for the game to go on; empty if nothing."""
    if session.is_paused:
        return "paused: P goes on"
    if session.game.is_over:
        return "game over" if session.person is None or session.is_last_game else "game over: R plays again"
    return "" if session.has_begun else "waiting: a key starts"


def _banner(session: Session, sign: str) -> Line:
    if sign and not session.notice:
        return [_verdict(sign, session.game), str(session.game)]
    if session.notice:
        return [session.notice]
    if session.is_helping or session.is_paused:
        return ["Help" if session.is_helping else "Paused", *_painted(session)]
    if session.is_refused:
        return ["That is not possible now"]
    if not session.has_begun:
        how = "Press a key or click" if _click(session.env) else "Press a key"
        return [f"{how} to {'steer' if session.is_steered else 'start'}"]
    return _painted(session)


def _painted(session: Session) -> list[str]:
    """What is painted over the game's picture."""
    overlay = None if session.beside is None else session.beside.overlay
    if overlay is None:
        return []
    hint = overlay.hint if isinstance(overlay, Clickable) else ""
    return [f"Painted: {overlay.name}", *([hint] if hint else [])]


def _verdict(sign: str, game: Game) -> str:
    is_cut_short = game.transition is not None and game.transition.truncated
    return "Time is up" if sign == "over" and is_cut_short else _VERDICTS[sign]


def _hints(session: Session) -> Line:
    """The keys that matter most now."""
    free = _free_keys(session.person)
    if session.game.is_over and session.person is not None:
        leave: Line = [Key("escape"), "leave"]
        return leave if session.is_last_game else [Key("return"), "play again", *leave]
    if session.is_paused:
        steps: Line = [*free(controls.STEP)[:1], "one step", *free(controls.BACK)[:1], "one back"]
        return [*free(controls.PAUSE)[:1], "go on", *steps, Key("escape"), "leave"]
    agents: Line = []
    if session.beside is not None:
        over = "hand back" if session.is_steered else "take over"
        agents = [*free(controls.TAKE_OVER), over, *free(controls.THINK), controls.THINK.words]
    others: Line = [*free(controls.PAUSE)[:1], "pause", *agents, *free(controls.HELP), "help"]
    if session.person is None or session.person.has_played:
        return others
    return [*_game_keys(session.person.keyboard), *_click(session.env), "play", *others]


def _help(session: Session) -> tuple[Line, ...]:
    """All keys."""
    free = _free_keys(session.person)
    rows: list[Line] = []
    if session.person is not None:
        groups = _groups(session.person.keyboard)
        rows = [[*map(Key, keys), "play"] for keys in groups if keys]
        rows += [["A click plays where one points"]] if _click(session.env) else []
    for group in (*controls.IN_GAME, *(() if session.beside is None else controls.WITH_AGENT)):
        uses: list[Line] = [[*free(control), control.words] for control in group if free(control)]
        rows.append([word for use in uses for word in use])
    return tuple(rows)


def _game_keys(keyboard: KeyboardAgent) -> Line:
    """The keys a game is played with: one for each action, or the first and the last of many."""
    main, others = _groups(keyboard)
    shown = [Key(key) for key in main]
    if len(main) > 6:
        return [shown[0], "to", shown[-1]]
    return [*shown, "or", *map(Key, others)] if others and len(main) + len(others) <= 4 else shown


def _groups(keyboard: KeyboardAgent) -> tuple[list[str], list[str]]:
    """For each action its first key, arrows before others, and all further keys."""
    first: dict[str, str] = {}
    for key, action in sorted(keyboard.keys_to_action.items(), key=_arrows_first):
        first.setdefault(repr(action), key)
    main = list(first.values())
    return main, [key for key in keyboard.keys_to_action if key not in main]


def _arrows_first(item: tuple[str, Any]) -> int:
    return controls.ARROWS.index(item[0]) if item[0] in controls.ARROWS else len(controls.ARROWS)


def _click(env: gymnasium.Env[Any, Any]) -> Line:
    base = env.unwrapped
    return ["or", "click"] if isinstance(base, Shell) and type(base).target_at is not Shell.target_at else []


def _free_keys(person: Person | None) -> Callable[[controls.Control], list[Key]]:
    """Tells the keys of a control, without those that the game has another use for."""
    taken: Mapping[str, Any] = {} if person is None else person.keyboard.keys_to_action

    def free(control: controls.Control) -> list[Key]:
        shown = [key for key in control.keys if key not in taken]
        return [Key(key) for key in shown or [key for key in control.others if key not in taken][:1]]

    return free
