"""The project manager gets one mail that a retention may be released (B12)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounting.outbox_handlers import sweep_outbox
from billing.models import Retention
from billing.releasing import change_release, release_retentions
from billing.watching_retentions import tell_of_due_retentions
from core.models import OutboxEntry
from projects.models import LegalEntity, ProjectContract
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 30)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def company() -> Company:
    """A tenth of 1,600.00 kept back until 30 June."""
    made = Company()
    made.is_managed_by(made.manager)
    made.manager.email = "katrin@example.com"
    made.manager.save()
    terms = {"retention_percent": Decimal(10), "retention_months": 3, "retention_condition": "Accepted"}
    ProjectContract.objects.filter(pk=made.contract.pk).update(**terms)
    made.approved(8)
    made.confirm(made.draft())
    made.invoices()
    return made


def tell(moment: datetime) -> int:
    return tell_of_due_retentions(Retention.objects.all(), at=moment)


def test_the_manager_gets_one_mail_when_the_day_has_come(company, mailoutbox):
    assert tell(at(date(2026, 6, 29))) == 0
    assert (tell(at(DAY)), tell(at(DAY)), tell(at(date(2026, 7, 1)))) == (1, 0, 0)
    sweep_outbox(now=at(DAY))
    sweep_outbox(now=at(date(2026, 7, 2)))
    (mail,) = [one for one in mailoutbox if "kept back" in one.subject]
    number = Retention.objects.get().line.proforma.customer_invoice_number
    assert (mail.to, mail.subject) == (["katrin@example.com"], f"{number}: €160.00 kept back may be released")
    assert "It may be released since 30 Jun 2026." in mail.body
    assert "Accepted" in mail.body
    assert f"/billing/advances/retention/{Retention.objects.get().pk}/release/" in mail.body
    assert_proven()


def test_the_day_is_that_of_the_company(company):
    LegalEntity.objects.update(timezone="Pacific/Auckland")
    assert tell(at(date(2026, 6, 29), 13)) == 1


def test_an_unknown_time_zone_stops_no_other_company(company):
    other = Company()
    LegalEntity.objects.filter(pk=other.entity.pk).update(timezone="Nowhere/Else")
    assert tell(at(DAY)) == 1


def test_another_day_is_noted_again_and_a_release_meanwhile_is_not(company, mailoutbox):
    assert tell(at(DAY)) == 1
    later = date(2026, 8, 31)
    change_release(Retention.objects.all(), release_on=later, actor=company.manager, at=NOW)
    assert (tell(at(date(2026, 8, 30))), tell(at(later))) == (0, 1)
    assert OutboxEntry.objects.filter(kind="retention-due").count() == 2
    drafts = release_retentions(Retention.objects.all(), invoice_date=later, actor=company.manager, at=NOW)
    company.confirm(*drafts)
    sweep_outbox(now=at(later))
    assert [one.subject for one in mailoutbox if "kept back" in one.subject] == []


def test_what_is_released_or_without_a_day_or_on_a_draft_has_no_mail(company):
    Retention.objects.update(release_on=None)
    assert tell(at(DAY)) == 0
    Retention.objects.update(release_on=CUT_OFF)
    company.confirm(
        *release_retentions(Retention.objects.all(), invoice_date=DAY, actor=company.manager, at=NOW)
    )
    assert tell(at(DAY)) == 0
    company.approved(2)
    company.draft(DAY)
    Retention.objects.filter(work_item__isnull=True).update(release_on=CUT_OFF)
    assert tell(at(DAY)) == 0


def test_who_has_no_address_gets_no_mail_and_a_failing_mail_is_tried_again(company, mailoutbox):
    company.manager.email = ""
    company.manager.save()
    assert tell(at(DAY)) == 1
    sweep_outbox(now=at(DAY))
    assert [one for one in mailoutbox if "kept back" in one.subject] == []
