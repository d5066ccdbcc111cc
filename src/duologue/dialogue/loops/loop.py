"""Which actions are loops, and running one."""

from duologue.core.domain import Domain
from duologue.core.events import Event
from duologue.dialogue.loops.action_host import ActionHost
from duologue.dialogue.loops.form import FormRun
from duologue.dialogue.loops.two_stage_fallback import TWO_STAGE_FALLBACK, run_two_stage_fallback
from duologue.dialogue.turn import Turn


def is_loop(name: str, domain: Domain) -> bool:
    """Whether the action is a form or the two-stage fallback, and not one of the project's own of that name."""
    return name not in domain.custom_actions and (name in domain.forms or name == TWO_STAGE_FALLBACK)


async def run_loop(name: str, turn: Turn, host: ActionHost) -> tuple[Event, ...]:
    """One round of a loop: what is recorded after its `ActionExecuted`.

    An `ActionRejected` among the events means that the project refused the round itself; the rest still counts.

    Raises:
        ActionRejectedError: the message has nothing for the loop.
    """
    if name == TWO_STAGE_FALLBACK:
        return await run_two_stage_fallback(turn, host)
    return await FormRun(host.domain.forms[name], turn, host).run()
