"""What a policy is: it looks at the moments of a conversation and says what it would do next."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from duologue.core.domain import Domain
from duologue.core.events import Event
from duologue.core.history import Moment
from duologue.core.state import State


class PolicyScene(msgspec.Struct, frozen=True, kw_only=True):
    """What policies see."""

    moments: tuple[Moment, ...]
    """Oldest first, the moment at hand last; see `core.history`."""
    is_whole: bool = True
    """The first of the moments is the session's first."""
    domain: Domain
    state: State
    """For what moments do not hold, such as the metadata of the message."""


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would do next."""

    action: str | None = None
    """Name of an action, response or form; None if the words themselves are the choice."""
    text: str | None = None
    """What to say, where an end-to-end story gives the words."""
    confidence: float = 1.0
    policy: str = ""
    priority: int = 1
    hide_rule_turn: bool = False
    """Stories need not know of this action: only rules have it."""
    is_end_to_end: bool | None = None
    """Whether words (true) or the intent (false) of the user's message counted; None if neither did."""
    is_no_user_prediction: bool = False
    """The user's message did not count: this follows from the action before."""
    events: tuple[Event, ...] = ()
    """Recorded before the action, whichever policy wins if `are_events_optional` is false."""
    are_events_optional: bool = True
    """Recorded only if this prediction wins."""


class Policy(Protocol):
    """One policy, trained. Keeps nothing between calls and is safe to use from several threads."""

    @property
    def name(self) -> str:
        """How events and logs name it: the name of its class in `config.yml`."""
        ...

    @property
    def priority(self) -> int:
        """Of two that are equally sure, the higher one wins."""
        ...

    def predict(self, scene: PolicyScene) -> Prediction | None:
        """What it would do; None if it has nothing to say."""
        ...

    def dump(self) -> Mapping[str, bytes]:
        """Everything it has learned, as files for the model archive; the same for the same training."""
        ...


class ActionChooser(Protocol):
    """All policies of an assistant together."""

    def choose(self, state: State, *, rejected: str | None = None) -> Prediction:
        """The prediction that wins; at worst to listen.

        Args:
            rejected: the action that has just declined to run; it is not chosen again.
        """
        ...
