"""The demo company: first_month once with the clock stopped, then looked at from all sides."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db.models import Count, Max, Q, Sum
from django.test import TestCase, override_settings

from accounting.models import (
    BankBooking,
    BankCsvMapping,
    CustomerInvoice,
    CustomerPayment,
    FiscalPeriod,
    IntegrationJournal,
    InvoiceDocument,
    InvoiceProposal,
    InvoiceTax,
    JournalVoucher,
    OpeningItem,
    RecurringVoucher,
    Reminder,
    ReminderProposal,
    Revaluation,
    VoucherExport,
    VoucherLine,
)
from accounting.proving import prove
from accounting.reminder_proposals import proposed_reminders
from billing.models import BatchRun, InvoiceLineDetail, MilestoneShare, Proforma, Retainer, Retention
from core.models import Activity, OutboxEntry
from core.money import sum_by
from demo.people import PASSWORD, STAFF
from projects.models import (
    Actual,
    AgreedRate,
    Approval,
    ApprovalRule,
    BacklogItem,
    Customer,
    Entry,
    LegalEntity,
    PaymentTerms,
    PrepaidHours,
    ProjectContract,
)
from projects.prepaid_use import use_of
from projects.states import ActualOutcome, BillingType, EventKind

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def counted(rows, *fields):
    """How many rows there are of each value."""
    pairs = rows.order_by().values_list(*fields).annotate(count=Count("pk"))
    return {row[0] if len(fields) == 1 else row[:-1]: row[-1] for row in pairs}


def everything():
    """How many rows every table holds."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


class TestDemo(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.var = Path(mkdtemp())
        cls.said = cls.first_month()
        cls.people = {user.username: user for user in get_user_model().objects.all()}

    @classmethod
    def first_month(cls) -> str:
        said = StringIO()
        with time_machine.travel(NOW, tick=False), override_settings(VAR=cls.var):
            call_command("demo", stdout=said)
        return said.getvalue()

    def test_everybody_signs_in_with_the_password_of_the_table(self):
        table = self.var / "demo-logins.txt"
        assert table.stat().st_mode & 0o777 == 0o600
        lines = table.read_text().splitlines()[1:]
        assert [line.split()[:2] for line in lines] == [[person.login, PASSWORD] for person in STAFF]
        for person in STAFF:
            user = self.people[person.login]
            assert user.check_password(PASSWORD)
            assert [group.name for group in user.groups.all()] == [person.group]
            assert LegalEntity.objects.visible_to(user).get().name == "Nordkai Consulting GmbH"

    def test_a_second_time_changes_nothing(self):
        before = everything()
        assert (
            self.first_month()
            == "There is a legal entity already: the demo company was not set up, nothing changed.\n"
        )
        assert everything() == before

    def test_production_refuses_the_well_known_password(self):
        with (
            override_settings(PRODUCTION=True),
            pytest.raises(CommandError, match="not set up in production"),
        ):
            call_command("demo")

    def test_every_proof_of_the_books_holds(self):
        findings = list(prove())
        assert len(findings) >= 22
        assert [finding.proof.code for finding in findings if finding.count] == []

    def test_nothing_lies_in_the_future_and_no_work_is_left_over(self):
        assert Activity.objects.aggregate(last=Max("happened_at"))["last"] <= NOW
        assert Entry.objects.aggregate(last=Max("date"))["last"] == TODAY
        assert counted(OutboxEntry.objects, "status") == {"done": OutboxEntry.objects.count()}
        assert OutboxEntry.objects.exclude(last_error="").count() == 0

    def test_the_inbox_of_a_manager_shows_what_is_odd(self):
        waiting = Approval.objects.visible_to(self.people["katrin"]).decidable_by(self.people["katrin"])
        last_week = waiting.filter(entry__date__gte=date(2026, 11, 16), entry__date__lte=date(2026, 11, 22))
        assert (waiting.count(), last_week.count()) == (12, 12)
        assert waiting.filter(entry__date=date(2026, 11, 21)).count() == 1
        assert [one.submitted_quantity for one in waiting.filter(submitted_quantity__gt=10)] == [
            Decimal("11.5")
        ]
        assert waiting.filter(entry__description="").count() == 1
        others = Approval.objects.visible_to(self.people["jonas"]).decidable_by(self.people["jonas"])
        assert others.count() == 4

    def test_entries_stand_where_a_month_leaves_them(self):
        states = counted(Entry.objects, "status")
        assert {name: states[name] for name in ("submitted", "returned")} == {"submitted": 16, "returned": 1}
        assert 600 <= sum(states.values()) <= 900
        assert states["approved"] == counted(Approval.objects, "status")["approved"]
        returned = Approval.objects.get(status="rejected")
        assert returned.worker == self.people["mia"]
        assert returned.comment
        assert counted(Entry.objects.exclude(transaction_class="time"), "transaction_class") == {
            "expense": 9,
            "material": 3,
            "fee": 1,
        }
        train = Entry.objects.filter(description__startswith="Train").first()
        assert train.approvals.get().sales_price == Decimal("71.28")

    def test_two_months_are_billed_posted_and_printed(self):
        assert counted(Proforma.objects, "status") == {
            "posted": 23,
            "draft": 2,
            "in_review": 1,
            "confirmed": 1,
        }
        assert CustomerInvoice.objects.count() == InvoiceDocument.objects.count() == 23
        assert set(counted(Proforma.objects.filter(status="posted"), "invoice_date")) == {
            date(2026, 8, 1),
            date(2026, 8, 15),
            date(2026, 8, 31),
            date(2026, 9, 1),
            date(2026, 9, 12),
            date(2026, 9, 18),
            date(2026, 9, 30),
            date(2026, 10, 1),
        }
        assert set(CustomerInvoice.objects.values_list("posted_by__username", flat=True)) == {"hanna"}
        confirmed = Proforma.objects.filter(confirmed_by__isnull=False)
        assert set(confirmed.values_list("confirmed_by__username", flat=True)) == {"katrin", "jonas"}

    def test_each_confirmed_proforma_asks_once_for_what_its_actuals_say(self):
        billed = sum_by(
            Actual.objects.billed_sales()
            .filter(billing_type=BillingType.CHARGEABLE)
            .values_list("work_item__currency", "amount")
        )
        asked = sum_by(Proforma.objects.confirmed().values_list("currency", "net_amount"))
        assert billed == asked
        assert set(asked) == {"EUR", "GBP"}
        proposed = InvoiceProposal.objects.values_list("proforma", flat=True)
        assert sorted(proposed) == sorted(Proforma.objects.confirmed().values_list("pk", flat=True))

    def test_discounts_and_retentions_are_there_to_be_seen(self):
        granted = InvoiceLineDetail.objects.filter(transaction_class="discount", discount__is_standing=True)
        assert counted(granted, "line__proforma__contract__name", "line__proforma__status") == {
            ("Data platform", "posted"): 3,
            ("Data platform", "draft"): 2,
        }
        kept = Retention.objects.confirmed().with_amounts().order_by("release_on", "pk")
        assert [(one.line.proforma.contract.name, one.kept) for one in kept] == [
            ("Grid portal", 2400),
            ("Gate automation", 1000),
            ("Gate automation", 1500),
            ("Grid portal", 3000),
        ]
        assert [one.kept for one in kept.due_on(TODAY)] == [2400]

    def test_the_last_month_waits_for_its_journal(self):
        states = counted(IntegrationJournal.objects, "period_starts_on", "status")
        assert states == {
            (date(2026, 8, 1), "posted"): 1,
            (date(2026, 9, 1), "posted"): 1,
            (date(2026, 10, 1), "draft"): 1,
            (date(2026, 11, 1), "draft"): 1,
        }
        (waiting,) = InvoiceProposal.objects.unposted()
        assert waiting.proforma.contract.name == "Warehouse app"

    def test_a_full_day_was_billed_with_six_hours_twice(self):
        counted_again = Q(event__kind=EventKind.PREPAID_HOURS)
        mirrors = Actual.objects.filter(outcome=ActualOutcome.ADJUSTED).exclude(counted_again).order_by("pk")
        assert [one.quantity for one in mirrors] == [-8, -8]
        details = InvoiceLineDetail.objects.filter(actual__in=mirrors.values("reverses"))
        assert counted(details, "quantity", "remainder") == {(6, "write_off"): 1, (6, "keep"): 1}
        kept = BacklogItem.objects.get(actual__event__proforma__isnull=False)
        assert (kept.quantity, kept.contract.currency) == (2, "GBP")

    def test_the_backlog_has_work_for_everybody(self):
        reasons = counted(BacklogItem.objects.exclude(hold_reason=""), "hold_reason")
        assert reasons == {"disputed": 4, "wrong_rate": 2, "waiting": 3}
        assert BacklogItem.objects.get(work_item__is_priced=False).contract.currency == "GBP"
        ready = BacklogItem.objects.ready().filter(contract__status="confirmed")
        names = ["ERP rollout", "Operations support", "Pricing engine"]
        assert sorted(counted(ready, "contract__name")) == names
        shares = MilestoneShare.objects
        assert counted(shares, "status") == {"posted": 4, "ready": 1, "not_ready": 7}
        assert shares.filter(status="not_ready", milestone__due_on__lt=TODAY).count() == 2
        soon = Q(milestone__due_on__gt=TODAY, milestone__due_on__lte=TODAY + timedelta(days=7))
        assert shares.filter(soon).get().milestone.name == "Training material delivered"

    def test_time_is_billed_in_quarters_of_an_hour_and_in_days_where_that_was_agreed(self):
        calls = Approval.objects.filter(status="approved", contract_line__increment_minutes=15)
        short = calls.filter(submitted_quantity__lt=1).order_by("submitted_quantity")
        assert {(one.submitted_quantity, one.billable_quantity) for one in short} == {
            (Decimal("0.2"), Decimal("0.25")),
            (Decimal("0.7"), Decimal("0.75")),
        }
        in_days = Approval.objects.filter(status="approved", contract_line__day_hours=8)
        assert set(in_days.values_list("unit", flat=True)) == {"day"}
        # Two entries of one person and day are one day: it stands on the first of them.
        quantities = set(in_days.values_list("billable_quantity", flat=True))
        assert quantities == {Decimal(0), Decimal("0.5"), Decimal(1)}
        assert {Decimal(1080), Decimal(840)} == set(in_days.values_list("sales_price", flat=True))

    def test_the_policy_flags_holds_and_keeps_what_was_switched_off(self):
        rules = ApprovalRule.objects
        assert counted(rules, "is_active", "effect") == {
            (True, "flag"): 8,
            (True, "hold"): 1,
            (True, "refuse"): 1,
            (False, "approve"): 1,
        }
        saturday = Approval.objects.get(entry__date=date(2026, 11, 21), status="submitted")
        assert [reason.kind for reason in saturday.reasons.all()] == ["weekend"]

    def test_one_customer_has_paid_an_invoice_and_terms_are_there_to_choose_from(self):
        payment = CustomerPayment.objects.get()
        assert CustomerInvoice.objects.with_open().get(number=payment.reference).open_amount == 0
        assert CustomerInvoice.objects.unpaid().count() == 20
        assert PaymentTerms.objects.count() == 6

    def test_customers_are_overdue_reminded_and_disputed_and_the_bank_has_booked(self):
        (sent,) = Reminder.objects.all()
        assert (sent.level, sent.sent_by, sent.document.pdf[:5]) == (1, self.people["hanna"], b"%PDF-")
        proposals = proposed_reminders(Customer.objects.all(), TODAY)
        assert (sent.customer_id, 2) in {(one.customer.pk, one.level) for one in proposals.reminders}
        assert {one.code for one in proposals.left_out} >= {"invoice-disputed"}
        assert ReminderProposal.objects.waiting(TODAY).exists()
        assert BankCsvMapping.objects.get().amount_column == 5
        assert BankBooking.objects.unmatched().count() == 3

    def test_a_block_of_hours_is_used_up_and_four_hours_cost_their_own_rate(self):
        (use,) = use_of(PrepaidHours.objects.all())
        figures = [(one.rolled_in, one.used, one.over, one.rolled_on) for one in use.plan.months[:3]]
        assert figures == [
            (0, 48, 0, 2),
            (2, Decimal("43.5"), 0, Decimal("8.5")),
            (Decimal("8.5"), Decimal("62.5"), 4, 0),
        ]
        over = BacklogItem.objects.filter(actual__price=148).order_by("-transaction_date")
        assert [(one.quantity, one.amount) for one in over] == [(Decimal("1.5"), 222), (Decimal("2.5"), 370)]
        blocks = Retainer.objects.filter(prepaid_month__isnull=False).order_by("invoice_on")
        # The work of two months is billed from their blocks, the last month waits for its managers.
        assert [one.used_amount for one in blocks[:3]] == [6000, 4980, 0]

    def test_contracts_are_of_every_kind(self):
        assert counted(ProjectContract.objects, "status") == {"confirmed": 9, "on_hold": 1, "draft": 1}
        shared = MilestoneShare.objects.filter(milestone__name="Gate design accepted").order_by("pk")
        assert [share.amount for share in shared] == [Decimal("14999.99"), Decimal("10000.00")]

    def test_the_run_of_the_first_names_every_outcome(self):
        run = BatchRun.objects.get(business_date=date(2026, 11, 1))
        assert (run.trigger, run.status, run.due_count) == ("clock", "with_failures", 8)
        assert counted(run.outcomes, "outcome") == {"created": 4, "nothing_to_bill": 3, "failed": 1}
        failed = run.outcomes.get(outcome="failed")
        assert failed.contract.name == "Editorial workflow"
        assert "On hold" in failed.message
        assert BatchRun.objects.filter(trigger="clock", business_date=TODAY).count() == 1

    def test_taxes_are_domestic_reverse_charge_and_none(self):
        taxes = {
            (code, str(percent.normalize())): count
            for (code, percent), count in counted(InvoiceTax.objects, "tax_code__code", "percent").items()
        }
        assert taxes == {
            ("de-full", "19"): 15,
            ("de-reduced", "7"): 1,
            ("eu-reverse", "0"): 2,
            ("export", "0"): 6,
        }
        brabant = CustomerInvoice.objects.filter(customer__short_name="Brabant Foods").first()
        (tax,) = brabant.snapshot["taxes"]
        assert (tax["label"], tax["note"][:23]) == ("Reverse charge", "The recipient is liable")
        both = InvoiceTax.objects.get(tax_code__code="de-reduced").invoice
        assert both.tax_amount == both.taxes.aggregate(sum=Sum("tax_amount"))["sum"]

    def test_closed_months_are_locked(self):
        assert counted(FiscalPeriod.objects, "status") == {"closed": 20, "open": 6}
        assert LegalEntity.objects.get().locked_through == date(2026, 8, 31)

    def test_the_books_begin_with_opening_balances_and_their_first_year_is_closed(self):
        items = OpeningItem.objects.filter(opened_on=date(2025, 1, 1)).order_by("number")
        assert list(items.values_list("number", "amount")) == [("A-0412", 7140), ("A-0419", 3900)]
        close = JournalVoucher.objects.get(kind="year_end")
        retained = close.lines.get(account__name="Retained earnings")
        assert (close.date, close.status, retained.amount) == (date(2026, 1, 1), "posted", -22600)
        opening = VoucherLine.objects.filter(account__name="Opening balances")
        assert sum(opening.values_list("base_amount", flat=True)) == 0

    def test_rent_is_proposed_every_month_and_an_audit_is_accrued_and_reversed(self):
        recurring = RecurringVoucher.objects.get(next_month=date(2026, 12, 1))
        rent = JournalVoucher.objects.filter(text=recurring.source.text).order_by("date")
        assert list(rent.values_list("status", flat=True)) == ["posted", "posted", "posted", "draft"]
        accrual = JournalVoucher.objects.get(date=date(2026, 10, 31), reversed_on=date(2026, 11, 1))
        assert accrual.reversals.get().date == date(2026, 11, 1)

    def test_pounds_are_valued_at_the_end_of_the_month_and_a_rate_is_agreed(self):
        revaluation = Revaluation.objects.get()
        assert revaluation.valued_on == date(2026, 10, 31)
        assert set(revaluation.lines.values_list("currency", "rate")) == {("GBP", Decimal("1.1634"))}
        agreed = AgreedRate.objects.get()
        assert (agreed.contract.name, agreed.rate) == ("Pricing engine", Decimal("1.17"))
        assert (agreed.starts_on, agreed.ends_on) == (date(2026, 10, 1), date(2026, 12, 31))
        export = VoucherExport.objects.get()
        assert (export.first_day, export.last_day) == (date(2026, 8, 1), date(2026, 8, 31))
