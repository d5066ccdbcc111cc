"""A server process whose turns last until it gets SIGUSR1; it says on stdout what happens."""

import asyncio
import signal
import sys

from duologue.core.messages import BotMessage, UserMessage
from duologue.server.options import ServerOptions
from duologue.server.serve import run_server
from tests.http.scripted_assistant import ScriptedAssistant


class WaitingAssistant(ScriptedAssistant):
    async def close(self) -> None:
        print("closed", flush=True)


async def open_assistant() -> WaitingAssistant:
    may_go_on = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, may_go_on.set)

    async def answer(message: UserMessage) -> tuple[BotMessage, ...]:
        if message.text == "wait":
            print("begun", flush=True)
            await may_go_on.wait()
        return (BotMessage(text="Done."),)

    return WaitingAssistant(answer)


if __name__ == "__main__":
    run_server(
        open_assistant,
        ServerOptions(
            interface="127.0.0.1",
            port=0,
            is_page_shown=True,
            drain_seconds=float(sys.argv[1]) if sys.argv[1:] else 0,
        ),
        lambda url: print(url, flush=True),
    )
