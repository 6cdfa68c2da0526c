"""The fonts of documents: all from wheels, none from the machine, so that the same data gives the same bytes.

Latin, Greek and Cyrillic are in Inter; Arabic, Hebrew, Thai and Devanagari have faces of their own. Chinese,
Japanese and Korean are an extra (requirements/cjk.txt): its one file is larger than all others together.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

FONTS = (
    *("fontpkg_inter", "fontpkg_noto_sans_arabic", "fontpkg_assistant", "fontpkg_noto_sans_thai"),
    "fontpkg_noto_sans_devanagari",
)
CJK = "noto_cjk_sans_otc"
"""The module of the extra."""
EAST_ASIAN, SYMBOLS = "East Asian", "symbols"
SCRIPTS = {
    "CJK": EAST_ASIAN,
    "HIRAGANA": EAST_ASIAN,
    "KATAKANA": EAST_ASIAN,
    "HANGUL": EAST_ASIAN,
    "HALFWIDTH": EAST_ASIAN,
    "FULLWIDTH": EAST_ASIAN,
    "IDEOGRAPHIC": EAST_ASIAN,
}
"""How a script is called, by the first word of the names of its characters; others by that word."""


@cache
def font_folders() -> tuple[Path, ...]:
    """The folders that hold the fonts which are installed."""
    folders = []
    for name in (*FONTS, CJK):
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            folder = Path(spec.origin).parent
            folders.append(folder / "files" if (folder / "files").is_dir() else folder)
    return tuple(folders)


def has_cjk() -> bool:
    """Whether the extra is installed."""
    return find_spec(CJK) is not None


def script_of(char: str) -> str:
    """The name of the script or kind of a character, such as Tamil; in English, as Unicode has it."""
    if unicodedata.category(char).startswith("S"):
        return SYMBOLS
    word = unicodedata.name(char, "UNKNOWN").replace("-", " ").split()[0]
    return SCRIPTS.get(word, word.capitalize())


def east_asian(texts: Iterable[str]) -> str:
    """Which forms of common characters texts want: those of Japanese or Korean where it is written."""
    names = {unicodedata.name(char, "").split(" ")[0] for text in texts for char in text if char > "\u2fff"}
    if names & {"HIRAGANA", "KATAKANA"}:
        return "Noto Sans CJK JP"
    return "Noto Sans CJK KR" if "HANGUL" in names else "Noto Sans CJK SC"
