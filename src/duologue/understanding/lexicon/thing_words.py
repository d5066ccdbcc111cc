"""Words around the names of things, folded."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS: dict[str, frozenset[str]] = {
    "en": _words("a an the my our your his her their this that these those some another"),
    "de": _words(
        "ein eine einen einem einer der die das den dem mein meine meinen meinem meiner unser unsere unseren dieser diese dieses diesen diesem"
    ),
    "fr": _words("un une le la les mon ma mes notre nos ce cet cette ces"),
    "es": _words("un una el la los las mi mis nuestro nuestra este esta ese esa"),
    "it": _words("un una uno il la lo i gli le mio mia questo questa"),
    "nl": _words("een de het mijn onze ons deze dit die dat"),
    "pt": _words("um uma o a os as meu minha nosso nossa este esta esse essa"),
}
PLACE_PREPOSITIONS = _words(
    "in on at to from with by into onto under over near behind after before since during within for about through against without "
    "in im an am auf aus bei mit nach von vom zu zum zur uber unter vor seit fur dans sur avec chez en con por para su per met op van voor com"
)
LOOKING = _words("looking look search searching ask asking after rid suche suchen frage")
PIECES = _words("pair piece bottle box pack set couple bag cup glass")
# Heads that name nothing one could hand over.
NO_THINGS = _words(
    "money cash funds time way problem issue question help information thing things stuff one ones reason price refund number name size colour color "
    "day week month year moment minute second bit lot kind sort rest deal idea fact case end start beginning middle account card email mail phone address "
    "man woman person people guy friend mother father mum mom dad wife husband son daughter brother sister boss family child kid bot assistant "
    "geld zeit problem frage hilfe grund preis nummer name grosse farbe tag woche monat jahr moment konto karte mensch frau mann sohn tochter mutter vater familie"
)
