"""Whether several processes can serve the same conversations."""

import logging

from duologue.adapters.lock_store.in_process import InProcessLockStore
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.ports.lock_store import LockStore
from duologue.ports.tracker_store import TrackerStore
from duologue.serving.errors import WorkersRefusedError

_log = logging.getLogger(__name__)


def check_sharing(tracker_store: TrackerStore, lock_store: LockStore, *, is_told: bool) -> None:
    """Refuse stores that keep each process's conversations apart; say (once) what locks of one process mean.

    Raises:
        WorkersRefusedError: a conversation would be known to one worker only.
    """
    if isinstance(tracker_store, InMemoryTrackerStore):
        raise WorkersRefusedError(
            "Several workers need a tracker store that they share, not one in memory: name another in endpoints.yml, "
            "such as `tracker_store: {type: sql}`, or leave --workers out."
        )
    if is_told and isinstance(lock_store, InProcessLockStore):
        _log.warning(
            "workers.locks_not_shared",
            extra={
                "finding": "Messages of one conversation that reach two workers at the same moment may be answered in "
                "either order (none is lost or doubled); name a lock store of type redis in endpoints.yml to keep them in order."
            },
        )
