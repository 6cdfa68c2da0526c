"""Why a document is not printed whose characters no font here draws, and the way out (decision 22)."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.documents.fonts import EAST_ASIAN, SYMBOLS, has_cjk
from core.documents.rendering import undrawn
from core.refusals import Refusal

WORDS = {
    EAST_ASIAN: gettext_lazy("Chinese, Japanese and Korean"),
    SYMBOLS: gettext_lazy("emoji and symbols"),
}
"""How scripts are called; others have the name that Unicode gives them."""


def reasons_against_characters(texts: Iterable[str], subject: object) -> list[Refusal]:
    """What of these texts no font draws, by script: characters-not-drawn."""
    return not_drawn(undrawn("".join(set("".join(texts)))), subject)


def not_drawn(missing: Mapping[str, str], subject: object) -> list[Refusal]:
    """A refusal for each script, naming one of its characters."""
    return [_refusal(script, char, subject) for script, char in missing.items()]


def _refusal(script: str, char: str, subject: object) -> Refusal:
    message = _("It cannot be printed: no font here has %(script)s, such as “%(char)s”.")
    words = {"script": WORDS.get(script, script), "char": char}
    if script == EAST_ASIAN and not has_cjk():
        way_out = _("Ask whoever runs it to install the fonts for Chinese, Japanese and Korean.")
    else:
        way_out = _("Write it in other characters.")
    return Refusal("characters-not-drawn", message % words, str(subject), way_out)
