"""Words for units of money, time and measure, as the plain reader knows them."""

from collections.abc import Mapping


def _spell(table: str) -> Mapping[str, str]:
    """Lines of `unit: spelling spelling …`."""
    pairs = (line.partition(":") for line in table.strip().splitlines())
    return {word: unit.strip() for unit, _, words in pairs for word in words.split()}


MONEY = _spell("""
EUR: € euro euros eur
USD: usd
$: $ dollar dollars dólar dólares dollaro dollari
GBP: £ gbp
£: pound pounds pfund
JPY: ¥ yen jpy
CHF: chf franken
INR: ₹ inr rupee rupees
cent: cent cents ¢
""")
DURATION = _spell("""
second: second seconds sec secs sekunde sekunden seconde secondes segundo segundos secondo secondi seconden
minute: minute minutes min mins minuten minuto minutos minuti minuut
hour: hour hours hr hrs stunde stunden heure heures hora horas ora ore uur
day: day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen
week: week weeks woche wochen semaine semaines semana semanas settimana settimane weken
month: month months monat monate monaten mois mes meses mese mesi mês maand maanden
year: year years jahr jahre jahren an ans année années año años anno anni ano anos jaar
""")
SECONDS: Mapping[str, int] = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_592_000,
    "year": 31_536_000,
}
DISTANCE = _spell("""
metre: m meter meters metre metres metro metros metri mètre mètres
kilometre: km kms kilometer kilometers kilometre kilometres kilómetro kilómetros chilometro chilometri
centimetre: cm centimeter centimeters centimetre centimetres
mile: mile miles meile meilen
foot: ft foot feet
inch: inch inches
yard: yard yards
""")
VOLUME = _spell("""
litre: l liter liters litre litres litro litros litri
millilitre: ml milliliter milliliters millilitre millilitres
gallon: gallon gallons
""")
WEIGHT = _spell("""
gram: g gram grams gramm gramme grammes gramo gramos grammo grammi
kilogram: kg kilo kilos kilogram kilograms kilogramm
pound: lb lbs
ounce: oz ounce ounces
cup: cup cups tasse tassen
""")
TEMPERATURE = _spell("""
celsius: °c celsius
fahrenheit: °f fahrenheit
degree: ° degree degrees grad degrés grados gradi
""")
NUMBER_WORDS: Mapping[str, Mapping[str, int]] = {
    "de": {"ein": 1, "eine": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6}
    | {"sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "zwanzig": 20, "hundert": 100},
    "en": {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
    | {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16}
    | {"seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
    | {"sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000},
    "es": {
        "uno": 1,
        "dos": 2,
        "tres": 3,
        "cuatro": 4,
        "cinco": 5,
        "seis": 6,
        "siete": 7,
        "ocho": 8,
        "nueve": 9,
    }
    | {"diez": 10, "once": 11, "doce": 12, "veinte": 20, "cien": 100, "mil": 1000},
    "fr": {
        "deux": 2,
        "trois": 3,
        "quatre": 4,
        "cinq": 5,
        "six": 6,
        "sept": 7,
        "huit": 8,
        "neuf": 9,
        "dix": 10,
    }
    | {"onze": 11, "douze": 12, "vingt": 20, "cent": 100, "mille": 1000},
    "it": {"due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "sette": 7, "otto": 8, "nove": 9}
    | {"dieci": 10, "undici": 11, "dodici": 12, "venti": 20, "cento": 100, "mille": 1000},
    "nl": {
        "twee": 2,
        "drie": 3,
        "vier": 4,
        "vijf": 5,
        "zes": 6,
        "zeven": 7,
        "acht": 8,
        "negen": 9,
        "tien": 10,
    }
    | {"elf": 11, "twaalf": 12, "twintig": 20, "honderd": 100, "duizend": 1000},
    "pt": {
        "dois": 2,
        "duas": 2,
        "três": 3,
        "quatro": 4,
        "cinco": 5,
        "seis": 6,
        "sete": 7,
        "oito": 8,
        "nove": 9,
    }
    | {"dez": 10, "onze": 11, "doze": 12, "vinte": 20, "cem": 100, "mil": 1000},
}
ORDINAL_WORDS: Mapping[str, int] = {
    word: place
    for place, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
        start=1,
    )
}
