"""Two people at one draft in the same moment: one wins, and the other is refused with the reason (B7)."""

from decimal import Decimal

from billing.confirming import confirm_proformas
from billing.editing import Changes, edit_details
from billing.models import InvoiceLineDetail, Proforma
from core.seen_values import seen_of
from tests.company import Company, details_of, only
from tests.company.rows import NOW
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

EIGHT = 8


def test_of_many_who_edit_what_they_have_seen_one_saves():
    company = Company()
    company.approved(8)
    draft = company.draft()
    detail = details_of(draft).get()
    seen = {detail.pk: seen_of(detail, ["quantity", "price"])}

    def edit(hours: int) -> list[InvoiceLineDetail]:
        changes = Changes(quantity=Decimal(hours))
        return edit_details(details_of(draft), changes, seen=seen, actor=company.manager, at=NOW)

    answers = at_once(*[lambda hours=hours: edit(hours) for hours in range(1, EIGHT)])
    assert codes(answers) == ["edited-meanwhile"] * (EIGHT - 2)
    (saved,) = [answer[0].quantity for answer in answers if isinstance(answer, list)]
    now = Proforma.objects.get()
    assert (details_of(draft).get().quantity, now.net_amount) == (saved, saved * 200)


def test_what_is_confirmed_has_the_total_that_was_seen_or_nothing_is_confirmed():
    company = Company()
    company.approved(8)
    draft = company.draft()

    def confirm() -> list[Proforma]:
        seen = {draft.number: Decimal(1920)}
        return confirm_proformas(only(draft), actor=company.manager, at=NOW, seen_totals=seen)

    answers = at_once(confirm, lambda: company.edit(draft, quantity="6"))
    now = Proforma.objects.get()
    # Whoever comes second is refused: the edit by the freeze, the click by a total that nobody has seen.
    outcome = {"confirmed": (["frozen"], 1600), "draft": (["total-changed"], 1200)}
    assert (codes(answers), now.net_amount) == outcome[now.status]
