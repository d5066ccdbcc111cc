"""Which kind of answer a slot expects, guessed from how its author wrote it."""

import re
from enum import StrEnum

from duologue.understanding.lexicon.spotting_words import PLACE_NAME_WORDS
from duologue.understanding.text_features import fold_in_place, split_identifier


class AnswerKind(StrEnum):
    """What the answer to a question looks like."""

    YES_NO = "yes_no"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    TIME = "time"
    EMAIL = "email"
    PHONE = "phone"
    IDENTIFIER = "identifier"
    PERSON_NAME = "person_name"
    CHOICE = "choice"
    FREE_TEXT = "free_text"


_MONEY = r"amounts?|money|price|cost|budget|sum|fee|salary|income|payment amount|euros?|dollars?|betrag|summe|preis|geld|kosten|gehalt|budget|einkommen|montant|somme|importe|importo|cantidad|bedrag|prix|precio|prezzo|prijs|preco|dinero|argent"
_ID_NOUN = (
    r"account|card|claim|policy|order|customer|client|member(?:ship)?|contract|invoice|booking|reservation|ticket|tracking|passport|license|licence|"
    r"reference|ref|serial|case|confirmation|routing|tax|insurance|iban|sort|zip|post(?:al)?|konto|karten|vertrags|kunden|rechnungs|bestell|buchungs|schadens?|policen"
)
_ADDRESS = re.compile(
    r"\b(?:address|street|road|strasse|anschrift|wohnort|hausnummer|house number)\b|\b(?:\w+)?adresse\b|\b\w+strasse\b"
)
# In the order of trust: the first that fits a text decides.
_KINDS: tuple[tuple[AnswerKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (AnswerKind.EMAIL, r"\be ?-?mail(?: ?address|adresse)?s?\b|\bmail(?:adresse)?$"),
        (AnswerKind.PHONE, r"\b(?:call ?back|contact) (?:phone )?(?:number|nummer)\b|\b(?:tele)?phone\b|\bmobile(?: number)?\b|\bcell ?phone\b|\btelefon(?:nummer)?\b|\bhandy(?:nummer)?\b|\brufnummer\b"),
        (
            AnswerKind.IDENTIFIER,
            rf"\b(?:{_ID_NOUN}) (?:num(?:ber)?s?|nr|no|id|code|ids)\b|\b(?:iban|bic|swift|ssn|postcode|zipcode|zip|plz|postleitzahl|username|handle|pin|otp|isbn|vin|id|uuid|identifier)\b|"
            r"\b\w*(?:konto|karten|vertrags|kunden|rechnungs|bestell|buchungs|schaden|schadens|policen|ausweis|steuer|referenz)nummer\b|\b(?:one.time|verification|security|access) code\b|\bbenutzername\b|\blicen[sc]e plate\b|\b(?:number )?plate$|\bkennzeichen\b|\b(?!house|phone|mobile|street|contact|call ?back|fax|port|hausnummer|telefonnummer)\w+ (?:number|nummer|code|id|nr|ref|registration)$|^(?:code|registration)$",
        ),
        (AnswerKind.NUMBER, r"\b(?:number|amount|count|quantity|anzahl|menge|zahl) (?:of|der|von|an) (?!money|us|euros?|dollars?|pounds?|cash)\w+|\bhow many\b|\bwie ?viele\b|\bnum (?!ber)\w+|\b(?:quantity|anzahl|age|alter)\b"),
        (AnswerKind.AMOUNT, rf"\b(?:{_MONEY})\b|\bhow much\b|\bwie ?viel\b"),
        (AnswerKind.DATE, r"\b(?:fecha|data de|data del|dia de)\b|\b(?:date|datum|birthday|birthdate|geburtstag|geburtsdatum|dob|deadline|weekday|wann)\b|\w+datum\b|\b(?:which|what) day\b|\b(?:welcher|welchem|welchen) tag\b"),
        (AnswerKind.TIME, r"\b(?:time of|arrival time|start time|end time|uhrzeit|o'clock|what time)\b|\b(?:incident|appointment|booking|departure|pickup|delivery|meeting|reservation) time\b|\btime$|^(?:time|zeit)\b"),
        (
            AnswerKind.PERSON_NAME,
            r"\b(?:payee|recipient|beneficiary|receiver|contact|person|first|last|full|sur|family|user|customer|guest|patient|passenger|owner|your)'?s? names?\b|\bnames? of (?:a|the|your)? ?(?:person|payee|recipient|beneficiary|contact|customer|user|friend|guest)\b|"
            r"\b(?:beneficiaire|destinataire|beneficiari[oa]|destinatari[oa]|ontvanger|begunstigde)\b|\b(?:nom|nombre|nome|naam) (?:du|de la|de|del|della|do|da|van) (?:\w+ )?(?:beneficiaire|destinataire|client|patient|persona|personne|beneficiari[oa]|destinatari[oa]|cliente|paziente|ontvanger|klant)\b|\b(?:payee|recipient|beneficiary|empfa(?:e)?nger(?:in)?|zahlungsempfanger(?:in)?|surname|firstname|lastname|vorname|nachname)\b|^(?:name|person)$|\b(?!theater|theatre|cinema|category|subcategory|policy|product|item|file|event|city|town|street|plan|movie|film|song|album|artist|company|shop|store|project|book|course|hotel|restaurant|medicine|drug|medication|brand|model|place|venue|bank|school|flow|team|game|show)\w+ name$|\byour name\b|\b(?:ihr|dein|ihren|deinen) name\b",
        ),
    )
)  # fmt: skip
_YES_NO = re.compile(
    r"\byes or no\b|\byes/no\b|\btrue or false\b|\bja oder nein\b|\bconfirmation from the user\b"
)
_PROSE = re.compile(
    r"\b(?:note|comment|reason|purpose|description|describe|details|message|free text|what happened|feedback|complaint|issue|problem|instructions?|additional info(?:rmation)?|notiz|grund|beschreibung|verwendungszweck|nachricht)\b"
)


def guess_answer_kind(
    slot_type: str, name: str, *, description: str = "", question: str = "", has_choices: bool = False
) -> AnswerKind:
    """The kind of a slot's answer: its type decides where it can, then its name, its description, the question."""
    match slot_type:
        case "bool":
            return AnswerKind.YES_NO
        case "categorical":
            return AnswerKind.CHOICE
        case "float":
            return _numeric_kind(name, description, question)
        case _ if has_choices:
            return AnswerKind.CHOICE
        case _:
            return _text_kind(name, description, question)


def expects_prose(name: str, description: str = "", question: str = "") -> bool:
    """Whether free text for this slot is a sentence of its own: a reason, a note, a description."""
    return any(
        _PROSE.search(text) for text in (_words(name), fold_in_place(description), fold_in_place(question))
    )


def _numeric_kind(name: str, description: str, question: str) -> AnswerKind:
    for text in (_words(name), fold_in_place(description), fold_in_place(question)):
        kind = _kind_of(text)
        if kind is AnswerKind.AMOUNT or kind is AnswerKind.NUMBER:
            return kind
    return AnswerKind.NUMBER


def _text_kind(name: str, description: str, question: str) -> AnswerKind:
    spoken_name, said = _words(name), fold_in_place(description)
    if _YES_NO.search(said):
        return AnswerKind.YES_NO
    if _PROSE.search(spoken_name):
        return AnswerKind.FREE_TEXT
    if kind := _kind_of(spoken_name):
        return kind
    if _ADDRESS.search(spoken_name):
        return AnswerKind.FREE_TEXT
    if _PROSE.search(said):
        return AnswerKind.FREE_TEXT
    if kind := _kind_of(said):
        return kind
    # A place is asked for in many words; `which day and where to?` is about more than one slot.
    is_place = not PLACE_NAME_WORDS.isdisjoint(split_identifier(name))
    return (None if is_place else _kind_of(fold_in_place(question))) or AnswerKind.FREE_TEXT


def _kind_of(text: str) -> AnswerKind | None:
    if not text:
        return None
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), None)


def _words(name: str) -> str:
    return " ".join(split_identifier(name))
