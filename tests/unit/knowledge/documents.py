"""Documents for tests of questions and answers."""

from collections.abc import Sequence

from duologue.core.documents import Document
from duologue.core.search_options import SearchOptions
from duologue.knowledge.extraction import Extract, extract_answer
from duologue.knowledge.passage_index import PassageIndex
from duologue.knowledge.passages import cut_documents

LIBRARY = Document(
    source="library.md",
    text="""\
# The town library

## Opening hours
We are open from Tuesday to Saturday, 10 to 18 o'clock. On Mondays the house is closed.

## Borrowing
Books may be kept for four weeks, films for one week. You can renew a loan twice unless somebody has reserved the title.

## Fees
- Late return: 50 cents for each day
- Lost card: 5 euros for a new one
- Photocopies: 10 cents a page
- Reservations cost nothing
- Films from other libraries: 2 euros

## Rooms
Study rooms are free of charge. Up to six people fit into one.
""",
)
FAQ = Document(
    source="faq.txt",
    text="""\
TITLE: Questions that readers ask

Q: What is an interlibrary loan?
A: An interlibrary loan is a book that we fetch for you from another town. It takes about a week.

Q: Why would I need to block my card?
A: If your card is lost or stolen, somebody else could borrow in your name.

Q: How do I get a card?
A: Come to the desk with your passport. These people pay nothing:
Children and students
Teachers and librarians
Guests of the town
Everybody over 65
Members of the friends' association
""",
)
GERMAN = Document(
    source="laden.md",
    text="""\
# Unser Laden

## Öffnungszeiten
Von Montag bis Freitag sind wir von 9 bis 18 Uhr da.

## Lieferung
Die Lieferung dauert zwei Werktage, z. B. von Montag bis Mittwoch. Ab 50 Euro ist der Versand kostenlos.
""",
)


def build_index(*documents: Document, language: str = "en") -> PassageIndex:
    return PassageIndex(cut_documents(documents or (LIBRARY, FAQ)), (language,))


def ask(question: str, *documents: Document, language: str = "en") -> Extract | None:
    """What the documents themselves answer."""
    index = build_index(*documents, language=language)
    terms = index.weigh(question)
    return extract_answer(question, terms, index.search(terms, 10), index)


def quote(question: str, *documents: Document, language: str = "en") -> str | None:
    extract = ask(question, *documents, language=language)
    return extract and extract.text


def options(**given: object) -> SearchOptions:
    return SearchOptions(**given)  # type: ignore[arg-type]


def texts_of(passages: Sequence[object]) -> list[str]:
    return [passage.text for passage in passages]  # type: ignore[attr-defined]
