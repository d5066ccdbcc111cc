"""What stands in the details of a status that is not OK: `{"action_name": …, "message": …, "resource_type": …}`."""

from typing import Literal

import msgspec

Resource = Literal["ACTION", "DOMAIN"]


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why an action was not run: with NOT_FOUND a resource is missing, with INTERNAL the action declined."""

    action_name: str
    message: str
    resource_type: Resource | None = None


def format_failure(failure: Failure) -> str:
    """The failure as details."""
    return msgspec.json.encode(failure).decode()


def find_failure(details: str | None) -> Failure | None:
    """The failure in the details; None if they are something else, such as words of a proxy."""
    try:
        return msgspec.json.decode((details or "").encode(errors="replace"), type=Failure)
    except (msgspec.MsgspecError, RecursionError):
        return None
