"""What is counted is said in the singular for one: a number before a plural has both forms."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source_tree import ROOT, SourceTree, name_of

ONE_FORM = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy"}
# The number, perhaps one word, and a plural: "3 posted journals", but not "3 of contracts" or "3 is".
COUNTED = (
    r" (?!(?:of|in|on|to|with|and) )(?:[a-z-]+ )?(?!(?:is|was|has|does|as|its|pays|takes|invites)\b)[a-z]+s\b"
)
IN_PYTHON = re.compile(r"%\((?:count|days|lines|entries|rows|months|years|proformas)\)s" + COUNTED)
IN_TEMPLATE = re.compile(r"\{\{ ?(?:all|count|used|unused|width|days|total) ?\}\}" + COUNTED)
BLOCK = re.compile(r"\{% ?blocktranslate([^%]*)%\}(.*?)\{% ?endblocktranslate ?%\}", re.DOTALL)


def counted_in_one_form(tree: ast.AST) -> Iterator[str]:
    """Texts of one form that put a number before a plural."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and name_of(call) in ONE_FORM:
            for text in call.args:
                if isinstance(text, ast.Constant) and IN_PYTHON.search(str(text.value)):
                    yield str(text.value)


def counted_in_one_block(template: str) -> Iterator[str]:
    """Blocks without a `count` that put a number before a plural."""
    for options, text in BLOCK.findall(template):
        if " count " not in options and IN_TEMPLATE.search(" ".join(text.split())):
            yield " ".join(text.split())


def test_numbers_before_plurals_have_both_forms() -> None:
    tree = SourceTree(ROOT)
    assert [f"{each.name}: {text}" for each in tree.modules for text in counted_in_one_form(each.tree)] == []
    templates = sorted((ROOT / "templates").rglob("*.*"))
    assert [f"{path.name}: {text}" for path in templates for text in counted_in_one_block(read(path))] == []


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_plural_without_its_singular_is_heard() -> None:
    planted = (
        'one = _("%(count)s posted journals left"), _("%(count)s marked ready"), _("%(count)s of teams")'
    )
    assert list(counted_in_one_form(ast.parse(planted))) == ["%(count)s posted journals left"]
    block = "{% blocktranslate %}{{ all }} details{% endblocktranslate %}"
    both = "{% blocktranslate count all=all %}{{ all }} row{% plural %}{{ all }} rows{% endblocktranslate %}"
    assert list(counted_in_one_block(block + both)) == ["{{ all }} details"]
