"""The text of printed pages, line by line, read back from the files that Typst writes."""

import re
import zlib
from collections import defaultdict

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
SHOWN = re.compile(
    rb"q 1 0 0 -1 ([-\d.]+) ([-\d.]+) cm"
    rb"|/(f\d+) [-\d.]+ Tf"
    rb"|(?:(?<=Tm)|(?<=[\[\d]))\(((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*)\)",
    re.DOTALL,
)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)


def pages_of(pdf: bytes) -> list[list[str]]:
    """The lines of each page from top to bottom, each read from left to right, with ordinary spaces."""
    objects = {int(key): body for key, body in OBJECT.findall(pdf)}
    (tree,) = (body for body in objects.values() if b"/Type/Pages/" in body)
    kids = re.findall(rb"(\d+) 0 R", tree.split(b"/Kids", 1)[1])
    return [_lines(objects[int(kid)], objects) for kid in kids]


def _lines(page: bytes, objects: dict[int, bytes]) -> list[str]:
    resources = objects[_reference(page, b"Resources")]
    fonts = {
        name.decode(): _letters(objects[_reference(objects[int(key)], b"ToUnicode")])
        for name, key in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    runs: dict[float, list[tuple[float, str]]] = defaultdict(list)
    y, letters = 0.0, dict[int, str]()
    for left, top, font, shown in SHOWN.findall(_stream(objects[_reference(page, b"Contents")])):
        if left:
            y = round(float(top), 1)
            runs[y].append((float(left), ""))
        elif font:
            letters = fonts[font.decode()]
        elif shown and runs[y]:
            # Pieces of one text that the layout may break are shown one after another.
            start, before = runs[y].pop()
            runs[y].append((start, before + _read(shown, letters)))
    lines = (" ".join(text for _x, text in sorted(runs[y]) if text) for y in sorted(runs, reverse=True))
    return [" ".join(line.split()) for line in lines if line.strip()]


def _read(shown: bytes, letters: dict[int, str]) -> str:
    glyphs = ESCAPED.sub(_unescaped, shown)
    pairs = zip(glyphs[::2], glyphs[1::2], strict=True)
    return "".join(letters.get(high * 256 + low, "?") for high, low in pairs).replace("\u200b", "")


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match.group(1)
    return bytes([int(code, 8)]) if code.isdigit() else ESCAPES.get(code, code)


def _letters(font: bytes) -> dict[int, str]:
    """What each glyph of a font stands for."""
    table = _stream(font) if b"FlateDecode" in font else font
    return {
        int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for glyph, text in re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", table)
    }


def _reference(body: bytes, name: bytes) -> int:
    match = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert match, f"no {name.decode()} in {body[:80]!r}"
    return int(match.group(1))


def _stream(body: bytes) -> bytes:
    data = body.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0]
    return zlib.decompress(data)
