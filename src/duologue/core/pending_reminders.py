"""Which reminders of a conversation are still to come, after each event that sets or cancels one."""

from duologue.core.events import ReminderCancelled, ReminderScheduled
from duologue.core.reminders import Reminder, list_entities, parse_due_time

Reminders = tuple[Reminder, ...]


def schedule(reminders: Reminders, event: ReminderScheduled, number: int) -> Reminders:
    """The reminders with a new one, which takes the place of one of the same name."""
    name = event.name or f"#{number}"
    others = tuple(reminder for reminder in reminders if reminder.name != name)
    due_at = parse_due_time(event.date_time)
    if due_at is None:
        return others
    new = Reminder(
        name=name,
        intent=event.intent,
        due_at=due_at,
        entities=event.entities,
        kill_on_user_message=event.kill_on_user_message,
        number=number,
    )
    return (*others, new)


def cancel(reminders: Reminders, event: ReminderCancelled) -> Reminders:
    """The reminders without those that fit everything that the event names; if it names nothing, none."""
    return tuple(reminder for reminder in reminders if not _is_meant(reminder, event))


def _is_meant(reminder: Reminder, event: ReminderCancelled) -> bool:
    return (
        (not event.name or event.name == reminder.name)
        and (not event.intent or event.intent == reminder.intent)
        and (not event.entities or list_entities(event.entities) == list_entities(reminder.entities))
    )
