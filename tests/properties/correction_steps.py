"""What is corrected of work that was confirmed, between all the rest (B9, R1 to R9)."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
)

from billing.correction_rows import BilledCorrection
from billing.models import Proforma
from billing.removing import delete_drafts
from projects.models import Actual, BacklogItem
from projects.states import TransactionClass
from tests.company.checking import refused
from tests.company.corrections import correct
from tests.company.rows import NOW
from tests.properties.ledger import CHARGEABLE, Billed, Corrected, Open

HOURS = st.integers(1, 24).map(lambda quarters: Decimal(quarters) / 4)


class CorrectionSteps(RuleBasedStateMachine):
    """Steps of a machine that has a company and a ledger of its work."""

    company: Any
    ledger: Any

    @precondition(lambda self: self._correctable())
    @rule(
        data=st.data(),
        hours=HOURS | st.just(Decimal(0)),
        price=st.sampled_from([None, None, 180, 250]),
        waits=st.sampled_from([False, False, True]),
    )
    def correct(self, data: st.DataObject, hours: Decimal, price: int | None, waits: bool) -> None:
        key = data.draw(st.sampled_from(self._correctable()))
        row = self.ledger.standing[key]
        new = Corrected(hours, row.price if price is None or not hours else Decimal(price))
        asked = BilledCorrection(Actual.objects.get(pk=key), quantity=new.quantity, price=new.price)
        if (new.quantity, new.price) == (row.quantity, row.price):
            with refused("changes-nothing"):
                correct(self.company, asked)
            return
        draft = correct(self.company, asked)
        self.ledger.corrects(draft.pk, key, new)
        with refused("being-corrected"):
            correct(self.company, asked)
        if not waits:
            self.confirm_correction(draft.pk)

    @precondition(lambda self: self.ledger.corrections)
    @rule(data=st.data())
    def drop_the_correction(self, data: st.DataObject) -> None:
        draft = data.draw(st.sampled_from(sorted(self.ledger.corrections)))
        delete_drafts(Proforma.objects.filter(pk=draft), actor=self.company.manager, at=NOW)
        self.ledger.drops_correction(draft)

    @precondition(lambda self: self.ledger.corrections)
    @rule(data=st.data())
    def confirm_the_correction(self, data: st.DataObject) -> None:
        self.confirm_correction(data.draw(st.sampled_from(sorted(self.ledger.corrections))))

    def confirm_correction(self, draft: int) -> None:
        (confirmed,) = self.company.confirm(Proforma.objects.get(pk=draft))
        rests = self.ledger.confirms_correction(draft)
        rows = self.new_rows()
        assert [self.opened(row) for row in rows] == rests
        for row in rows:
            self.ledger.opens(row.pk, self.opened(row))
        self.stand(confirmed)
        assert confirmed.net_amount == self.ledger.confirmed[draft][0]

    def _correctable(self) -> list[int]:
        return sorted(key for key, row in self.ledger.standing.items() if not row.is_being_corrected)

    def stand(self, confirmed: Proforma) -> None:
        """The billed rows of a proforma that was confirmed just now can be corrected from now on."""
        rows = Actual.objects.billed_sales().originals().filter(event=confirmed.event)
        rows = rows.exclude(work_item__transaction_class=TransactionClass.RETAINER)
        for row in rows.filter(billing_type=CHARGEABLE).select_related("work_item"):
            item = row.work_item
            assert item.customer_id is not None
            self.ledger.standing[row.pk] = Billed(item.pk, item.customer_id, row.quantity, row.price)

    def new_rows(self) -> list[BacklogItem]:
        rows = BacklogItem.objects.filter(contract=self.company.contract).exclude(pk__in=self.ledger.open)
        return list(rows.select_related("actual").order_by("pk"))

    def opened(self, row: BacklogItem) -> Open:
        return Open(row.work_item_id, row.customer_id, row.quantity, row.actual.price, row.billing_type)
