"""Pure: check receipts. The kind is detected from the content; active or hidden content is not kept (A8).

Images are encoded again, which removes metadata (place, serial number) and anything hidden in the file.
PDFs are kept unchanged and refused if they have active content or attachments.
"""

import io
import re
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_FILE = 10 * 1024 * 1024
MOST_PAGES = 20
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2400
"""In pixels; larger images are scaled down."""
QUALITY = 85
MOST_UNPACKED = 40 * 1024 * 1024

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"

PDF_HEAD = re.compile(rb"%PDF-[12]\.[0-9]")
# Names that make a viewer run, open or fetch something, or that hide a file in the file. Every action names
# its kind, so the short names that only lead to one (AA, JS) need not be looked for.
ACTIVE = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToR|GoToE|OpenAction)"
    rb"(?![A-Za-z0-9])"
)
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM = re.compile(rb"(?<!end)stream\r?\n")
PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")


class UnusableFile(ValueError):
    """A file that is not accepted as a receipt; `code` says why."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ReceiptFile:
    """A receipt as it is kept: its kind, its bytes and how many pages it has."""

    content_type: str
    content: bytes
    pages: int


def checked(data: bytes) -> ReceiptFile:
    """The receipt that these bytes are, ready to be kept.

    Raises UnusableFile: file-empty, file-too-large, file-not-readable, file-damaged, picture-too-large,
    file-active, file-encrypted, file-too-long (A8).
    """
    if not data:
        raise UnusableFile("file-empty")
    if len(data) > LARGEST_FILE:
        raise UnusableFile("file-too-large")
    if data.startswith(b"%PDF"):
        return _pdf(data)
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _picture(data)
    # The name of a file says nothing: only its first bytes do.
    raise UnusableFile("file-not-readable")


def _picture(data: bytes) -> ReceiptFile:
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as picture:
            # The size is in the header: a decompression bomb is refused before it is unpacked.
            if picture.width * picture.height > MOST_PIXELS:
                raise UnusableFile("picture-too-large")
            kind = picture.format
            # Rotated as EXIF says, because EXIF is not kept.
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            drawn = upright.convert("RGB") if kind == "JPEG" else _on_white(upright)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, UnusableFile):
            raise
        raise UnusableFile("file-damaged") from error
    # A new picture of the same pixels: nothing but them is written.
    clean = Image.frombytes(drawn.mode, drawn.size, drawn.tobytes())
    written = io.BytesIO()
    if kind == "JPEG":
        clean.save(written, "JPEG", quality=QUALITY, optimize=True)
        return ReceiptFile(JPEG, written.getvalue(), 1)
    clean.save(written, "PNG", optimize=True)
    return ReceiptFile(PNG, written.getvalue(), 1)


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency, which a print would fill with black."""
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    white.alpha_composite(layered)
    return white.convert("RGB")


def _pdf(data: bytes) -> ReceiptFile:
    if not PDF_HEAD.match(data) or b"%%EOF" not in data[-1024:]:
        raise UnusableFile("file-damaged")
    structure = _structure_of(data)
    if re.search(rb"/Encrypt(?![A-Za-z0-9])", structure):
        raise UnusableFile("file-encrypted")
    if ACTIVE.search(structure):
        raise UnusableFile("file-active")
    pages = len(PAGE.findall(structure))
    if pages > MOST_PAGES:
        raise UnusableFile("file-too-long")
    return ReceiptFile(PDF, data, max(pages, 1))


def _structure_of(data: bytes) -> bytes:
    """A PDF as text with what its streams hold unpacked and escaped names spelled out.

    The cross-reference table is not trusted: every byte range that a viewer might read is searched.
    """
    raw = _spelled(data)
    parts, left, packed = [raw], MOST_UNPACKED, 0
    for stream in STREAM.finditer(data):
        head = _spelled(data[max(data.rfind(b"obj", 0, stream.start()), 0) : stream.start()])
        if b"/ObjStm" in head:
            packed += 1
            # Objects that are packed in a way not read here could hide anything.
            if head.count(b"Decode") != 1 or b"/FlateDecode" not in head or b"Parms" in head:
                raise UnusableFile("file-damaged")
        try:
            unpacked = zlib.decompressobj().decompress(data[stream.end() :], left)
        except zlib.error:
            # Pixels, or text that is not packed; objects that should be packed are another matter.
            if b"/ObjStm" in head:
                raise UnusableFile("file-damaged") from None
            continue
        left -= len(unpacked)
        if left <= 0:
            raise UnusableFile("file-damaged")
        parts.append(_spelled(unpacked))
    if raw.count(b"/ObjStm") != packed:
        raise UnusableFile("file-damaged")
    return b"\n".join(parts)


def _spelled(text: bytes) -> bytes:
    return ESCAPED.sub(lambda name: bytes([int(name[1], 16)]), text)
