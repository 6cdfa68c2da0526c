"""Files that people send as receipts, good ones and bad ones, made by hand."""

import io
import zlib

from PIL import Image


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    """A picture of one colour."""
    written = io.BytesIO()
    mode = "RGBA" if kind == "PNG" else "RGB"
    Image.new(mode, size, "white").save(written, kind, **options)
    return written.getvalue()


def photo_with_place() -> bytes:
    """A photo that says where and with which camera it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera of somebody", 6
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif, comment=b"secret note")


def pdf(*objects: bytes, pages: int = 1, head: bytes = b"%PDF-1.7\n", tail: bytes = b"%%EOF\n") -> bytes:
    """A PDF of so many pages with further objects; no viewer would complain about it."""
    leaves = [b"%d 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n" % (10 + nth) for nth in range(pages)]
    catalog = b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    return head + catalog + b"".join([*leaves, *objects]) + b"trailer\n<< /Root 1 0 R >>\n" + tail


def packed(content: bytes, terms: bytes = b"/Type /ObjStm /Filter /FlateDecode") -> bytes:
    """An object stream, in which a PDF may keep objects out of sight."""
    return b"9 0 obj\n<< " + terms + b" >>\nstream\n" + zlib.compress(content) + b"\nendstream\nendobj\n"
