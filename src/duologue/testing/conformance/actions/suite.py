"""Hold every promise against a server."""

import asyncio
import time
from collections.abc import Sequence
from enum import StrEnum

from duologue.testing.conformance.actions.behaviour_checks import BEHAVIOUR_CHECKS
from duologue.testing.conformance.actions.check import Check, Part
from duologue.testing.conformance.actions.door import Door, MismatchError, Transport, UnreachableError
from duologue.testing.conformance.actions.extension_checks import EXTENSION_CHECKS, STREAMING
from duologue.testing.conformance.actions.protocol_checks import PROTOCOL_CHECKS
from duologue.testing.conformance.actions.report import Finding, Report, Verdict
from duologue.testing.conformance.actions.streaming_checks import STREAMING_CHECKS

CHECKS = (*PROTOCOL_CHECKS, *BEHAVIOUR_CHECKS, *STREAMING_CHECKS, *EXTENSION_CHECKS)
CHECK_SECONDS = 60.0
"""After this long, a check is given up and the promise counts as broken."""


class Level(StrEnum):
    """How much is asked."""

    BASIC = "basic"
    """What holds for every server."""
    FULL = "full"
    """That, the reference actions, and what the server announces."""


def find_checks(level: Level, transport: Transport) -> tuple[Check, ...]:
    """The checks of a level that a transport can make."""
    return tuple(
        check
        for check in CHECKS
        if transport in check.transports and (level is Level.FULL or check.part is Part.PROTOCOL)
    )


async def run_suite(doors: Sequence[Door], level: Level = Level.FULL) -> Report:
    """Try everything, one check after the other; where nobody answers, one finding says so."""
    findings: list[Finding] = []
    for door in doors:
        for check in find_checks(level, door.transport):
            findings.append(await try_check(check, door))
            if findings[-1].is_unreachable:
                break
    return Report(findings=tuple(findings))


async def try_check(check: Check, door: Door) -> Finding:
    """Try one promise; a check that the server cannot be held to is skipped with the reason."""
    started = time.monotonic()
    verdict, reason, is_unreachable = Verdict.KEPT, "", False
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            reason = await _find_obstacle(check, door)
            if reason:
                verdict = Verdict.SKIPPED
            else:
                await check.run(door)
    except MismatchError as error:
        verdict, reason = Verdict.BROKEN, str(error)
        is_unreachable = isinstance(error, UnreachableError)
    except TimeoutError:
        verdict, reason = Verdict.BROKEN, f"This takes more than {CHECK_SECONDS:g} s."
    seconds = round(time.monotonic() - started, 3)
    return Finding(
        check=check.name,
        part=check.part,
        transport=door.transport,
        verdict=verdict,
        reason=reason,
        seconds=seconds,
        is_unreachable=is_unreachable,
    )


async def _find_obstacle(check: Check, door: Door) -> str:
    """Why the server is not held to this; empty if it is."""
    features = (
        await door.find_features() if check.feature or check.part is Part.STREAMING else frozenset[str]()
    )
    if check.feature and check.feature not in features:
        return f"The server does not announce {check.feature}."
    if check.part is Part.STREAMING and STREAMING not in features and not await door.can_stream():
        return "The server does not stream."
    if check.actions and (missing := set(check.actions) - set(await door.list_actions())):
        return f"The server does not list {', '.join(sorted(missing))}."
    return ""
