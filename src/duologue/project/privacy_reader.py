"""`privacy` of `endpoints.yml` is read: how long conversations are kept."""

import math

from cronsim import CronSim, CronSimError

from duologue.core.values import OpenData
from duologue.ports.clock import to_datetime
from duologue.project.endpoints import ConversationDeletion, Privacy
from duologue.project.fields import Fields, number_of

_PRIVACY_KEYS = ("tracker_store_settings", "rules")
_STORE_KEYS = ("anonymization", "deletion")
_SCHEDULE_KEYS = ("min_after_session_end", "cron")
_CRON_FIELDS = 5


def read_privacy(fields: Fields) -> Privacy:
    """The block of an endpoints file; what is wrong with it becomes problems."""
    if not fields.has("privacy"):
        return Privacy()
    privacy = fields.child("privacy")
    privacy.warn_unknown(_PRIVACY_KEYS, "`privacy`")
    store = privacy.child("tracker_store_settings")
    store.warn_unknown(_STORE_KEYS, "`tracker_store_settings`")
    anonymization = _read_schedule(store, "anonymization")
    deletion = _read_schedule(store, "deletion")
    _warn_of_what_is_not_done(privacy, store)
    if anonymization is not None and deletion is not None:
        _check_order(store, anonymization, deletion)
    options: OpenData = privacy.data
    return Privacy(deletion=deletion, options=options)


def _warn_of_what_is_not_done(privacy: Fields, store: Fields) -> None:
    for fields, key in ((store, "anonymization"), (privacy, "rules")):
        if fields.has(key):
            fields.problems.warn(
                fields.place.at(key),
                f"`{key}` is not done yet: conversations are kept as they were said.",
                "Keep them for a shorter time with `deletion`.",
            )


def _read_schedule(store: Fields, key: str) -> ConversationDeletion | None:
    if not store.has(key):
        return None
    schedule = store.child(key)
    schedule.warn_unknown(_SCHEDULE_KEYS, f"`{key}`")
    minutes = _read_minutes(schedule, key)
    cron = _read_cron(schedule, key)
    if minutes is None or cron is None:
        return None
    return ConversationDeletion(min_after_session_end=minutes, cron=cron)


def _read_minutes(schedule: Fields, key: str) -> float | None:
    if not schedule.has("min_after_session_end"):
        schedule.problems.error(
            schedule.place,
            f"`{key}` needs `min_after_session_end`, the minutes after the end of a session.",
        )
        return None
    minutes = number_of(schedule.data["min_after_session_end"])
    if minutes is None or not math.isfinite(minutes) or minutes < 0:
        schedule.refuse("min_after_session_end", "must be a number of minutes, 0 or more")
        return None
    return minutes


def _read_cron(schedule: Fields, key: str) -> str | None:
    cron = schedule.text("cron")
    if cron is None:
        if not schedule.has("cron"):
            schedule.problems.error(
                schedule.place, f"`{key}` needs `cron`.", 'Each night at three is `cron: "0 3 * * *"`.'
            )
        return None
    if not _is_cron(cron):
        schedule.refuse(
            "cron", "must be a cron expression of five fields (minute, hour, day, month, weekday; in UTC)"
        )
        return None
    return cron


def _is_cron(text: str) -> bool:
    if len(text.split()) != _CRON_FIELDS:
        return False
    try:
        next(CronSim(text, to_datetime(0)))
    except (CronSimError, StopIteration):
        return False
    return True


def _check_order(store: Fields, anonymization: ConversationDeletion, deletion: ConversationDeletion) -> None:
    if deletion.min_after_session_end <= anonymization.min_after_session_end:
        store.problems.error(
            store.place.at("deletion", "min_after_session_end"),
            "`deletion` comes before `anonymization`, or at the same time, so nothing is left to anonymise.",
            "Give `deletion` more minutes.",
        )
    if deletion.cron == anonymization.cron:
        store.problems.error(
            store.place.at("deletion", "cron"),
            "`deletion` and `anonymization` have the same `cron`.",
            "Let them run at different times.",
        )
