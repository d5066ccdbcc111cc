"""The telling words of a text, without their endings: what a question and a passage are compared by."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WIDE_SCRIPT = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_LONGEST_WORD = 40


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Grammar, politeness and the frame of a question, folded; what a question is about is never among them.
_ORDINARY: dict[str, frozenset[str]] = {
    "en": _words(
        "a about after again all also always am an and any anyone anything are as ask at be been before being between both but by can cannot "
        "cant come could did didnt do define definition does doesnt doing dont describe during each else every exactly explain file find for from get gets getting "
        "give given go going gonna got had happen happens has have having he hello help her here hers hey hi him his how i "
        "id if im in into is it its itself ive just kind know later learn let like look made make many may maybe me mean meaning means "
        "might mine more most much must my myself need no nor not now of off offer offers offered oh ok okay on once one only onto or other our ours "
        "out over own please possible provide provides quick question rather really regarding say see shall she should so some someone something "
        "sort sure take tell than thank thanks that thats the their theirs them then there these they thing things this those "
        "to too under understand up us use used using very want wanted wants was way we well were what whatis whats when where "
        "whether which while who whom whose why will with without wonder wondering work works would you your yours"
    ),
    "de": _words(
        "ab aber alle allem allen aller alles als also am an andere auch auf aus bei beim bin bis bist bitte da dabei damit danke "
        "dann das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein "
        "eine einem einen einer eines eigentlich er erklar erklaren erklare es etwa etwas euch euer eure fragen frage fur ganz gar gehen geht genau gern "
        "gerne gibt gib hab habe haben hallo hat hatte hatten hier ich ihm ihn ihnen ihr ihre ihrem ihren im immer in ins ist ja "
        "jede jeden jeder jedes jemand jetzt kann kannst kein keine keinen konnen konnt konnte konnten lang lange lassen mach mache machen "
        "macht mal man mehr mein meine meinem meinen meiner mich mir mit mochte mochten mogen muss mussen nach nein nicht nichts "
        "noch nun nur ob oder ohne sag sagen schon sehr seid sein seine sich sie sind so soll sollte sollen sondern sonst tun "
        "uber um und uns unser unsere unter vom von vor wann war ware waren warum was welche welchem welchen welcher welches wem "
        "wen wenn wer werde werden wie wieso wieviel will willst wir wird wirklich wissen wo wohin wollen wollte worum wurde "
        "wurden zu zum zur bedeutet heisst"
    ),
    "fr": _words(
        "a ai ainsi alors as au aux avec avez avoir avons bien bonjour ca car ce cela ces cet cette chez combien comme comment "
        "d dans de des dire dites donc dont du elle elles en entre es est et etes etre eu faire fait faut il ils j je l la le les "
        "leur leurs lui m ma mais me merci mes moi mon n ne nos notre nous on ont ou par pas peut peux peuvent plus pour pourquoi "
        "pouvez puis qu quand que quel quelle quelles quels qui quoi s sa sans savoir se ses si son sont sous suis sur t ta te "
        "tes toi ton tout tous toute toutes tres tu un une veux voudrais vos votre vous y c"
    ),
    "es": _words(
        "a al algo alguna alguno ante antes aqui asi aun bien buenas buenos cada como con cual cuales cuando cuanta cuantas cuanto "
        "cuantos de decir del desde dime donde e el ella ellas ellos en entre era es esa ese eso esta estan estar este esto estos "
        "estoy favor fue gracias gustaria ha hace hacer haces hay he hola la las le les lo los mas me mi mis mucho muy nada ni no "
        "nos nosotros o os otra otro para pero poder por porque puede pueden puedes puedo que quien quiero quisiera saber se sea "
        "ser si sin sobre son soy su sus tal tambien te tengo tiene tienen toda todas todo todos tu tus un una unas uno unos usted y ya yo"
    ),
    "it": _words(
        "a ad ai al alla alle anche avere avete che chi ci ciao come con cosa cosi cui da dal dalla dalle degli dei del della delle "
        "dello di dire dove e ed era esse essere fa fare favore fra gli grazie ha hai hanno ho i il in io la le lei li lo loro lui "
        "ma mai me mi mia mie miei mio molto ne nei nel nella no noi non nostra nostro o ogni per perche piu po posso potete puo "
        "puoi qual quale quali quando quanta quante quanti quanto quello questa queste questi questo sapere se sei si sia siamo "
        "siete sono su sua sue sul sulla suo suoi tra tu tua tuo tutti tutto un una uno vi voglio voi vorrei vostra vostro"
    ),
    "nl": _words(
        "aan al alle als altijd ben bij bent daar dan dat de deze die dit doe doen doet door dus een eens en er ga gaan gaat geen "
        "gewoon graag had hallo heb hebben hebt heeft hem het hier hij hoe hoeveel hun iemand iets ik in is ja je jij jou jouw jullie "
        "kan kom komt kun kunnen kunt maar mag me meer mij mijn moet moeten naar nee niet niets nog nu of om omdat ons onze ook op "
        "over per te tegen toch toe tot u uit uw van vaak veel voor waar waarom wanneer want waren was wat we wel welk welke werd "
        "weten wie wij wil willen worden wordt zal ze zeggen zich zij zijn zo zonder zou zouden"
    ),
    "pt": _words(
        "a ainda algum alguma ao aos as ate boa bom cada com como da das de dela dele deles desde do dos e ela elas ele eles em "
        "entre era essa esse esta estao estar estas este estou eu faco favor faz fazer foi gostaria ha isso isto ja la lhe mais mas "
        "me mesmo meu meus minha minhas muito na nao nas nem no nos nossa nosso num numa o obrigada obrigado ola onde os ou para "
        "pela pelas pelo pelos por porque posso pode podem preciso qual quais quando quanta quanto quantos que quem quero saber se "
        "seja sem ser seu seus sim sobre sou sua suas tambem te tem tenho ter teu toda todas todo todos tu tua um uma umas uns voce voces"
    ),
}
_IRREGULAR: dict[str, str] = dict(
    pair.split(":")
    for pair in _list(
        "bought:buy lost:lose paid:pay sent:send sold:sell spent:spend stole:steal stolen:steal theft:steal broke:break "
        "broken:break children:child flew:fly flown:fly held:hold kept:keep left:leave met:meet people:person written:write "
        "wrote:write drove:drive driven:drive chose:choose chosen:choose geklaut:gestohlen bezahlt:bezahlen verloren:verlieren"
    )
)
_ENDINGS: dict[str, tuple[str, ...]] = {
    "en": _list(
        "ations ation ments ment ances ance ages age ings ing ers er ies ied ed ibles ables ible able ly es al e s y"
    ),
    "de": _list("ungen ung lich em en er es et st e n s t"),
}
_OTHER_ENDINGS = _list(
    "aciones acion azioni azione acoes acao ations ation amento imento amente mente ements ement ments ment ados adas ado ada "
    "idos ido endo ando heden heid ions ion ant ent ees ee es os as er ar ir re ez en s e a o i t"
)
_SHORTEST_ROOT = 3
_SHORTEST_PARTICIPLE = 7


def list_terms(text: str, languages: tuple[str, ...], *, all_words: bool = False) -> list[str]:
    """The stems of the telling words of a text, in order; with `all_words` those of the others too."""
    ordinary = frozenset[str]() if all_words else list_ordinary(languages)
    language = base_language(languages[0]) if languages else "en"
    terms: list[str] = []
    for written in _WORD.findall(text):
        word = fold(written[:_LONGEST_WORD])
        if word in ordinary:
            continue
        if not word.isascii() and _WIDE_SCRIPT.search(word):
            # Scripts written without spaces: pairs of characters stand in for words.
            terms.extend(word[index : index + 2] for index in range(max(1, len(word) - 1)))
        elif len(word) > 1 or not word.isalpha():
            terms.append(stem(word, language))
    return terms


@lru_cache(maxsize=32_768)
def fold(word: str) -> str:
    """A word without case, accents and what an apostrophe parts from it."""
    plain = word.replace("’", "'").casefold()
    if "'" in plain:
        head, _, tail = plain.partition("'")
        # `driver's` is driver, `l'assurance` is assurance, `don't` is dont.
        plain = (
            head if len(tail) <= 2 < len(head) and tail != "t" else tail if len(head) <= 2 else head + tail
        )
    if plain.isascii():
        return plain
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=32_768)
def stem(word: str, language: str) -> str:
    """A folded word without its endings; rough, but the same for the forms of a word."""
    word = _IRREGULAR.get(word, word)
    if not word.isalpha():
        return word
    if language == "en":
        # `transferring` and `transfers` meet only after the second ending is gone.
        return _strip(_strip(word, _ENDINGS["en"]), _ENDINGS["en"])
    if (
        language == "de"
        and word.startswith("ge")
        and word.endswith(("t", "en"))
        and len(word) >= _SHORTEST_PARTICIPLE
    ):
        word = word[2:]
    return _strip(word, _ENDINGS.get(language, _OTHER_ENDINGS))


def _strip(word: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        root = word.removesuffix(ending)
        if root == word or len(root) < _SHORTEST_ROOT or (ending == "s" and root[-1] in "su"):
            continue
        if len(root) < len(ending) or (len(root) == _SHORTEST_ROOT and len(ending) > 1 and ending != "ing"):
            continue
        is_doubled = len(root) > _SHORTEST_ROOT and root[-1] == root[-2] and root[-1] not in "aeiousz"
        return root[:-1] if is_doubled else root
    return word


@lru_cache(maxsize=32)
def list_ordinary(languages: tuple[str, ...]) -> frozenset[str]:
    """Words of these languages that tell nothing of what a question is about, folded."""
    tables = [_ORDINARY[base] for language in languages if (base := base_language(language)) in _ORDINARY]
    return frozenset[str]().union(*(tables or [_ORDINARY["en"]]))


def base_language(language: str) -> str:
    """`en-GB` is English."""
    return language.replace("_", "-").partition("-")[0].casefold()
