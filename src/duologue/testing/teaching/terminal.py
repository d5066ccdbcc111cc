"""What a lesson needs of the person who teaches: questions, and their answers."""

from collections.abc import Sequence
from typing import Protocol

WORDS_THAT_END = frozenset({"/quit", "/exit", "/stop"})


class Terminal(Protocol):
    """A person, or what stands in for one."""

    async def ask(self, question: str) -> str:
        """One line of answer, without the space around it.

        Raises:
            EOFError: the person has left.
        """
        ...

    def tell(self, text: str) -> None:
        """Show some lines."""
        ...


class TakeBackError(Exception):
    """The person wants to undo the last step instead of answering."""


async def _ask(terminal: Terminal, question: str) -> str:
    """An answer; `/undo` and `/quit` are understood at every question."""
    answer = await terminal.ask(question)
    if answer == "/undo":
        raise TakeBackError
    if answer in WORDS_THAT_END:
        raise EOFError
    return answer


async def confirm(terminal: Terminal, question: str) -> bool:
    """Whether the person says yes; nothing at all is a yes."""
    while True:
        answer = (await _ask(terminal, f"{question} [Y/n] ")).casefold()
        if answer in ("", "y", "yes"):
            return True
        if answer in ("n", "no"):
            return False
        terminal.tell("Answer with y or n.")


async def choose(terminal: Terminal, question: str, options: Sequence[str], *, new: str | None = None) -> str:
    """One of the options, by its number or its name; a name that is not among them if `new` is what it is called."""
    shown = [f"  {number}. {option}" for number, option in enumerate(options, start=1)]
    terminal.tell("\n".join(shown))
    hint = f" (a number, or the name of {new})" if new else " (a number, or a name)"
    while True:
        answer = await _ask(terminal, f"{question}{hint} ")
        if answer.isdecimal() and 1 <= int(answer) <= len(options):
            return options[int(answer) - 1]
        if answer in options or (new and answer and not answer.isdecimal()):
            return answer
        terminal.tell("That is none of them.")
