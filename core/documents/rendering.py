"""Finished strings in, PDF bytes out: the only caller of Typst.

The data travels as JSON beside the template, never inside its source, and the compiler sees the template's
folder and nothing else: whatever a customer's name contains stays text. Fonts come from a wheel, not from the
machine, so the same data gives the same bytes everywhere; only another Typst version changes them.

As a program (`python -m core.documents.rendering`) it reads {"data": ..., "copy": ...} on standard input and
writes the PDF to standard output.
"""

import json
import re
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path
from typing import Any, cast

import typst

from core.documents.fonts import east_asian, font_folders, has_cjk, script_of

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "templates" / "documents" / "document.typ"
PROBE = TEMPLATE.with_name("probe.typ")

LONG_DOCUMENT_ROWS = 600
"""Rows of about twenty pages; beyond it a document is rendered apart and without tags."""

CHILD_SECONDS = 120

# A font that draws a character is what PDF/A asks for; Typst refuses the export otherwise, in these words.
UNDRAWABLE = re.compile('the text `"(.+?)"` could not be displayed with font')


class RenderingFailed(RuntimeError):
    """The compiler refused a document or did not finish; the message says why."""


class NotDrawn(RenderingFailed):
    """Characters of a document that no font here draws; `missing` has one of each script."""

    def __init__(self, number: str, missing: dict[str, str]):
        self.missing = missing
        named = ", ".join(f"{script} ({char})" for script, char in missing.items())
        super().__init__(f"document {number}: no font here draws {named}")


def render_document(data: dict[str, Any], *, copy: dict[str, str] | None = None) -> bytes:
    """Render the data of `document_data` to a PDF: the same bytes for the same input.

    `copy` is the mark of a reprint (`copy_mark`), on every page. Short documents are PDF/A-3b and
    tagged (PDF/UA-1). Raises RenderingFailed, and of these NotDrawn where no font here has a character: a
    document never has empty boxes (decision 22).
    """
    if missing := undrawn(_json(data)):
        raise NotDrawn(data["number"], missing)
    # The compiler keeps the layouts of its last documents in memory: some ten of sixty pages hold 1.6 GB for
    # as long as the worker lives. A child gives that back when it ends, and can be stopped when it hangs.
    if printed_rows(data) > LONG_DOCUMENT_ROWS:
        return _compiled_in_child(data, copy)
    return _compiled(data, copy)


def packed(data: dict[str, Any]) -> bytes:
    """The data of a document as it is kept beside its PDF, so that a copy says what the original said."""
    return zlib.compress(_json(data).encode())


def unpacked(kept: bytes) -> dict[str, Any]:
    """The data that was kept."""
    data: dict[str, Any] = json.loads(zlib.decompress(kept))
    return data


def printed_rows(data: dict[str, Any]) -> int:
    """Rows of the body and of the annex."""
    tables = (data, data["annex"] or {"sections": []})
    return sum(len(section["rows"]) for table in tables for section in table["sections"])


def _compiled(data: dict[str, Any], copy: dict[str, str] | None) -> bytes:
    inputs = {"data": _json(data | _east_asian(data))} | ({"copy": _json(copy)} if copy else {})
    # Tags are nine tenths of a long file: 3.4 MB instead of 0.2 MB for sixty pages.
    long = printed_rows(data) > LONG_DOCUMENT_ROWS
    try:
        return _pdf(inputs, ["a-3b"] if long else ["a-3b", "ua-1"], tags=not long)
    except typst.TypstError as error:
        raise RenderingFailed(f"document {data['number']}: {error}") from error


def undrawn(text: str) -> dict[str, str]:
    """Scripts of characters that no font here draws, each with one of them; empty where all are drawn.

    What was drawn once is remembered: only characters that are new to this process cost a few milliseconds.
    """
    unknown = sorted(set(text) - _DRAWN)
    missing: dict[str, str] = {}
    while unknown:
        refused = _first_undrawn(unknown)
        if refused is None:
            _DRAWN.update(unknown)
            break
        script = script_of(refused)
        missing[script] = refused
        unknown = [char for char in unknown if script_of(char) != script]
    return missing


# Letters that every document has; the others are asked for once.
_DRAWN = {chr(code) for code in (*range(32), *range(32, 127))}


def _first_undrawn(characters: list[str]) -> str | None:
    """The first of these characters that no font draws."""
    try:
        _pdf({"characters": _json(characters)}, ["a-3b"], tags=False, source=PROBE)
    except typst.TypstError as error:
        if (named := UNDRAWABLE.search(str(error))) is None:
            raise
        return named.group(1)[0]
    return None


def _pdf(
    inputs: dict[str, str], standards: "list[typst.PDFStandard]", *, tags: bool, source: Path = TEMPLATE
) -> bytes:
    compiler = typst.Compiler(source, root=TEMPLATE.parent, font_paths=_fonts(), sys_inputs=inputs)
    return cast(bytes, compiler.compile(format="pdf", pdf_standards=standards, pdf_tags=tags))


@cache
def _fonts() -> typst.Fonts:
    """The fonts from wheels and the faces inside Typst; fonts of the machine would change the bytes."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=list(font_folders())
    )


def _compiled_in_child(data: dict[str, Any], copy: dict[str, str] | None) -> bytes:
    command = [sys.executable, "-m", "core.documents.rendering"]
    order = _json({"data": data, "copy": copy}).encode()
    try:
        child = subprocess.run(
            command, input=order, capture_output=True, cwd=ROOT, timeout=CHILD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RenderingFailed(f"document {data['number']} took more than {CHILD_SECONDS} seconds") from error
    if child.returncode:
        raise RenderingFailed(f"document {data['number']}: {child.stderr.decode(errors='replace').strip()}")
    return child.stdout


def _east_asian(data: dict[str, Any]) -> dict[str, str]:
    """The font of Chinese, Japanese and Korean, for documents that have such text."""
    text = _json(data)
    return {"cjk": east_asian([text])} if has_cjk() and any(char > "\u2e7f" for char in text) else {}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def main() -> None:
    """Render one order from standard input."""
    order = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(_compiled(order["data"], order["copy"]))


if __name__ == "__main__":
    main()
