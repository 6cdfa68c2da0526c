"""Finished strings in, PDF bytes out: the only caller of Typst.

The data travels as JSON beside the template, never inside its source, and the compiler sees the template's
folder and nothing else: whatever a customer's name contains stays text. Fonts come from a wheel, not from the
machine, so the same data gives the same bytes everywhere; only another Typst version changes them.

As a program (`python -m core.documents.rendering`) it reads {"data": ..., "copy": ...} on standard input and
writes the PDF to standard output.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, cast

import fontpkg_inter
import typst

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "templates" / "documents" / "document.typ"

LONG_DOCUMENT_ROWS = 600
"""Rows of about twenty pages; beyond it a document is rendered apart and without tags."""

CHILD_SECONDS = 120

# A font that draws a character is what PDF/A asks for; Typst refuses the export otherwise, in these words.
UNDRAWABLE = "could not be displayed with font"


class RenderingFailed(RuntimeError):
    """The compiler refused a document or did not finish; the message says why."""


def render_document(data: dict[str, Any], *, copy: dict[str, str] | None = None) -> bytes:
    """Render the data of `document_data` to a PDF: the same bytes for the same input.

    `copy` is the mark of a reprint (`copy_mark`), on every page. Short documents are PDF/A-3b and
    tagged (PDF/UA-1). Raises RenderingFailed.
    """
    # The compiler keeps the layouts of its last documents in memory: some ten of sixty pages hold 1.6 GB for
    # as long as the worker lives. A child gives that back when it ends, and can be stopped when it hangs.
    if printed_rows(data) > LONG_DOCUMENT_ROWS:
        return _compiled_in_child(data, copy)
    return _compiled(data, copy)


def printed_rows(data: dict[str, Any]) -> int:
    """Rows of the body and of the annex."""
    tables = (data, data["annex"] or {"sections": []})
    return sum(len(section["rows"]) for table in tables for section in table["sections"])


def _compiled(data: dict[str, Any], copy: dict[str, str] | None) -> bytes:
    inputs = {"data": _json(data)} | ({"copy": _json(copy)} if copy else {})
    # Tags are nine tenths of a long file: 3.4 MB instead of 0.2 MB for sixty pages.
    long = printed_rows(data) > LONG_DOCUMENT_ROWS
    try:
        return _pdf(inputs, ["a-3b"] if long else ["a-3b", "ua-1"], tags=not long)
    except typst.TypstError as error:
        if UNDRAWABLE not in str(error):
            raise RenderingFailed(f"document {data['number']}: {error}") from error
    # A character that no font here draws, such as an emoji: an ordinary PDF shows a box and keeps the text.
    return _pdf(inputs, [], tags=not long)


def _pdf(inputs: dict[str, str], standards: "list[typst.PDFStandard]", *, tags: bool) -> bytes:
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts(), sys_inputs=inputs)
    return cast(bytes, compiler.compile(format="pdf", pdf_standards=standards, pdf_tags=tags))


@cache
def _fonts() -> typst.Fonts:
    """Inter from its wheel and the faces inside Typst; fonts of the machine would change the bytes."""
    folder = Path(fontpkg_inter.__file__).parent / "files"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


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


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def main() -> None:
    """Render one order from standard input."""
    order = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(_compiled(order["data"], order["copy"]))


if __name__ == "__main__":
    main()
