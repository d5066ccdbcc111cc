import logging
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duologue.core.templates import (
    TemplateError,
    check_jinja,
    render_jinja,
    render_jinja_data,
    render_name,
    render_plain,
    render_plain_data,
)

VALUES: dict[str, Any] = {
    "name": "Ada",
    "amount": 5.0,
    "city": None,
    "order-id": 7,
    "größe": "xl",
    "a.b": "dot",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello {name}, {amount} to {city}.", "Hello Ada, 5.0 to None."),
        ("{order-id} {größe} {a.b}", "7 xl dot"),
        ("no braces", "no braces"),
        ("/inform{{name}}", "/inform{name}"),
        ("{{{name}}}", "{Ada}"),
        ('/inform{{"name": "{name}"}}', '/inform{"name": "Ada"}'),
        ('/inform{"name": "x"}', '/inform{"name": "x"}'),
        ('/inform{"name": "{name}"}', '/inform{"name": "Ada"}'),
        ('{"a": {"b": "{name}"}}', '{"a": {"b": "Ada"}}'),
        ('{{"a": {{"b": 1}}}}', '{"a": {"b": 1}}'),
        ("a } stray { brace {name}", "a } stray { brace Ada"),
        ("{} {name}", "{} Ada"),
        ("function() {\n return {name};\n}", "function() {\n return Ada;\n}"),
    ],
)
def test_a_response_text_is_filled_with_values(text: str, expected: str) -> None:
    assert render_plain(text, VALUES) == expected


@pytest.mark.parametrize(
    "text", ["{0}", "{name.__class__}", "{amount:>1000000000}", "{name!r}", "{name[0]}", "{}", "{unknown}"]
)
def test_nothing_but_a_known_name_is_filled_in(text: str) -> None:
    assert render_plain(text, VALUES) == text


def test_an_unknown_name_stays_with_a_warning_and_the_others_are_filled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert render_plain("{greeting} {name}", VALUES) == "{greeting} Ada"
    assert [record.getMessage() for record in caplog.records] == ["template.unknown_name"]


def test_a_value_is_not_rendered_again() -> None:
    assert render_plain("{name}", {"name": "{city} {{x}}", "city": "Paris"}) == "{city} {{x}}"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="{}ab \n:\"'.!", max_size=30))
def test_no_text_with_braces_breaks_the_rendering(text: str) -> None:
    rendered = render_plain(text, {"a": "1"})
    assert rendered == text or "{" in text or "}" in text


def test_texts_deep_in_custom_data_are_filled_and_the_rest_stays() -> None:
    data = {"cards": [{"title": "{name}", "price": 5}, None], "{name}": True}
    assert render_plain_data(data, VALUES) == {"cards": [{"title": "Ada", "price": 5}, None], "{name}": True}
    assert render_jinja_data(["{{slots.name}}", 1], slots=VALUES) == ["Ada", 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear {{ slots.name }}", "Dear Ada"),
        ("{{slots.name}} owes {{context.sum}}\n", "Ada owes 5"),
        ("{{ slots.missing }}{{ context.missing.deep.deeper }}!", "!"),
        ("{% for item in context['list'] %}{{ loop.index }}.{{ item }} {% endfor %}", "1.a 2.b "),
        ("{% if slots.city is none %}where?{% endif %}", "where?"),
        ("{{ slots.items }}", "a slot"),
        ("{{ slots.items | upper }}", "A SLOT"),
        ("{# remark #}{{ slots.name | lower }}", "ada"),
        ("plain {text} }} %}", "plain {text} }} %}"),
    ],
)
def test_jinja_reads_slots_and_context(text: str, expected: str) -> None:
    slots = {"name": "Ada", "city": None, "items": "a slot"}
    assert render_jinja(text, slots=slots, context={"sum": 5, "list": ["a", "b"]}) == expected


@pytest.mark.parametrize(
    "pattern", ["{{{{ slots.{0} }}}}", "{{{{slots.{0}}}}}.\n", "\n{{{{ context.{0}}}}}\n\n"]
)
@pytest.mark.parametrize("name", ["text", "none", "number", "flag", "missing", "data"])
def test_the_short_way_for_plain_names_gives_what_jinja_gives(pattern: str, name: str) -> None:
    values = {"text": "<a & 'b'>", "none": None, "number": 5.0, "flag": True, "data": {"k": [1]}}
    text = pattern.format(name)
    with_jinja = render_jinja("{% if true %}" + "{% endif %}" + text, slots=values, context=values)
    assert render_jinja(text, slots=values, context=values) == with_jinja


def test_a_prompt_may_use_names_of_its_own() -> None:
    assert (
        render_jinja("{{ flows | length }} {{ slots.a }}", slots={"a": 1}, values={"flows": [1, 2]}) == "2 1"
    )


def test_the_name_of_a_step_may_depend_on_the_context() -> None:
    assert render_name("validate_{{context.collect}}", {}, {"collect": "amount"}) == "validate_amount"
    assert render_name("{{ context.utter }}", {}, {"utter": "utter_ask_amount"}) == "utter_ask_amount"
    assert render_name("utter_plain", {}, {}) == "utter_plain"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ slots.name.__class__.__mro__() }}", "unsafe"),
        ("{{ ''.__class__() }}", "unsafe"),
        ("{{ context.append(1) }}", "cannot be rendered"),
        ("{{ context['list'].append(1) }}", "unsafe|not safely"),
        ("{% for a in range(9000) %}{% for b in range(9000) %}{% endfor %}{% endfor %}", "more than 100000"),
        ("{% for a in range(9000) %}{{ 'x' * 900 }}{% endfor %}", "produces more than"),
        ("{{ ('x' * 999999999) | length }}", "too large"),
        ("{{ 9 ** 999999999 }}", "too large"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% include 'other' %}", "cannot be rendered"),
        ("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", "recursion"),
    ],
)
def test_a_runaway_or_unsafe_template_fails_with_a_sentence(text: str, reason: str) -> None:
    with pytest.raises(TemplateError, match=reason) as caught:
        render_jinja(text, slots={"name": "Ada"}, context={"list": []})
    assert "\n" not in str(caught.value)


def test_a_broken_template_is_found_before_it_is_rendered() -> None:
    with pytest.raises(TemplateError, match="cannot be read at its line 2"):
        check_jinja("fine\n{{ slots. }}")
    with pytest.raises(TemplateError, match="no_such_filter"):
        check_jinja("{{ slots.a | no_such_filter }}")


def test_core_and_plain_placeholders_do_without_loading_jinja() -> None:
    program = (
        "import sys; from duologue.core.templates import render_name\n"
        "assert render_name('validate_{{ context.collect }}', {}, {'collect': 'a'}) == 'validate_a'\n"
        "assert 'jinja2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
