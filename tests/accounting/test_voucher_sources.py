"""Which row a voucher was posted for: one table that names every source (C6)."""

import pytest

from accounting.models import CustomerInvoice, IntegrationJournalLine, Voucher
from accounting.states import VoucherSource
from accounting.voucher_sources import SOURCES, source_of
from tests.company import Company


def test_every_source_is_in_the_table():
    assert set(SOURCES) == set(VoucherSource)


@pytest.mark.django_db
def test_a_voucher_leads_to_the_row_it_was_posted_for():
    company = Company()
    invoice = company.billed(8)
    sources = {source_of(voucher) for voucher in Voucher.objects.all()}
    assert sources == {*IntegrationJournalLine.objects.all(), invoice}
    assert CustomerInvoice.objects.get() == invoice


@pytest.mark.django_db
def test_a_source_that_nobody_named_is_no_journal_line():
    company = Company()
    company.approved(8)
    company.journalise()
    line = IntegrationJournalLine.objects.first()
    with pytest.raises(ValueError, match="payment"):
        source_of(Voucher(source_kind="payment", source_id=line.pk))


@pytest.mark.django_db
def test_a_source_that_is_not_kept_is_none():
    assert source_of(Voucher(source_kind=VoucherSource.CUSTOMER_INVOICE, source_id=0)) is None
