"""Languages: codes that exist, and translations for each of them."""

import re

from duologue.core.domain import Variation
from duologue.project.checks.subject import Subject
from duologue.project.places import Place, below
from duologue.project.problems import Problems, Spot
from duologue.project.project_reader import ProjectReading

# BCP 47 without extensions and variants, which no assistant needs; `x-…` is private use.
_CODE = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?(?:-x(?:-[A-Za-z0-9]{1,8})+)?|x(?:-[A-Za-z0-9]{1,8})+"
)


def check_languages(subject: Subject) -> None:
    """Check the language codes, and that translations are for languages of the assistant."""
    config = subject.definition.config
    spot = subject.place_of("config")
    for key, code in (
        ("language", config.language),
        *(("additional_languages", code) for code in config.additional_languages),
    ):
        if not _CODE.fullmatch(code):
            subject.problems.error(
                below(spot, key),
                f"`{code}` is not a language code.",
                "Write one such as `en`, `de-CH` or `x-en-formal`.",
            )
    if config.language in config.additional_languages:
        subject.problems.error(
            below(spot, "additional_languages"),
            f"`{config.language}` is already the `language` of the assistant.",
        )
    if len(set(config.additional_languages)) < len(config.additional_languages):
        subject.problems.error(below(spot, "additional_languages"), "A language is listed twice.")
    _check_strays(subject)


def validate_translations(reading: ProjectReading) -> Problems:
    """What is not translated into every additional language, as warnings."""
    problems = Problems()
    if reading.definition is None:
        return problems
    languages = reading.definition.config.additional_languages
    for name, variations in reading.own_domain.responses.items():
        place = reading.places.find("response", name)
        for position, variation in enumerate(variations):
            if place is not None:
                _note_gaps(problems, name, variation, place.at(position), languages)
    for flow in reading.definition.flows:
        place = reading.places.find("flow", flow.id)
        missing = [language for language in languages if language not in flow.translations]
        if place is not None and missing and not flow.is_pattern:
            problems.warn(
                place,
                f"The name of the flow `{flow.id}` is not translated into {', '.join(missing)}.",
                "Add `translation`.",
            )
    return problems


def _note_gaps(
    problems: Problems, name: str, variation: Variation, place: Place, languages: tuple[str, ...]
) -> None:
    missing = [language for language in languages if variation.text and language not in variation.translation]
    if missing:
        problems.warn(
            place, f"A text of `{name}` is not translated into {', '.join(missing)}.", "Add `translation`."
        )
    for position, button in enumerate(variation.buttons):
        missing = [language for language in languages if language not in button.translation]
        if missing:
            problems.warn(
                place.at("buttons", position),
                f"The button `{button.title}` of `{name}` is not translated into {', '.join(missing)}.",
                "Add `translation`.",
            )


def _check_strays(subject: Subject) -> None:
    config = subject.definition.config
    known = {config.language, *config.additional_languages}
    for name, variations in subject.reading.own_domain.responses.items():
        used = {language for variation in variations for language in variation.translation}
        used |= {
            language
            for variation in variations
            for button in variation.buttons
            for language in button.translation
        }
        _warn_strays(subject, used - known, subject.place_of("response", name), f"`{name}`")
    for flow in subject.own_flows:
        _warn_strays(
            subject,
            set(flow.translations) - known,
            subject.place_of("flow", flow.id),
            f"The flow `{flow.id}`",
        )


def _warn_strays(subject: Subject, strays: set[str], spot: Spot, what: str) -> None:
    if strays:
        subject.problems.warn(
            spot,
            f"{what} is translated into {', '.join(sorted(strays))}, which the assistant does not speak.",
            "Add it to `additional_languages` in the configuration.",
        )
