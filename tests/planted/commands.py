"""Commands."""

from __future__ import annotations

import json
import os
import random
import sys
import time
import traceback
from typing import ClassVar

import click

from csai_core.testing import CommandSuite
from planted.specimens import planted, sound


class _Imported(CommandSuite):
    """Where a subclass says in `target` that it is."""

    entry_name = "greet"


class _Greet(CommandSuite):
    """What a subclass calls `greet`."""

    entry_name = "greet"
    greet: ClassVar[object]

    def make(self):
        return self.greet


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@planted("click command")
class AFunction(_Greet):
    """It is a function."""

    greet = staticmethod(lambda: print("Hello!"))


@planted("help|explain|docstring")
class SaysNothing(_Greet):
    """It has no help."""

    @click.command("greet")
    def greet():
        click.echo("Hello!")


@planted("--times.*(help|explain)")
class OptionWithoutHelp(_Greet):
    """One of its options is not explained."""

    @click.command("greet")
    @click.option("--times", type=int, default=1)
    def greet(times):
        """Greet everybody."""
        click.echo("Hello! " * times)


@planted("prints 'greetings")
class PrintsAtImport(_Imported):
    """Its module prints when it is imported."""

    target = "planted.modules.prints:greet"


@planted("imports torch")
class ImportsTorch(_Imported):
    """Its module imports torch at once."""

    target = "planted.modules.heavy:greet"


@planted("changes the handlers of logging")
class SetsUpLogging(_Imported):
    """Its module sets up logging."""

    target = "planted.modules.logs:greet"


@planted("writes greetings")
class WritesAtImport(_Imported):
    """Its module makes a folder when it is imported."""

    target = "planted.modules.writes:greet"


@planted("reads what is typed")
class AsksAtImport(_Imported):
    """Its module reads from the keyboard when it is imported."""

    target = "planted.modules.asks:greet"


@planted("draws from the global generator of Python")
class SeedsAtImport(_Imported):
    """Its module seeds Python's generator."""

    target = "planted.modules.seeds:greet"


@planted("status 0|exit")
class AllIsWell(_Greet):
    """It says that something is wrong, and ends with status 0."""

    @click.command("greet")
    @click.argument("name")
    def greet(name):
        """Greet NAME, who must be one of us."""
        if name not in ("Ada", "Alan"):
            click.echo(f"Error: nobody is called {name}", err=True)
            sys.exit(0)
        click.echo(f"Hello, {name}!")


@planted("status 0|exit")
class ReturnsOne(_Greet):
    """It says that something is wrong, and returns 1, which click does not heed."""

    @click.command("greet")
    @click.argument("name")
    def greet(name):
        """Greet NAME, who must be one of us."""
        if name not in ("Ada", "Alan"):
            click.echo(f"ERROR nobody is called {name}")
            return 1
        click.echo(f"Hello, {name}!")
        return 0


@planted("ValueError")
class CountsWords(_Greet):
    """It makes a number of whatever is typed, itself."""

    @click.command("greet")
    @click.argument("times")
    def greet(times):
        """Greet everybody TIMES times."""
        click.echo("Hello! " * int(times))


@planted("KeyError|--who")
class ConvertsBadly(_Greet):
    """Its own type of option raises a KeyError."""

    class Who(click.ParamType):
        name = "who"

        def convert(self, value, param, ctx):
            return {"ada": "Ada", "alan": "Alan"}[value]

    @click.command("greet")
    @click.option("--who", type=Who(), default="ada", help="Whom to greet.")
    def greet(who):
        """Greet somebody."""
        click.echo(f"Hello, {who}!")


@planted("JSON")
class ChattyJson(_Greet):
    """With --json it says what it does before the JSON."""

    @click.command("greet")
    @_as_json
    def greet(as_json):
        """Greet everybody."""
        click.echo("Looking for everybody ...")
        click.echo(json.dumps(["Ada"]) if as_json else "Hello!")


@planted("JSON")
class PythonsJson(_Greet):
    """With --json it prints a dict as Python writes it."""

    @click.command("greet")
    @_as_json
    def greet(as_json):
        """Greet everybody."""
        click.echo({"name": "Ada", "is_here": True} if as_json else "Hello!")


@planted("JSON|NaN")
class NotANumberJson(_Greet):
    """With --json it prints NaN, which JSON does not have."""

    @click.command("greet")
    @_as_json
    def greet(as_json):
        """Greet everybody."""
        click.echo(json.dumps({"score": float("nan")}) if as_json else "Hello!")


@planted("40|wide|column")
class WideHelp(_Greet):
    """A table in its help is wider than a small terminal."""

    @click.command("greet")
    def greet():
        """Greet everybody.

        \b
        English        Hello, how do you do, and how is everybody else?
        Esperanto      Saluton, kiel vi fartas, kaj kiel fartas la aliaj?
        """
        click.echo("Hello!")


@planted("welcome|name")
class AnotherName(_Greet):
    """It calls itself otherwise than it is typed."""

    @click.command("welcome")
    def greet():
        """Greet everybody."""
        click.echo("Hello!")


@planted("status|option")
class TakesAnything(_Greet):
    """It passes over what it does not know, so that a mistyped option is not noticed."""

    class Forgiving(click.Command):
        def parse_args(self, ctx, args):
            return super().parse_args(ctx, [each for each in args if each in ("--help", "--loud")])

    @click.command("greet", cls=Forgiving)
    @click.option("--loud", is_flag=True, help="Shout.")
    def greet(loud):
        """Greet everybody."""
        click.echo("HELLO!" if loud else "Hello!")


@planted("--help")
class HelpRuns(_Greet):
    """It makes a help of its own, which fails."""

    class Helping(click.Command):
        def format_help(self, ctx, formatter):
            formatter.write(ctx.obj["manual"])

    @click.command("greet", cls=Helping)
    def greet():
        """Greet everybody."""
        click.echo("Hello!")


@sound
class Greets(_Imported):
    """A command that imports torch when it is called, as it should be."""

    target = "planted.modules.sound:greet"


@sound
class HasCommands(_Greet):
    """A group of commands, one of them hidden."""

    @click.group("greet")
    def greet():
        """Greet people, one by one or all."""

    @greet.command()
    @click.argument("name")
    def one(name):
        """Greet NAME."""
        click.echo(f"Hello, {name}!")

    @greet.command(hidden=True)
    @click.option("--loud", is_flag=True, hidden=True)
    def everybody(loud):
        click.echo("Hello!")


@sound
class PassesOn(_Greet):
    """Hands everything that it does not know on to another program, and says so to click."""

    @click.command("greet", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def greet(words):
        """Greet as WORDS say, which another program takes."""
        click.echo(" ".join(words))


@sound
class RefusesInWords(_Greet):
    """Refuses a wrong name with status 1, and numbers that it converts itself with status 2."""

    def counted(ctx, param, value):
        if not value.isdigit():
            raise click.BadParameter(f"{value!r} is no number.")
        return int(value)

    @click.command("greet")
    @click.argument("name")
    @click.option("--times", callback=counted, default="1", help="How often.")
    def greet(name, times):
        """Greet NAME, who must be one of us."""
        if name not in ("Ada", "Alan"):
            raise click.ClickException(f"nobody is called {name}")
        click.echo(f"Hello, {name}! " * times)


@planted("traceback")
class PrintsTracebacks(_Greet):
    """It prints the traceback of whatever goes wrong, itself."""

    @click.command("greet")
    @click.argument("times")
    def greet(times):
        """Greet everybody TIMES times."""
        try:
            click.echo("Hello! " * int(times))
        except ValueError:
            traceback.print_exc()
            sys.exit(1)


@planted("--version")
class BrokenVersion(_Greet):
    """Its --version asks for a package that is not there."""

    @click.command("greet")
    @click.version_option(package_name="a-package-that-nobody-has")
    def greet():
        """Greet everybody."""
        click.echo("Hello!")


@planted("one.*(help|docstring)")
class CommandWithoutHelp(_Greet):
    """One of its commands has no help."""

    @click.group("greet")
    def greet():
        """Greet people."""

    @greet.command()
    @click.argument("name")
    def one(name):
        click.echo(f"Hello, {name}!")


@planted("os._exit|ends the process|exit")
class EndsTheProcess(_Greet):
    """On a wrong word it ends the process, whoever has called it."""

    @click.command("greet")
    @click.argument("name")
    def greet(name):
        """Greet NAME."""
        if name not in ("Ada", "Alan"):
            os._exit(3)
        click.echo(f"Hello, {name}!")


# --- as strangers write them


@planted("NaN is no number|no JSON")
class NaNInJson(_Greet):
    """Its JSON has a NaN in it."""

    @click.command("greet")
    @_as_json
    def greet(as_json):
        """Greet everybody."""
        click.echo(json.dumps({"mean": float("nan")}))


@planted("reads? what is typed|asks|prompt|Aborted|words")
class AsksForWhatIsMissing(_Greet):
    """What is not given, it asks for, where a script waits."""

    @click.command("greet")
    @click.option("--name", prompt="Who are you", help="Who is greeted.")
    @_as_json
    def greet(name, as_json):
        """Greet somebody."""
        click.echo(json.dumps({"hello": name}))


class _Blink(CommandSuite):
    """What a subclass calls `blink`."""

    entry_name = "blink"
    words = ("3",)
    blink: ClassVar[object]

    def make(self):
        return self.blink


_times = click.argument("times", type=click.IntRange(1))


@planted("refused, and left blink.log")
class WritesBeforeItLooks(_Blink):
    """It writes into a file before it looks at its words."""

    @click.command("blink")
    @click.argument("times")
    def blink(times):
        """Blink TIMES."""
        with open("blink.log", "a") as file:
            file.write("called")
        if not times.isdigit():
            raise click.BadParameter(f"{times!r} is no number.")
        click.echo("*" * int(times))


@sound
class WritesWhatItIsFor(_Blink):
    """It writes a file when its words are right, and asks only where somebody may have changed the file."""

    @click.command("blink")
    @click.argument("times")
    def blink(times):
        """Blink TIMES."""
        if not times.isdigit():
            raise click.BadParameter(f"{times!r} is no number.")
        if not os.path.exists("blink.log") or click.confirm("Shall blink.log be written again?"):
            with open("blink.log", "w") as file:
                file.write("*" * int(times))


@planted("caught ValueError.*status 0")
class SwallowsErrors(_Blink):
    """What goes wrong it catches, and ends with status 0 without a word."""

    @click.command("blink")
    @click.argument("times")
    def blink(times):
        """Blink TIMES."""
        try:
            click.echo("*" * int(times))
        except ValueError:
            sys.exit(0)


@planted("error.*status 0")
class ErrorsInJson(_Blink):
    """With --json it tells errors as JSON, and ends with status 0."""

    @click.command("blink")
    @click.argument("times")
    @_as_json
    def blink(times, as_json):
        """Blink TIMES."""
        if times.isdigit():
            click.echo(json.dumps({"times": int(times)}) if as_json else "*" * int(times))
        elif as_json:
            click.echo(json.dumps({"error": "no number"}))
        else:
            raise click.BadParameter("no number")


@planted("passes over options that it does not know.*misspelt")
class IgnoresOptions(_Blink):
    """It tells click to pass over what it does not know, and hands that on to nobody."""

    @click.command("blink", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    @_times
    def blink(times):
        """Blink TIMES."""
        click.echo("*" * times)


@sound
class HandsOnFromTheContext(_Blink):
    """What it does not know it finds in its context, and hands on."""

    @click.command("blink", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    @_times
    @click.pass_context
    def blink(context, times):
        """Blink TIMES, as other words say."""
        click.echo("*" * times + " ".join(context.args))


@planted("asks where nobody can answer.*--yes")
class AsksBeforeItWorks(_Blink):
    """It asks whether it may go on, and no option answers."""

    @click.command("blink")
    @_times
    def blink(times):
        """Blink TIMES."""
        click.confirm("Go on?", abort=True)
        click.echo("*" * times)


@sound
class CanBeTold(_Blink):
    """It asks whether it may go on, where no option has said so."""

    words = ("3", "--yes")

    @click.command("blink")
    @_times
    @click.option("--yes", is_flag=True, help="Do not ask.")
    def blink(times, yes):
        """Blink TIMES."""
        if not yes:
            click.confirm("Go on?", abort=True)
        click.echo("*" * times)


@planted("drew from the global generator")
class SeedsWhenCalled(_Blink):
    """It seeds Python's generator, which is everybody's."""

    @click.command("blink")
    @_times
    def blink(times):
        """Blink TIMES."""
        random.seed(0)
        click.echo("*" * times)


@planted("is to work.*status 2")
class WordsThatDoNotWork(_Blink):
    """The words with which it is said to work are wrong."""

    words = ("three",)

    @click.command("blink")
    @_times
    def blink(times):
        """Blink TIMES."""
        click.echo("*" * times)


@planted("ended with status 0")
class SaysThatItFailed(_Greet):
    """It catches what is wrong, and says so on stdout."""

    @staticmethod
    @click.command("greet")
    @click.argument("name")
    def greet(name):
        """Greet NAME."""
        click.echo(f"Failed: nobody is called {name}")


@planted("ended with status 0")
class LeavesWithStatusZero(_Greet):
    """It tells on stderr what is wrong, and ends the program as if all were well."""

    @staticmethod
    @click.command("greet")
    @click.argument("name")
    def greet(name):
        """Greet NAME."""
        click.echo(f"not a name: {name}", err=True)
        sys.exit(0)


@planted("on stderr, nothing else, and ended with status 0")
class TellsAndGoesOn(_Greet):
    """It tells on stderr that there is no such guest, and ends as if all were well."""

    @click.command("greet")
    @click.argument("name")
    def greet(name):
        """Greet NAME."""
        if name not in _GUESTS:
            click.echo(f"Sorry, {name} is not among the guests.", err=True)
            return
        click.echo(f"Hello, {name}!")


@planted("called twice, says")
class ForgetsItsSeed(_Greet):
    """It takes a seed, and draws without it."""

    words = ()

    @click.command("greet")
    @click.option("--seed", type=click.IntRange(0), default=0, help="Who is greeted.")
    def greet(seed):
        """Greet somebody."""
        click.echo(f"Hello, number {random.Random().getrandbits(40)}!")


@planted("leaves the program in another folder")
class GoesElsewhere(_Greet):
    """It goes to another folder, and stays there."""

    words = ()

    @click.command("greet")
    def greet():
        """Greet everybody from below."""
        os.makedirs("below")
        os.chdir("below")
        click.echo("Hello!")


@planted("to stdout, where a program reads JSON")
class ErrorsAmongJson(_Greet):
    """It prints errors where its JSON is read."""

    @click.command("greet")
    @click.argument("number")
    @_as_json
    def greet(number, as_json):
        """Greet NUMBER people."""
        if not number.isdigit():
            click.echo("That is no number.")
            sys.exit(2)
        click.echo(json.dumps([int(number)]) if as_json else "Hello!" * int(number))


@sound
class HasCommandsOfItsOwn(_Greet):
    """A group, and a group in it, as click makes them, with options that are explained at some length."""

    @click.group("greet")
    def greet():
        """Greet people."""

    @greet.group()
    def guests():
        """Those who are here for a day or two."""

    @guests.command()
    @click.option("--favorite-number", type=click.IntRange(0), show_default=True, default=7, help="Theirs.")
    def one(favorite_number):
        """Greet one of the guests by a number that everybody remembers."""
        click.echo(f"Hello, {favorite_number}!")


@sound
class TakesAndTimes(_Greet):
    """It heeds its seed, and tells how long it took."""

    words = ("--seed", "5")

    @click.command("greet")
    @click.option("--seed", type=click.IntRange(0), default=0, help="Who is greeted.")
    def greet(seed):
        """Greet somebody."""
        click.echo(f"Hello, number {random.Random(seed).getrandbits(40)}! {time.perf_counter():.7f} s")


_GUESTS = {"Ada", "Alan", "Barbara", "Donald", "Edsger", "Frances", "Grace", "John"}


@planted("in another process.*sorted order")
class DrawsFromASet(_Greet):
    """It draws by its seed, from a set of names."""

    @click.command("greet")
    @click.option("--seed", type=click.IntRange(0), default=0, help="Who is greeted.")
    def greet(seed):
        """Greet three guests."""
        click.echo(" and ".join(random.Random(seed).sample([*_GUESTS], 3)))


@planted("--seed 0`, called twice, says.*0 too")
class TakesZeroForNone(_Greet):
    """It takes the seed 0 for none, and draws a seed then."""

    @click.command("greet")
    @click.option("--seed", type=click.IntRange(0), help="Who is greeted; anybody without it.")
    def greet(seed):
        """Greet somebody."""
        random_numbers = random.Random(seed or random.SystemRandom().getrandbits(40))
        click.echo(f"Hello, number {random_numbers.getrandbits(40)}!")


@sound
class DrawsFromAList(_Greet):
    """It draws by its seed, from names in their order."""

    @click.command("greet")
    @click.option("--seed", type=click.IntRange(0), default=0, help="Who is greeted.")
    def greet(seed):
        """Greet three guests."""
        click.echo(" and ".join(random.Random(seed).sample(sorted(_GUESTS), 3)))


@planted("--guest csai-check-no-such-thing` was refused, and left letter.txt")
class WritesToNobody(_Greet):
    """It begins a letter before it looks whether there is such a guest."""

    @click.command("greet")
    @click.option("--guest", default="Ada", help="Who is greeted.")
    def greet(guest):
        """Write to a guest."""
        with open("letter.txt", "w") as letter:
            letter.write("Dear ")
            if guest not in _GUESTS:
                raise click.BadParameter(f"Nobody is called {guest}.")
            letter.write(guest)


@planted("--rows 0` ended in ZeroDivisionError")
class DividesByItsOption(_Greet):
    """It allows 0 for an option, by which it divides."""

    @click.command("greet")
    @click.option("--rows", type=click.IntRange(0), default=2, help="Into how many rows guests are put.")
    def greet(rows):
        """Greet guests by rows."""
        click.echo(f"Hello, rows of {len(_GUESTS) // rows}!")


@planted("NaN is no number")
class NaNOfNothing(_Greet):
    """Where it is given no numbers, which it allows, its JSON has a NaN in it."""

    words = ("1", "2")

    @click.command("greet")
    @click.argument("ages", nargs=-1, type=float)
    @_as_json
    def greet(ages, as_json):
        """Greet guests by their AGES."""
        mean = sum(ages) / len(ages) if ages else float("nan")
        click.echo(json.dumps({"mean": mean}) if as_json else f"Hello, all of about {mean}!")


@sound
class GoesOnUntilItIsStopped(_Greet):
    """Its option may be 0, for which it goes on until somebody stops it."""

    @click.command("greet")
    @click.option("--times", type=click.IntRange(0), default=1, help="How often; 0 for ever.")
    def greet(times):
        """Greet everybody."""
        while times != 1:
            time.sleep(0.01)
            times -= 1
        click.echo("Hello!")
