"""What a receipt may be: known by its content, drawn anew, and never able to act."""

import io

import pytest
from PIL import Image

from projects import receipt_files
from projects.receipt_files import JPEG, PDF, PNG, UnusableFile, checked
from tests.projects.receipts import packed, pdf, photo_with_place, picture

SCRIPT = b"5 0 obj\n<< /S /JavaScript /JS (app.alert(1)) >>\nendobj\n"


def refused(data):
    with pytest.raises(UnusableFile) as caught:
        checked(data)
    return caught.value.code


@pytest.mark.parametrize(("kind", "content_type"), [("JPEG", JPEG), ("PNG", PNG)])
def test_a_picture_is_drawn_anew(kind, content_type):
    kept = checked(picture(kind))
    assert (kept.content_type, kept.pages) == (content_type, 1)
    with Image.open(io.BytesIO(kept.content)) as drawn:
        assert (drawn.format, drawn.size, drawn.mode) == (kind, (60, 40), "RGB")


def test_a_photo_keeps_its_pixels_upright_and_nothing_that_was_written_beside_them():
    sent = photo_with_place()
    assert b"Camera of somebody" in sent
    kept = checked(sent).content
    assert b"Camera" not in kept
    assert b"secret note" not in kept
    with Image.open(io.BytesIO(kept)) as drawn:
        assert (drawn.size, dict(drawn.getexif())) == ((40, 60), {})


def test_what_is_appended_to_a_picture_is_gone():
    kept = checked(picture() + b"<script>alert(1)</script>").content
    assert b"script" not in kept


def test_a_large_picture_is_made_smaller():
    with Image.open(io.BytesIO(checked(picture(size=(3000, 1500))).content)) as drawn:
        assert drawn.size == (2400, 1200)


def test_a_picture_with_too_many_pixels_is_refused_before_they_are_unpacked(monkeypatch):
    monkeypatch.setattr(receipt_files, "MOST_PIXELS", 2399)
    assert refused(picture()) == "picture-too-large"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"<svg onload='alert(1)'></svg>", "file-not-readable"),
        (b"<html><script>1</script>", "file-not-readable"),
        (b"GIF89a" + b"\x00" * 40, "file-not-readable"),
        (b"MZ\x90\x00", "file-not-readable"),
        (b"PK\x03\x04 a spreadsheet", "file-not-readable"),
        (b"\x00\x00\x00\x18ftypheic", "file-not-readable"),
        (b"\xff\xd8\xff not a picture", "file-damaged"),
        (picture()[:200], "file-damaged"),
        (picture("PNG")[:60], "file-damaged"),
        (b"%PDF-1.7\nwithout an end", "file-damaged"),
        (pdf(head=b"%PDFx\n"), "file-damaged"),
    ],
)
def test_what_is_no_receipt_is_refused_whatever_its_name(data, code):
    assert refused(data) == code


def test_a_file_that_is_too_large_is_refused():
    assert refused(pdf(b"% " + b"x" * receipt_files.LARGEST_FILE + b"\n")) == "file-too-large"


def test_a_pdf_is_kept_as_it_is_with_its_pages_counted():
    sent = pdf(pages=3)
    assert checked(sent) == receipt_files.ReceiptFile(PDF, sent, 3)


def test_a_pdf_of_more_than_twenty_pages_is_refused():
    assert checked(pdf(pages=20)).pages == 20
    assert refused(pdf(pages=21)) == "file-too-long"


@pytest.mark.parametrize(
    "action",
    [
        SCRIPT,
        b"5 0 obj\n<< /S /J#61vaScript >>\nendobj\n",
        b"5 0 obj\n<< /S /Launch /F (cmd.exe) >>\nendobj\n",
        b"5 0 obj\n<< /OpenAction 6 0 R >>\nendobj\n",
        b"5 0 obj\n<< /Names << /EmbeddedFiles 6 0 R >> >>\nendobj\n",
        b"5 0 obj\n<< /AcroForm << /XFA [] >> >>\nendobj\n",
        b"5 0 obj\n<< /Subtype /RichMedia >>\nendobj\n",
        packed(b"5 0 << /S /JavaScript >>"),
        packed(b"5 0 << /S /J#61vaScript >>"),
        # Hidden where a careless reader would take it for the pixels of a picture.
        b"5 0 obj\n(stream\n) " + SCRIPT + b"(endstream)\nendobj\n",
    ],
)
def test_a_pdf_that_could_act_or_hides_a_file_is_refused(action):
    assert refused(pdf(action)) == "file-active"


@pytest.mark.parametrize(
    "stream",
    [
        packed(b"anything", b"/Type /ObjStm /Filter /LZWDecode"),
        packed(b"anything", b"/Type /ObjStm /Filter [/ASCII85Decode /FlateDecode]"),
        packed(b"anything", b"/Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 12 >>"),
        b"9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\nnot packed\nendstream\nendobj\n",
        b"9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nendobj\n",
    ],
)
def test_a_pdf_whose_objects_cannot_be_looked_at_is_refused(stream):
    assert refused(pdf(stream)) == "file-damaged"


def test_a_pdf_that_unpacks_to_a_flood_is_refused(monkeypatch):
    monkeypatch.setattr(receipt_files, "MOST_UNPACKED", 1000)
    assert refused(pdf(packed(b" " * 5000))) == "file-damaged"


def test_a_pdf_with_a_password_is_refused():
    assert refused(pdf(b"5 0 obj\n<< /Encrypt 6 0 R >>\nendobj\n")) == "file-encrypted"


def test_the_pixels_of_a_scan_may_be_anything():
    scan = (
        b"9 0 obj\n<< /Subtype /Image /Filter /DCTDecode >>\nstream\n\xff\xd8 /JS /AA \nendstream\nendobj\n"
    )
    assert checked(pdf(scan)).pages == 1
