"""Numbers written as words, by language: folded morphemes and their values."""


def _table(text: str) -> dict[str, int]:
    return {word: int(value) for word, value in (pair.split("=") for pair in text.split())}


NUMBER_WORDS: dict[str, dict[str, int]] = {
    "en": _table(
        "zero=0 nought=0 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 thirteen=13 "
        "fourteen=14 fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 twenty=20 thirty=30 forty=40 fourty=40 fifty=50 "
        "sixty=60 seventy=70 eighty=80 ninety=90 hundred=100 thousand=1000 grand=1000 million=1000000 dozen=12"
    ),
    "de": _table(
        "null=0 ein=1 eins=1 eine=1 einen=1 einem=1 einer=1 zwei=2 zwo=2 zweit=2 dritt=3 viert=4 funft=5 sechst=6 siebt=7 drei=3 vier=4 funf=5 fuenf=5 sechs=6 sieben=7 acht=8 neun=9 zehn=10 elf=11 "
        "zwolf=12 zwoelf=12 dreizehn=13 vierzehn=14 funfzehn=15 fuenfzehn=15 sechzehn=16 siebzehn=17 achtzehn=18 neunzehn=19 zwanzig=20 dreissig=30 "
        "vierzig=40 funfzig=50 fuenfzig=50 sechzig=60 siebzig=70 achtzig=80 neunzig=90 hundert=100 tausend=1000 million=1000000 "
        "millionen=1000000 dutzend=12"
    ),
    "fr": _table(
        "zero=0 un=1 une=1 deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 treize=13 quatorze=14 quinze=15 seize=16 "
        "vingt=20 vingts=20 trente=30 quarante=40 cinquante=50 soixante=60 septante=70 huitante=80 nonante=90 cent=100 cents=100 mille=1000 "
        "million=1000000 millions=1000000"
    ),
    "es": _table(
        "cero=0 un=1 uno=1 una=1 dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12 trece=13 catorce=14 quince=15 "
        "dieciseis=16 diecisiete=17 dieciocho=18 diecinueve=19 veinte=20 veintiuno=21 veintiun=21 veintidos=22 veintitres=23 veinticuatro=24 "
        "veinticinco=25 veintiseis=26 veintisiete=27 veintiocho=28 veintinueve=29 treinta=30 cuarenta=40 cincuenta=50 sesenta=60 setenta=70 "
        "ochenta=80 noventa=90 cien=100 ciento=100 doscientos=200 doscientas=200 trescientos=300 trescientas=300 cuatrocientos=400 "
        "quinientos=500 seiscientos=600 setecientos=700 ochocientos=800 novecientos=900 mil=1000 millon=1000000 millones=1000000"
    ),
    "it": _table(
        "zero=0 un=1 uno=1 una=1 due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9 dieci=10 undici=11 dodici=12 tredici=13 quattordici=14 "
        "quindici=15 sedici=16 diciassette=17 diciotto=18 diciannove=19 venti=20 vent=20 trenta=30 trent=30 quaranta=40 quarant=40 cinquanta=50 "
        "cinquant=50 sessanta=60 sessant=60 settanta=70 settant=70 ottanta=80 ottant=80 novanta=90 novant=90 cento=100 cent=100 mille=1000 "
        "mila=1000 milione=1000000 milioni=1000000"
    ),
    "nl": _table(
        "nul=0 een=1 twee=2 drie=3 vier=4 vijf=5 zes=6 zeven=7 acht=8 negen=9 tien=10 elf=11 twaalf=12 dertien=13 veertien=14 vijftien=15 zestien=16 "
        "zeventien=17 achttien=18 negentien=19 twintig=20 dertig=30 veertig=40 vijftig=50 zestig=60 zeventig=70 tachtig=80 negentig=90 "
        "honderd=100 duizend=1000 miljoen=1000000"
    ),
    "pt": _table(
        "zero=0 um=1 uma=1 dois=2 duas=2 tres=3 quatro=4 cinco=5 seis=6 sete=7 oito=8 nove=9 dez=10 onze=11 doze=12 treze=13 catorze=14 quatorze=14 "
        "quinze=15 dezesseis=16 dezasseis=16 dezessete=17 dezassete=17 dezoito=18 dezenove=19 dezanove=19 vinte=20 trinta=30 quarenta=40 "
        "cinquenta=50 sessenta=60 setenta=70 oitenta=80 noventa=90 cem=100 cento=100 duzentos=200 duzentas=200 trezentos=300 quatrocentos=400 "
        "quinhentos=500 seiscentos=600 setecentos=700 oitocentos=800 novecentos=900 mil=1000 milhao=1000000 milhoes=1000000"
    ),
}

# Words between two parts of one number.
NUMBER_LINKS: dict[str, frozenset[str]] = {
    "en": frozenset({"and"}),
    "de": frozenset({"und"}),
    "fr": frozenset({"et"}),
    "es": frozenset({"y"}),
    "it": frozenset({"e"}),
    "nl": frozenset({"en"}),
    "pt": frozenset({"e"}),
}

# Also articles or pronouns: a number only when nothing else could be meant.
ARTICLE_LIKE: dict[str, frozenset[str]] = {
    "en": frozenset({"one"}),
    "de": frozenset({"ein", "eine", "einen", "einem", "einer"}),
    "fr": frozenset({"un", "une"}),
    "es": frozenset({"un", "una", "uno"}),
    "it": frozenset({"un", "uno", "una"}),
    "nl": frozenset({"een"}),
    "pt": frozenset({"um", "uma"}),
}

# Languages that write a number as one word, and those that say the unit before the ten.
GLUED_LANGUAGES = frozenset({"de", "it", "nl"})
UNITS_FIRST_LANGUAGES = frozenset({"de", "nl"})

HALVES: dict[str, float] = {
    "anderthalb": 1.5,
    "eineinhalb": 1.5,
    "zweieinhalb": 2.5,
    "dreieinhalb": 3.5,
    "viereinhalb": 4.5,
}

DECIMAL_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset({"point"}),
    "de": frozenset({"komma"}),
    "fr": frozenset({"virgule"}),
    "es": frozenset({"coma"}),
    "it": frozenset({"virgola"}),
    "nl": frozenset({"komma"}),
    "pt": frozenset({"virgula"}),
}

# After digits: `2k`, `3 million`.
SCALES: dict[str, int] = {
    "k": 1000,
    "tsd": 1000,
    "thousand": 1000,
    "grand": 1000,
    "tausend": 1000,
    "mil": 1000,
    "mill": 1000,
    "mille": 1000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "mio": 1_000_000,
    "million": 1_000_000,
    "millionen": 1_000_000,
}
