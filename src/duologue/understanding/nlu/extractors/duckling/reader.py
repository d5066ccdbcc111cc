"""What reads values out of a text in Duckling's shape."""

from typing import Protocol

from duologue.core.values import OpenData

DIMENSIONS = (
    "amount-of-money",
    "credit-card-number",
    "distance",
    "duration",
    "email",
    "number",
    "ordinal",
    "phone-number",
    "quantity",
    "temperature",
    "time",
    "url",
    "volume",
)
"""Every kind of value."""


class DucklingReader(Protocol):
    """Reads values; safe to use from several threads."""

    def read(self, text: str, now: float) -> list[OpenData]:
        """What Duckling answers for the text: `body`, `start`, `end`, `dim`, `value`, `latent`; `now` in seconds."""
        ...
