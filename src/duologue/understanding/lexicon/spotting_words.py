"""Words that tell what a value beside them is, folded."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Between the name of a slot and its value: `order number is 4411`.
LEADS_TO_VALUE = _words(
    "number num no nr nummer numero id code is was be to of with ist lautet von # numéro e es est"
)
# Of a slot's name, these say nothing about which slot is meant.
EMPTY_NAME_WORDS = _words(
    "number num nr id code name type kind of the a new old current my user customer value info nummer art neue neuer neues"
)
PEOPLE_WORDS = _words(
    "people person persons rider riders guest guests adult adults passenger passengers traveller travellers traveler travelers participant "
    "participants diner diners attendee attendees visitor visitors seat seats ticket tickets pax leute personen gast gaste erwachsene "
    "teilnehmer passagiere personnes personas persone pessoas platze leuten gasten"
)
PEOPLE_SLOT_WORDS = PEOPLE_WORDS | _words("party group travellers headcount gaesteanzahl gaeste")
PLACE_SLOT_WORDS = _words(
    "city town place location region area country venue neighborhood neighbourhood district state stadt ort land ville ciudad citta "
    "cidade"
)
# Slots for a place that is described rather than named: `on the number 5 bus`.
SPOT_SLOT_WORDS = _words("place location spot where ort stelle lieu lugar luogo plaats local")
PLACE_NAME_WORDS = PLACE_SLOT_WORDS | _words("destination origin from to address where ziel herkunft adresse")
THING_SLOT_WORDS = _words(
    "article articles artikel book device dish drug food furniture gegenstand gegenstande gerat gericht goods item items meal "
    "medication medicine medikament object product products produkt produkte speise thing things ware"
)
AGE_WORDS = _words("age alter edad eta leeftijd idade")
# Of the two ends of a period.
START_WORDS = _words(
    "start from begin beginning pickup pick arrival checkin in depart departure leaving outbound first beginn anreise abholung von "
    "hinreise"
)
END_WORDS = _words(
    "end to until till return dropoff drop checkout out back inbound last ende abreise ruckgabe bis ruckreise"
)
# After `in`, no place.
NO_PLACES = _words(
    "person advance cash full general total order fact case addition particular time detail details summary euros dollars pounds "
    "english german stock store love need touch trouble charge control return ruhe bar zukunft future past morning afternoon evening "
    "meantime end"
)
GIVING_VERBS = _words(
    "send pay transfer give wire lend owe text sende schick schicke schicken uberweise uberweis uberweisen zahle zahl gib geben envoie "
    "envia paga invia stuur betaal"
)
