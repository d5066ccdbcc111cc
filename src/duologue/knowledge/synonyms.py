"""Words that users and authors use for the same thing: what one says and the other writes."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from duologue.knowledge.words import base_language, list_terms

# One group a line. Only words that stand for one another in a question about how things are.
_GROUPS: dict[str, str] = {
    "en": """
        price cost fee charge tariff expensive
        free gratis complimentary
        car vehicle auto automobile
        home house homeowner
        phone telephone
        email mail
        lost missing stolen
        buy purchase order
        deliver ship dispatch
        parcel package
        refund reimburse repay
        cancel terminate revoke
        begin start
        end finish expire
        cheap lower reduce discount save
        rise increase raise
        change modify update edit
        fix repair mend
        broken damaged defective faulty
        job career vacancy
        parking park garage
        kids children child
        pet dog cat animal
        doctor physician
        allow permit
        minimum least
        maximum limit
        payee recipient beneficiary
        login signin
        photo picture image
        holiday vacation
        bill invoice
    """,
    "de": """
        preis kosten gebühr tarif teuer
        kostenlos gratis umsonst
        auto wagen fahrzeug pkw
        wohnung haus zuhause
        telefon handy
        mail email
        verloren gestohlen weg
        kaufen bestellen
        liefern lieferung versand verschicken
        paket päckchen
        rückgabe zurückgeben retoure umtausch
        erstattung erstatten rückzahlung
        kündigen kündigung stornieren storno
        günstig rabatt sparen ermäßigung
        erhöhen steigen
        ändern anpassen
        reparieren reparatur
        kaputt beschädigt defekt
        parken parkplatz garage
        kinder kind
        hund katze haustier tier
        arzt ärztin
        öffnungszeit geöffnet offen
        rechnung faktura
        urlaub ferien
    """,
}


@lru_cache(maxsize=16)
def read_synonyms(languages: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    """Stem → the stems that stand for the same thing; empty for a language that has no table."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for language in languages:
        for line in _GROUPS.get(base_language(language), "").splitlines():
            group = list_terms(line, languages)
            for term in group:
                found[term].update(group)
    return {term: frozenset(others - {term}) for term, others in found.items()}
