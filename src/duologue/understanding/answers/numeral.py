"""Numbers written in digits: `1,234.56`, `1.234,56`, `2k`, `12,5`."""

import re
from collections.abc import Sequence

from duologue.understanding.answers.number_phrase import FoundNumber
from duologue.understanding.lexicon.number_words import SCALES
from duologue.understanding.text_features import normalise

_NUMERAL = re.compile(
    r"(?<![\w.,/])(?<!\d[-:])(?P<sign>[-+])?"
    r"(?P<digits>\d{1,3}(?:['.,]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?)"
    r"(?:(?P<scale>k|m|\s?(?:tsd|mio|mn|thousand|grand|million|tausend|millionen|mille?|mil)\b)(?![a-z]))?"
    r"(?![\w/]*[@\d]|[-/:]\d|[.,]\d)"
)
_POINT_DECIMAL_LANGUAGES = frozenset({"en"})


def find_numerals(text: str, *, languages: Sequence[str], is_money: bool = False) -> list[FoundNumber]:
    """Every number written in digits; parts of codes, dates and times are no numbers."""
    found: list[FoundNumber] = []
    for match in _NUMERAL.finditer(normalise(text)):
        value = parse_digits(match["digits"], languages=languages, is_money=is_money)
        if match["scale"]:
            value *= SCALES[match["scale"].strip()]
        elif _runs_into_letters(text, match.end()):
            continue
        found.append(FoundNumber(-value if match["sign"] == "-" else value, match.span()))
    return found


def _runs_into_letters(text: str, end: int) -> bool:
    # `50eur` and `50€` are amounts, `5th` and `5pm` are something else; money is checked by its own recogniser.
    return (
        end < len(text)
        and text[end].isalpha()
        and not text[end:].lower().startswith(("eur", "usd", "gbp", "chf", "x"))
    )


def parse_digits(digits: str, *, languages: Sequence[str], is_money: bool = False) -> float:
    """The value of a digit group, its separators read as the first language writes them; money has no thousandths."""
    digits = digits.replace("'", "")
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        decimal = max(comma, point)
        whole = re.sub(r"[.,]", "", digits[:decimal])
        return float(f"{whole}.{digits[decimal + 1 :]}")
    separator = max(comma, point)
    if separator < 0:
        return float(digits)
    mark = digits[separator]
    if digits.count(mark) > 1 or _is_thousands_mark(digits, separator, languages, is_money):
        return float(digits.replace(mark, ""))
    return float(digits.replace(mark, "."))


def _is_thousands_mark(digits: str, separator: int, languages: Sequence[str], is_money: bool) -> bool:
    if len(digits) - separator - 1 != 3 or digits.startswith("0"):
        return False
    if is_money:
        return True
    thousands_mark = "," if not languages or languages[0] in _POINT_DECIMAL_LANGUAGES else "."
    return digits[separator] == thousands_mark
