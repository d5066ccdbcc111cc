"""Where messages enter the assistant: counts the turns under way and turns newcomers away while closing."""

from collections.abc import Callable

from duologue.core.messages import UserMessage
from duologue.dialogue.turn import Deliver, TurnReport
from duologue.server.errors import TurnTimeoutError
from duologue.server.served_assistant import ServedAssistant
from duologue.serving.admission import Admission
from duologue.serving.errors import CutOffError, ServerClosingError

ReportListener = Callable[[TurnReport], None]


class Reception(Admission):
    """The only way from a route to the assistant."""

    def __init__(
        self, assistant: ServedAssistant, *, seconds: float, listeners: tuple[ReportListener, ...] = ()
    ) -> None:
        super().__init__(seconds=seconds)
        self.assistant = assistant
        self._listeners = listeners

    async def handle(self, message: UserMessage, deliver: Deliver | None = None) -> TurnReport:
        """Run a turn; the listeners hear of it once it is stored.

        Raises:
            ServerClosingError: the server takes no new message.
            TurnTimeoutError: the turn took too long and was cut off.
        """
        async with self.admit():
            report = await self.assistant.handle(message, deliver)
        for listener in self._listeners:
            listener(report)
        return report

    def describe_refusal(self) -> ServerClosingError:
        return ServerClosingError("The server is shutting down; send the message again in a moment.")

    def describe_cut(self) -> CutOffError:
        return CutOffError("The server is shutting down before the turn was done; send the message again.")

    def describe_timeout(self, seconds: float) -> TurnTimeoutError:
        return TurnTimeoutError(f"No answer within {seconds:g} seconds; the turn was cut off.")
