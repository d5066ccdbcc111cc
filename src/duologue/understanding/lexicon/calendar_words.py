"""Words of dates and times, folded, by language."""

MONTHS: dict[str, int] = {
    "january": 1, "jan": 1, "januar": 1, "janner": 1,
    "february": 2, "feb": 2, "februar": 2,
    "march": 3, "mar": 3, "marz": 3, "maerz": 3, "mrz": 3,
    "april": 4, "apr": 4,
    "may": 5, "mai": 5,
    "june": 6, "jun": 6, "juni": 6,
    "july": 7, "jul": 7, "juli": 7,
    "august": 8, "aug": 8,
    "september": 9, "sept": 9, "sep": 9,
    "october": 10, "oct": 10, "oktober": 10, "okt": 10,
    "november": 11, "nov": 11,
    "december": 12, "dec": 12, "dezember": 12, "dez": 12,
}  # fmt: skip

# Monday is 0, as in the standard library.
WEEKDAYS: dict[str, int] = {
    "monday": 0, "mon": 0, "montag": 0,
    "tuesday": 1, "tue": 1, "tues": 1, "dienstag": 1,
    "wednesday": 2, "wed": 2, "mittwoch": 2,
    "thursday": 3, "thu": 3, "thur": 3, "thurs": 3, "donnerstag": 3,
    "friday": 4, "fri": 4, "freitag": 4,
    "saturday": 5, "sat": 5, "samstag": 5, "sonnabend": 5,
    "sunday": 6, "sun": 6, "sonntag": 6,
}  # fmt: skip

# Days from today.
RELATIVE_DAYS: dict[str, int] = {
    "day after tomorrow": 2, "the day after tomorrow": 2, "day before yesterday": -2, "the day before yesterday": -2,
    "tomorrow": 1, "tmrw": 1, "tommorow": 1, "tomorow": 1, "tommorrow": 1, "yesterday": -1, "today": 0, "tonight": 0, "this evening": 0,
    "this morning": 0, "this afternoon": 0, "last night": -1, "yesterday morning": -1, "yesterday afternoon": -1, "yesterday evening": -1,
    "tomorrow morning": 1, "tomorrow afternoon": 1, "tomorrow evening": 1, "tomorrow night": 1,
    "letzte nacht": -1, "gestern abend": -1, "gestern nacht": -1, "gestern fruh": -1, "heute abend": 0, "heute fruh": 0, "heute mittag": 0,
    "heute nachmittag": 0, "morgen mittag": 1, "morgen nachmittag": 1,
    "ubermorgen": 2, "uebermorgen": 2, "vorgestern": -2, "gestern": -1, "heute": 0,
    "morgen fruh": 1, "morgen abend": 1, "morgen": 1,
}  # fmt: skip

NOW_WORDS: tuple[str, ...] = (
    "right now",
    "right away",
    "straight away",
    "immediately",
    "as soon as possible",
    "asap",
    "now",
    "sofort",
    "jetzt",
    "gleich",
)

# Length of a unit: days, or months where days would be wrong.
DAY_UNITS: dict[str, int] = {
    "day": 1,
    "days": 1,
    "week": 7,
    "weeks": 7,
    "tag": 1,
    "tage": 1,
    "tagen": 1,
    "woche": 7,
    "wochen": 7,
}
MONTH_UNITS: dict[str, int] = {
    "month": 1, "months": 1, "year": 12, "years": 12, "monat": 1, "monate": 1, "monaten": 1, "jahr": 12, "jahre": 12, "jahren": 12,
}  # fmt: skip

NEXT_WORDS = frozenset(
    {
        "next",
        "coming",
        "following",
        "upcoming",
        "nachste",
        "nachsten",
        "nachster",
        "nachstes",
        "nachstem",
        "kommende",
        "kommenden",
        "kommender",
        "kommendes",
    }
)
LAST_WORDS = frozenset(
    {
        "last",
        "past",
        "previous",
        "letzte",
        "letzten",
        "letzter",
        "letztes",
        "letztem",
        "vergangene",
        "vergangenen",
    }
)
THIS_WORDS = frozenset({"this", "diese", "diesen", "dieser", "dieses", "diesem"})

ORDINAL_WORDS: dict[str, int] = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17,
    "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "twenty-first": 21, "twenty-second": 22, "twenty-third": 23,
    "twenty-fourth": 24, "twenty-fifth": 25, "twenty-sixth": 26, "twenty-seventh": 27, "twenty-eighth": 28, "twenty-ninth": 29,
    "thirtieth": 30, "thirty-first": 31,
    "ersten": 1, "erster": 1, "erste": 1, "erstes": 1, "zweiten": 2, "zweite": 2, "zweiter": 2, "zweites": 2, "dritten": 3, "dritte": 3,
    "dritter": 3, "drittes": 3, "vierten": 4, "vierte": 4, "funften": 5, "funfte": 5, "sechsten": 6, "sechste": 6, "siebten": 7, "achten": 8,
    "neunten": 9, "zehnten": 10, "elften": 11, "zwolften": 12, "funfzehnten": 15, "zwanzigsten": 20, "dreissigsten": 30,
}  # fmt: skip

MORNING_WORDS = frozenset({"morning", "am", "a.m", "a.m.", "morgens", "vormittags", "fruh", "vormittag"})
EVENING_WORDS = frozenset(
    {
        "afternoon",
        "evening",
        "night",
        "pm",
        "p.m",
        "p.m.",
        "tonight",
        "nachmittags",
        "abends",
        "abend",
        "nachmittag",
        "nachts",
    }
)

PARTS_OF_DAY: dict[str, str] = {
    "noon": "12:00", "midday": "12:00", "midnight": "00:00", "mittags": "12:00", "mittag": "12:00", "mitternacht": "00:00",
}  # fmt: skip

# Other words for a part of the day, by the part's name.
DAY_PART_PHRASES: dict[str, tuple[str, ...]] = {
    "morning": (
        "before lunch",
        "before noon",
        "early in the day",
        "first thing",
        "a.m.",
        "vormittag",
        "before midday",
    ),
    "afternoon": (
        "after lunch",
        "after noon",
        "end of the day",
        "later in the day",
        "late in the day",
        "p.m.",
        "after midday",
    ),
    "evening": ("after work", "after dinner", "late in the evening", "tonight", "at night"),
    "vormittag": ("morgens", "fruh", "vor dem mittag", "vor mittag"),
    "vormittags": ("morgens", "fruh", "vor dem mittag", "vor mittag"),
    "nachmittag": ("nach dem mittag", "nach dem essen", "nach mittag"),
    "nachmittags": ("nach dem mittag", "nach dem essen", "nach mittag"),
    "abend": ("nach der arbeit", "nach feierabend"),
    "abends": ("nach der arbeit", "nach feierabend"),
}
