"""What a server does beside its turns: timers, and jobs with a time-table."""

import logging

from duologue.ports.clock import Clock, SystemClock
from duologue.project.endpoints import Endpoints
from duologue.runtime.assistant import Assistant
from duologue.runtime.retention import Retention
from duologue.runtime.scheduled_jobs import ScheduledJob, ScheduledJobs
from duologue.runtime.timers import Timers

DELETION = "delete conversations"
"""Name of the job; the same in every release, since stores remember its runs by it."""

_log = logging.getLogger(__name__)


def prepare_background(assistant: Assistant, endpoints: Endpoints, clock: Clock | None = None) -> None:
    """Give the assistant what the endpoints ask for; it begins with `assistant.start()`."""
    clock = clock or SystemClock()
    assistant.run_beside(Timers(assistant, clock))
    jobs = _list_jobs(assistant, endpoints, clock)
    if jobs:
        assistant.run_beside(ScheduledJobs(jobs, assistant.tracker_store, clock))
    if endpoints.timer_store is not None:
        _log.info("timer_store.not_needed", extra={"reason": "timers are stored with their conversations"})


def _list_jobs(assistant: Assistant, endpoints: Endpoints, clock: Clock) -> list[ScheduledJob]:
    deletion = endpoints.privacy.deletion
    if deletion is None:
        return []
    if not assistant.domain.session.session_expiration_minutes > 0:
        _log.warning(
            "retention.sessions_never_expire",
            extra={"reason": "only conversations that were ended on purpose are deleted"},
        )
    retention = Retention(
        assistant.tracker_store,
        assistant.delete_if,
        domain=assistant.domain,
        clock=clock,
        minutes=deletion.min_after_session_end,
    )
    return [ScheduledJob(name=DELETION, cron=deletion.cron, run=retention.run)]
