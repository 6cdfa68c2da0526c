"""Expenses, material and fees while they are still their owner's: entered, changed, with receipts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.models import Activity
from core.refusals import Refused
from projects.entering import delete_entries
from projects.entering_costs import (
    MOST_RECEIPTS,
    CostReport,
    SentFile,
    change_cost,
    enter_cost,
    remove_receipt,
)
from projects.models import Entry, Receipt, TransactionCategory
from projects.states import EntryStatus
from projects.submitting import submit_entries
from tests.company import Company
from tests.company.builder import only
from tests.company.checking import refused
from tests.company.rows import DAY, NOW
from tests.projects.receipts import pdf, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return Company()


@pytest.fixture
def hotel(at):
    return CostReport(
        "expense",
        at.project,
        None,
        at.categories["expense"],
        DAY,
        Decimal(2),
        "nights",
        Decimal("206.00"),
        "CHF",
        external_description="Hotel Basel",
    )


def enter(at, report, *files):
    return enter_cost(at.resource, report, files=files, actor=at.worker, at=NOW)


def change(at, entry, report, *files):
    return change_cost(only(entry), report, files=files, actor=at.worker, at=NOW)


def test_an_expense_becomes_a_draft_with_its_receipt(at, hotel):
    entry = enter(at, hotel, SentFile("hotel.pdf", pdf(pages=2)), SentFile("photo.jpg", picture()))
    entry = Entry.objects.get(pk=entry.pk)
    assert (entry.status, entry.quantity, entry.price, entry.currency, entry.unit) == (
        EntryStatus.DRAFT,
        Decimal(2),
        Decimal(206),
        "CHF",
        "nights",
    )
    assert (entry.resource, entry.recorded_by, entry.category) == (at.resource, at.worker, hotel.category)
    assert list(entry.receipts.values_list("name", "content_type", "pages", "added_by")) == [
        ("hotel.pdf", "application/pdf", 2, at.worker.pk),
        ("photo.jpg", "image/jpeg", 1, at.worker.pk),
    ]
    assert Activity.objects.about(entry).get().facts == {"receipts": 2}


def test_material_names_its_product_and_a_fee_its_category(at, hotel):
    cable = replace(hotel, transaction_class="material", category=None, product="Cable", currency="EUR")
    assert enter(at, cable).product == "Cable"
    fee = replace(hotel, transaction_class="fee", category=at.categories["fee"], currency="EUR")
    assert enter(at, fee).transaction_class == "fee"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"transaction_class": "time", "category": None}, "not-a-cost"),
        ({"category": None}, "category-missing"),
        ({"transaction_class": "material", "category": None, "product": " "}, "product-missing"),
        ({"currency": "XQX"}, "currency-unknown"),
        ({"quantity": Decimal(0)}, "quantity-missing"),
        ({"quantity": Decimal(-1)}, "negative-quantity"),
        ({"quantity": Decimal("0.00001")}, "quantity-not-possible"),
        ({"price": Decimal("-0.01")}, "negative-price"),
        ({"price": Decimal("0.00001")}, "price-not-possible"),
        ({"price": Decimal("99999999999"), "quantity": Decimal(99)}, "amount-too-large"),
        ({"day": date(2027, 1, 1)}, "period-missing"),
        ({"day": date(2026, 4, 9)}, "too-far-ahead"),
    ],
)
def test_what_cannot_be_a_cost_is_refused_and_nothing_is_kept(at, hotel, columns, code):
    entry = enter(at, hotel)
    wrong = replace(hotel, **columns)
    sent = SentFile("hotel.pdf", pdf())
    for call in (lambda: enter(at, wrong, sent), lambda: change(at, entry, wrong, sent)):
        with pytest.raises(Refused) as caught:
            call()
        assert code in caught.value.codes
    assert (Entry.objects.get().price, Receipt.objects.count()) == (Decimal(206), 0)


def test_a_category_of_another_class_is_refused(at, hotel):
    other = TransactionCategory.objects.create(name="Fees", transaction_class="fee", unit="pcs")
    with refused("other-class"):
        enter(at, replace(hotel, category=other))


def test_one_bad_file_keeps_everything_out_and_is_named(at, hotel):
    files = [SentFile("good.pdf", pdf()), SentFile("IMG_2041.heic", b"\x00\x00\x00\x18ftypheic")]
    with pytest.raises(Refused, match="IMG_2041.heic") as caught:
        enter(at, hotel, *files)
    (reason,) = caught.value.refusals
    assert (reason.code, reason.subject) == ("file-not-readable", "IMG_2041.heic")
    assert str(reason.way_out) == "Attach a PDF, JPEG or PNG of at most 10 MB and 20 pages."
    assert not Entry.objects.exists()
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"%PDF-1.4", "file-damaged"),
        (pdf(b"<< /S /JavaScript >>"), "file-active"),
        (pdf(b"<< /Encrypt 1 0 R >>"), "file-encrypted"),
        (pdf(pages=21), "file-too-long"),
        (pdf(b"%" + b"x" * 10 * 1024 * 1024), "file-too-large"),
    ],
)
def test_every_fault_of_a_file_has_a_sentence(at, hotel, data, code):
    with refused(code):
        enter(at, hotel, SentFile("a.pdf", data))


def test_a_picture_of_too_many_pixels_is_refused(at, hotel, monkeypatch):
    monkeypatch.setattr("projects.receipt_files.MOST_PIXELS", 10)
    with refused("picture-too-large"):
        enter(at, hotel, SentFile("a.jpg", picture()))


def test_a_draft_is_changed_and_gets_further_receipts_each_once(at, hotel):
    entry = enter(at, hotel, SentFile("one.pdf", pdf()))
    again = [SentFile("the same.pdf", pdf()), SentFile("two.pdf", pdf(pages=2))]
    assert change(at, entry, replace(hotel, price=Decimal(210)), *again) == 1
    assert Entry.objects.get().price == Decimal(210)
    assert list(Receipt.objects.values_list("name", flat=True)) == ["one.pdf", "two.pdf"]
    last = Activity.objects.about(entry).order_by("-pk")[0]
    assert last.facts["changes"]["price"] == ["206", "210"]


def test_an_entry_has_so_many_receipts_at_most(at, hotel):
    files = [SentFile(f"{pages}.pdf", pdf(pages=pages)) for pages in range(1, MOST_RECEIPTS + 2)]
    with refused("too-many-receipts"):
        enter(at, hotel, *files)
    entry = enter(at, hotel, *files[:-1])
    with refused("too-many-receipts"):
        change(at, entry, hotel, files[-1])


def test_what_is_with_an_approver_keeps_what_it_says_and_its_receipts(at, hotel):
    entry = enter(at, replace(hotel, currency="EUR"), SentFile("one.pdf", pdf()))
    submit_entries(only(entry), actor=at.worker, at=NOW)
    with refused("not-changeable"):
        change(at, entry, hotel)
    with refused("not-changeable"):
        remove_receipt(Receipt.objects.get(), actor=at.worker, at=NOW)


def test_a_receipt_is_taken_off_a_draft_and_the_history_keeps_its_hash(at, hotel):
    entry = enter(at, hotel, SentFile("one.pdf", pdf()))
    receipt = Receipt.objects.get()
    remove_receipt(receipt, actor=at.worker, at=NOW)
    assert not Receipt.objects.exists()
    last = Activity.objects.about(entry).order_by("-pk")[0]
    assert last.facts == {"receipt": "one.pdf", "sha256": receipt.sha256}


def test_a_draft_that_is_deleted_takes_its_receipts_along(at, hotel):
    entry = enter(at, hotel, SentFile("one.pdf", pdf()))
    delete_entries(only(entry), actor=at.worker, at=NOW)
    assert not Receipt.objects.exists()
