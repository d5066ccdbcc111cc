"""One conversation between a person at a terminal and an assistant."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence

import click
from msgspec.structs import replace

from duologue.core.errors import StorageUnavailableError
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, Button, ReplyPiece, UserMessage
from duologue.runtime.assistant import Assistant
from duologue.wire.encoding import encode_json

WORDS_THAT_END = {"/quit", "/exit", "/stop"}
CHANNEL_NAME = "cmdline"

ReadLine = Callable[[], Awaitable[str]]
"""The next line; raises EOFError at the end."""


async def talk(assistant: Assistant, conversation_id: str) -> None:
    """Read, answer, print, until the person leaves."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if is_terminal:
        click.echo("Write a message. A number presses a button, /quit ends.\n")
    read_line = _make_prompt() if is_terminal else PipedLines(sys.stdin.fileno()).read_line
    buttons: tuple[Button, ...] = ()
    while True:
        try:
            text = (await read_line()).strip()
        except (EOFError, KeyboardInterrupt):
            return
        if text in WORDS_THAT_END:
            return
        if text:
            buttons = await _take_turn(assistant, conversation_id, press_button(text, buttons))


async def _take_turn(assistant: Assistant, conversation_id: str, text: str) -> tuple[Button, ...]:
    """Print the replies as they are said; the buttons that are now on offer."""
    offered: list[Button] = []

    async def show(reply: BotMessage | ReplyPiece) -> None:
        if isinstance(reply, ReplyPiece):
            if not reply.is_last:
                click.echo(reply.message.text or "", nl=False)
                return
            click.echo()
            reply = replace(reply.message, text=None)
        for line in format_reply(reply, first_number=len(offered) + 1):
            click.echo(line)
        offered.extend(reply.buttons)

    message = UserMessage(conversation_id=ConversationId(conversation_id), text=text, channel=CHANNEL_NAME)
    try:
        await assistant.handle(message, show)
    except StorageUnavailableError as error:
        click.echo(f"Not stored, so nothing happened: {error}", err=True)
    return tuple(offered)


def press_button(text: str, buttons: Sequence[Button]) -> str:
    """The payload of the button with that number; any other text stays as it is."""
    if text.isdecimal() and 1 <= int(text) <= len(buttons):
        return buttons[int(text) - 1].payload or buttons[int(text) - 1].title
    return text


def format_reply(reply: BotMessage, *, first_number: int = 1) -> Iterator[str]:
    """A reply as lines of text; what a terminal cannot show is named."""
    if reply.text:
        yield reply.text
    for number, button in enumerate(reply.buttons, first_number):
        yield f"  {number}. {button.title}"
    if reply.image:
        yield f"[image] {reply.image}"
    for name, part in (("attachment", reply.attachment), ("custom", reply.custom)):
        if part:
            yield f"[{name}] {encode_json(part).decode()}"
    for element in reply.elements:
        yield f"[element] {encode_json(element).decode()}"


def _make_prompt() -> ReadLine:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.patch_stdout import patch_stdout

    session: PromptSession[str] = PromptSession()

    async def read_line() -> str:
        with patch_stdout():
            return await session.prompt_async("› ")

    return read_line


class PipedLines:
    """Lines of a pipe or a file. Waits on the event loop, not in a thread, which Ctrl-C could not end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""

    async def read_line(self) -> str:
        """The next line, without its end."""
        while b"\n" not in self._rest:
            await self._wait_until_readable()
            chunk = os.read(self._descriptor, 65536)
            if not chunk and not self._rest:
                raise EOFError
            self._rest += chunk or b"\n"
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("utf-8", "replace")

    async def _wait_until_readable(self) -> None:
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        try:
            loop.add_reader(self._descriptor, readable.set)
        except PermissionError:
            # A file can always be read, and the event loop does not watch it.
            return
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self._descriptor)
