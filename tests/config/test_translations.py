"""Both catalogues say everything the code says, in the same shape, and are compiled as they are written."""

import gettext
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.db.models import Choices
from django.utils import translation
from django.utils.translation.template import templatize

import accounting.states
import billing.states
import core.states
import projects.states
from config.navigation import BOOKS, SECTIONS

APPS = ("accounting", "billing", "core", "projects")
LANGUAGES = [code for code, _name in settings.LANGUAGES if not code.startswith("en")]
ROOT = Path(settings.BASE_DIR)
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|\{\w+\}")
LONGEST_LABEL = 24
SAME_EVERYWHERE = {"BIC", "IBAN", "SHA-256"}
KEYWORDS: dict = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


def source_of(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def catalogue(language: str) -> Catalog:
    with source_of(language).open("rb") as file:
        return read_po(file)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def key(message: Message) -> tuple[str | None, str]:
    return message.context, forms(message.id)[0]


def spoken(file: io.BufferedIOBase) -> dict:
    translated = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[arg-type]
    del translated[""]
    return translated


def marked() -> Iterator[tuple[Path, str | None, str]]:
    """What is marked for translation: where, in which context, and the text (of plurals the singular)."""
    for package in (*APPS, "config"):
        for path in (ROOT / package).rglob("*.py"):
            yield from found(path, path.read_text())
    # Pages, and the texts of mails.
    for path in (one for one in (ROOT / "templates").rglob("*.*") if one.suffix in (".html", ".txt")):
        # What is not marked is blanked out; what is left of its indentation would mislead the reader.
        lines = templatize(path.read_text()).splitlines()
        yield from found(path, "\n".join(line.strip() for line in lines))


def found(path: Path, code: str) -> Iterator[tuple[Path, str | None, str]]:
    for _line, text, _notes, context in extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS):
        yield path.relative_to(ROOT), context, forms(text)[0]


def test_every_marked_string_is_in_the_catalogue_and_the_catalogue_holds_no_other(language):
    known = {key(message) for message in messages(language)}
    said = {(context, text): path for path, context, text in marked() if text}
    assert {one: str(path) for one, path in said.items() if one not in known} == {}
    assert known - said.keys() == set()


def test_nothing_is_empty_or_fuzzy(language):
    translated = messages(language)
    assert [message.id for message in translated if message.fuzzy] == []
    assert [
        message.id for message in translated if not all(text.strip() for text in forms(message.string))
    ] == []
    assert not catalogue(language).obsolete


def test_placeholders_are_those_of_the_source(language):
    wrong = []
    for message in messages(language):
        sources, texts = forms(message.id), forms(message.string)
        # A language with one form speaks of every number, as the plural does.
        wanted = sources if len(sources) == len(texts) else sources[-1:]
        wrong += [
            (source, text)
            for source, text in zip(wanted, texts, strict=True)
            if sorted(set(PLACEHOLDER.findall(source))) != sorted(set(PLACEHOLDER.findall(text)))
        ]
    assert wrong == []


def test_the_compiled_catalogue_is_in_step_with_its_source(language):
    now = io.BytesIO()
    write_mo(now, catalogue(language))
    now.seek(0)
    with source_of(language).with_suffix(".mo").open("rb") as compiled:
        assert spoken(compiled) == spoken(now)


def test_every_state_has_a_word(language):
    known = {text for _context, text in map(key, messages(language))}
    enumerations = [
        thing
        for module in (accounting.states, billing.states, core.states, projects.states)
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Choices) and thing.__module__ == module.__name__
    ]
    with translation.override("en-gb"):
        labels = {str(label) for choices in enumerations for label in choices.labels}
    assert len(enumerations) > 25
    assert labels - known == set()


def test_every_column_has_a_word(language):
    known = {text for _context, text in map(key, messages(language))}
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    columns = [
        column
        for model in models
        for column in model._meta.local_fields + model._meta.local_many_to_many
        if not getattr(column, "auto_created", False)
    ]
    assert not [str(column) for column in columns if isinstance(column.verbose_name, str)]
    with translation.override("en-gb"):
        words = {str(column.verbose_name) for column in columns}
    assert words - known - SAME_EVERYWHERE == set()


def test_navigation_labels_fit_the_sidebar(language):
    with translation.override(language):
        labels = [str(place.label) for _title, places in SECTIONS for place in places] + [str(BOOKS.label)]
        labels += [str(title) for title, _places in SECTIONS]
    assert [label for label in labels if len(label) > LONGEST_LABEL] == []


def test_headers_name_the_language_and_no_person_or_moment(language):
    head = source_of(language).read_text().split("\n\n", 1)[0]
    assert f'"Language: {language}\\n"' in head
    assert re.findall(r"@|\d{4}-\d\d-\d\d|Translator|Team", head) == []
