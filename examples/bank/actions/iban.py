"""International bank account numbers: reading, checking, showing."""

import re

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def parse_iban(text: str) -> str | None:
    """The number without spaces, or None if it is not an IBAN or its check digits are wrong."""
    iban = re.sub(r"[\s.-]", "", text).upper()
    return iban if _SHAPE.fullmatch(iban) and _remainder(iban) == 1 else None


def format_iban(iban: str) -> str:
    """The number in groups of four, as it stands on paper."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def german_iban(bank_code: str, account_number: int) -> str:
    """The IBAN of an account at a German bank."""
    account = f"{bank_code}{account_number:010d}"
    return f"DE{98 - _remainder(f'DE00{account}'):02d}{account}"


def _remainder(iban: str) -> int:
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    return int(digits) % 97
