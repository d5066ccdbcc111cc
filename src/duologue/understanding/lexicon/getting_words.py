"""How people ask for a thing rather than about one, and how flows are called that give it, by language: folded."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# `I'd like an appointment`: the whole message, with one noun of up to three words.
GETTING: dict[str, str] = {
    "en": r"(?:hi|hello|hey|please|so|ok|okay|well|yes)?\W*(?:(?:i|we)(?:'d| would)? (?:like|want|need|require)(?: to (?:have|get))?|(?:can|could|may) (?:i|we) (?:have|get)|give me|get me|(?:i'm|we're|i am|we are) (?:looking for|after))\s+(?:an?|another|some|one)\s+(?:new\s+)?\w+(?:\s\w+){0,2}(?: please)?\W*",
    "de": r"(?:hallo|hi|bitte|also|ja)?\W*(?:(?:ich|wir) (?:hatten?|mochten?|brauchen?|brauchten?|will|wollen|wurden?)(?: gerne?)?|(?:kann|konnte|konnten) (?:ich|wir)|gib mir|geben sie mir)\s+(?:bitte )?(?:ein(?:e|en)?|noch ein(?:e|en)?)\s+(?:neue[ns]?\s+)?\w+(?:\s\w+)?(?: (?:haben|bitte))?\W*",
    "fr": r"(?:je (?:voudrais|veux|souhaite)|j'aimerais|il me faut)\s+(?:avoir )?(?:une?|des)\s+\w+(?:\s\w+){0,2}\W*",
    "es": r"(?:quiero|quisiera|necesito|me gustaria)\s+(?:tener )?(?:una?|otr[oa])\s+\w+(?:\s\w+){0,2}\W*",
    "it": r"(?:vorrei|voglio|mi serve|ho bisogno di)\s+(?:avere )?(?:una?|uno|un altr[oa])\s+\w+(?:\s\w+){0,2}\W*",
    "nl": r"ik (?:wil|zou|heb)(?: graag)?\s+(?:een|nog een)\s+\w+(?:\s\w+){0,2}\W*",
    "pt": r"(?:quero|queria|gostaria de|preciso de)\s+(?:ter )?(?:uma?|outr[oa])\s+\w+(?:\s\w+){0,2}\W*",
}

GIVING_FLOWS: dict[str, frozenset[str]] = {
    "en": _words(
        "book make create order get open request schedule add apply buy new arrange reserve start register take out"
    ),
    "de": _words(
        "buchen vereinbaren machen erstellen bestellen eroffnen beantragen anlegen kaufen reservieren neu neue neuen anmelden"
    ),
    "fr": _words("prendre reserver creer commander ouvrir demander acheter nouveau nouvelle"),
    "es": _words("reservar pedir crear abrir solicitar comprar nuevo nueva hacer"),
    "it": _words("prenotare creare ordinare aprire richiedere comprare nuovo nuova"),
    "nl": _words("boeken maken bestellen openen aanvragen kopen nieuw nieuwe reserveren"),
    "pt": _words("reservar marcar criar pedir abrir solicitar comprar novo nova"),
}

# Names of flows that end what was made: `end a policy`.
ENDING_FLOWS: dict[str, frozenset[str]] = {
    "en": frozenset(
        [
            "cancel",
            "end",
            "stop",
            "terminate",
            "remove",
            "delete",
            "close",
            "drop",
            "quit",
            "return",
            "unsubscribe",
        ]
    ),
    "de": frozenset(
        [
            "stornieren",
            "absagen",
            "kündigen",
            "kundigen",
            "beenden",
            "löschen",
            "loschen",
            "entfernen",
            "abbestellen",
            "zurückgeben",
            "abmelden",
        ]
    ),
    "fr": frozenset(["annuler", "résilier", "resilier", "supprimer", "arrêter", "arreter"]),
    "es": frozenset(["cancelar", "anular", "eliminar", "terminar"]),
    "it": frozenset(["annullare", "cancellare", "eliminare", "disdire"]),
    "nl": frozenset(["annuleren", "opzeggen", "verwijderen", "beëindigen"]),
    "pt": frozenset(["cancelar", "anular", "remover", "encerrar"]),
}
