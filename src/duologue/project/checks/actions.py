"""Custom actions: names that do not clash, and code that is there."""

from duologue.project.checks.subject import Subject

_MOST_NAMED = 5


def check_actions(subject: Subject) -> None:
    """Check the actions that the domain declares."""
    for name in subject.domain.actions:
        if name.startswith("utter_"):
            subject.problems.warn(
                subject.place_of("action", name),
                f"`{name}` is listed under `actions`, but there is no such response.",
                "Define the response, or give the action another name.",
            )
    _check_code(subject)


def _check_code(subject: Subject) -> None:
    custom = [name for name in subject.domain.actions if not name.startswith("utter_")]
    if not custom or subject.has_code:
        return
    named = ", ".join(f"`{name}`" for name in custom[:_MOST_NAMED])
    more = f" and {len(custom) - _MOST_NAMED} more" if len(custom) > _MOST_NAMED else ""
    subject.problems.warn(
        subject.place_of("action", custom[0]),
        f"There is no action code in `actions/` or `actions.py`, but the domain declares {named}{more}.",
        "Add the code, or run it on an action server named in `endpoints.yml`.",
    )
