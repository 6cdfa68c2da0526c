"""The language of the scenarios: a company that works, bills and books, told in the words of the trade.

`Trade()` is one legal entity with books, 20 % tax, an hour that costs 100 and sells for 200, and a confirmed
contract by time and material. Its methods are the verbs, in the hands of the people whose work they are: the
worker submits, the manager approves, drafts and confirms, the accountant posts. What came of it is text.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounting.invoicing import post_proposals
from accounting.models import (
    CostRevenueProfile,
    CustomerInvoice,
    ExchangeRate,
    IntegrationJournal,
    InvoiceProposal,
    Voucher,
    VoucherLine,
)
from accounting.posting import Posted, post_journals
from accounting.pulling import pull_journals, pull_proposals
from accounting.setting_up import create_books
from billing.confirming import confirm_proformas
from billing.drafting import draft_contracts
from billing.editing import Changes, add_manual_detail, edit_details
from billing.marking_ready import mark_milestones_ready, mark_ready
from billing.models import InvoiceLineDetail, Milestone, MilestoneShare, Proforma
from projects.approving import approve_entries, change_terms
from projects.models import (
    Actual,
    Approval,
    BacklogItem,
    CategoryPrice,
    ContractLine,
    ContractLineCustomer,
    Customer,
    Entry,
    ItemSalesTaxGroup,
    MaterialPrice,
    PriceList,
    Project,
    ProjectContract,
    RolePrice,
    SalesTaxGroup,
    TaxCode,
    TaxRate,
    TaxRule,
    TransactionCategory,
)
from projects.states import (
    BillingMethod,
    PriceContext,
    TransactionClass,
)
from projects.submitting import submit_entries
from tests.factories import world
from tests.factories.world import CUT_OFF, DAY, NOW, next_number
from tests.telling import amount, balance, place_of, told, waiting

UNITS = {"time": "h", "expense": "pcs", "material": "pcs", "fee": "pcs"}


class Trade:
    """One company and its one contract; amounts in euros unless a contract currency is given."""

    def __init__(
        self,
        *,
        accrues: bool = True,
        on_account: str = "profit_and_loss",
        currency: str = "EUR",
        tax: bool = True,
    ):
        self.at = world.world()
        self.entity, self.customer, self.project = self.at.entity, self.at.customer, self.at.project
        self.manager, self.accountant, self.worker = self.at.manager, self.at.accountant, self.at.worker
        ProjectContract.objects.filter(pk=self.at.contract.pk).update(currency=currency)
        self.contract = ProjectContract.objects.get(pk=self.at.contract.pk)
        self.line = self.at.line
        self._books(accrues, on_account)
        self.item_group = self._tax() if tax else None
        self.categories = {kind: self._category(kind) for kind in UNITS}
        self.sales = self._prices(PriceContext.SALES, currency, "200")
        self.costs = self._prices(PriceContext.COST, "EUR", "100")

    # --- Set-up -------------------------------------------------------------------------

    def _books(self, accrues: bool, on_account: str) -> None:
        first, last = date(2026, 1, 1), date(2026, 12, 31)
        create_books(self.entity, first_day=first, last_day=last, actor=self.manager, at=NOW)
        profiles = CostRevenueProfile.objects.filter(legal_entity=self.entity)
        flags = {f"accrues_{kind}": accrues for kind in UNITS}
        profiles.filter(billing_method=BillingMethod.TIME_AND_MATERIAL).update(**flags)
        profiles.filter(billing_method=BillingMethod.FIXED_PRICE).update(on_account=on_account)

    def _tax(self) -> ItemSalesTaxGroup:
        number = next_number()
        domestic = SalesTaxGroup.objects.create(code=f"domestic-{number}", name="Domestic")
        full = ItemSalesTaxGroup.objects.create(code=f"full-{number}", name="Full rate")
        code = TaxCode.objects.create(code=f"vat-{number}", name="VAT")
        TaxRate.objects.create(tax_code=code, starts_on=date(2020, 1, 1), percent=Decimal(20))
        TaxRule.objects.create(sales_tax_group=domestic, item_sales_tax_group=full, tax_code=code)
        Customer.objects.filter(pk=self.customer.pk).update(sales_tax_group=domestic)
        self.entity.milestone_item_tax_group = full
        self.entity.save()
        self.tax_code = code
        return full

    def _category(self, kind: str) -> TransactionCategory:
        return TransactionCategory.objects.create(
            name=f"{kind} {next_number()}",
            transaction_class=kind,
            unit=UNITS[kind],
            item_sales_tax_group=self.item_group,
        )

    def _prices(self, context: str, currency: str, hour: str) -> PriceList:
        prices = PriceList.objects.create(
            legal_entity=self.entity, name=f"{context} prices", context=context, currency=currency
        )
        RolePrice.objects.create(price_list=prices, role=self.at.role, price=Decimal(hour))
        return prices

    def sells_hours_for(self, price: str) -> None:
        RolePrice.objects.filter(price_list=self.sales).update(price=Decimal(price))

    def sells_expenses_at_cost_plus(self, percent: str) -> None:
        CategoryPrice.objects.create(
            price_list=self.sales,
            category=self.categories["expense"],
            method="markup",
            markup_percent=Decimal(percent),
        )

    def sells_material_for(self, price: str, product: str = "Cable") -> None:
        MaterialPrice.objects.create(price_list=self.sales, product=product, price=Decimal(price))

    def is_shared_by(self, *percents: str) -> list[Customer]:
        """The line is paid by so many customers; the last takes the rounding."""
        self.line.customers.all().delete()
        payers = [self.customer, *(world.customer(self.entity, currency="EUR") for _each in percents[1:])]
        for payer, percent in zip(payers, percents, strict=True):
            ContractLineCustomer.objects.create(
                contract_line=self.line,
                customer=payer,
                split_percent=Decimal(percent),
                is_rounding=payer is payers[-1],
            )
        return payers

    def fixed_price_line(self, **columns: Any) -> ContractLine:
        """A fixed-price line of the contract for a project of its own."""
        project = Project.objects.create(
            legal_entity=self.entity, number=f"F{next_number()}", name="Fixed", customer=self.customer
        )
        columns = {"billing_method": BillingMethod.FIXED_PRICE, "project": project, "name": "Fixed"} | columns
        return world.contract_line(self.contract, self.customer, **columns)

    def milestone(
        self, amount: str, *, line: ContractLine | None = None, due_on: date = DAY, is_ready: bool = True
    ) -> MilestoneShare:
        line = line or self.fixed_price_line()
        stone = Milestone.objects.create(
            contract_line=line, name=f"Milestone {amount}", due_on=due_on, amount=Decimal(amount)
        )
        share = MilestoneShare.objects.create(
            milestone=stone,
            line_customer=line.customers.get(),
            customer=self.customer,
            amount=Decimal(amount),
        )
        if is_ready:
            mark_milestones_ready(MilestoneShare.objects.filter(pk=share.pk), actor=self.manager, at=NOW)
        return MilestoneShare.objects.get(pk=share.pk)

    def rate(self, currency: str, rate: str, starts_on: date = date(2026, 1, 1)) -> None:
        ExchangeRate.objects.create(
            legal_entity=self.entity, currency=currency, starts_on=starts_on, rate=Decimal(rate)
        )

    # --- Work ---------------------------------------------------------------------------

    def entry(self, quantity: str | int = 8, kind: str = "time", **columns: Any) -> Entry:
        """A draft entry on the contract's project: hours by the worker, or what `kind` says."""
        of_time = (
            {"resource": self.at.resource, "role": self.at.role} if kind == TransactionClass.TIME else {}
        )
        columns = {
            "project": self.project,
            "date": DAY,
            "unit": UNITS[kind],
            "category": self.categories[kind],
            "description": f"{kind} of the day",
            **of_time,
        } | columns
        return Entry.objects.create(
            legal_entity=self.entity, transaction_class=kind, quantity=Decimal(quantity), **columns
        )

    def submitted(self, quantity: str | int = 8, kind: str = "time", **columns: Any) -> Approval:
        entry = self.entry(quantity, kind, **columns)
        (approval,) = submit_entries(only(entry), actor=self.worker, at=NOW)
        return approval

    def approved(
        self,
        quantity: str | int = 8,
        kind: str = "time",
        *,
        billable: str | int | None = None,
        billing_type: int | None = None,
        **columns: Any,
    ) -> Approval:
        approval = self.submitted(quantity, kind, **columns)
        if billable is not None or billing_type is not None:
            terms = None if billable is None else Decimal(billable)
            change_terms(
                only(approval), billable_quantity=terms, billing_type=billing_type, actor=self.manager, at=NOW
            )
        approve_entries(only(approval), actor=self.manager, on=DAY, at=NOW)
        return Approval.objects.get(pk=approval.pk)

    def ready(self) -> int:
        """Everything that may be marked ready."""
        items = BacklogItem.objects.filter(contract__legal_entity=self.entity).markable()
        return mark_ready(items, actor=self.manager, at=NOW)

    # --- Billing ------------------------------------------------------------------------

    def drafts(self, on: date = CUT_OFF, **options: Any) -> list[Proforma]:
        contracts = ProjectContract.objects.filter(legal_entity=self.entity)
        return draft_contracts(contracts, invoice_date=on, actor=self.manager, at=NOW, **options)

    def draft(self, on: date = CUT_OFF) -> Proforma:
        """The one proforma of all that is ready, whatever was not ready yet included."""
        self.ready()
        (draft,) = self.drafts(on)
        return draft

    def edit(self, draft: Proforma, **changes: Any) -> None:
        """Change all details of a draft; numbers may be written as text."""
        asked = {
            name: Decimal(value) if name in ("quantity", "price") else value
            for name, value in changes.items()
        }
        self.edit_only(details_of(draft), **asked)

    def edit_only(self, details: Any, **changes: Any) -> None:
        edit_details(details, Changes(**changes), actor=self.manager, at=NOW)

    def add_by_hand(self, draft: Proforma, line: ContractLine, **columns: Any) -> InvoiceLineDetail:
        columns = {
            "transaction_class": TransactionClass.FEE,
            "transaction_date": DAY,
            "quantity": Decimal(1),
            "unit": "h",
            "price": Decimal(200),
            "amount": Decimal(0),
            "item_sales_tax_group": self.item_group,
        } | columns
        detail = InvoiceLineDetail(**columns)
        on = draft.lines.get(contract_line=line)
        return add_manual_detail(on, detail, actor=self.manager, at=NOW)

    def confirm(self, *drafts: Proforma) -> list[Proforma]:
        return confirm_proformas(
            Proforma.objects.filter(pk__in=[one.pk for one in drafts]), actor=self.manager, at=NOW
        )

    # --- Books --------------------------------------------------------------------------

    def journalise(self) -> Posted:
        """Import what is new into the integration journal and post it."""
        pull_journals(self.entity, actor=self.accountant, at=NOW)
        return self.post_journals()

    def post_journals(self) -> Posted:
        journals = IntegrationJournal.objects.postable().filter(legal_entity=self.entity)
        return post_journals(journals, actor=self.accountant, at=NOW)

    def propose(self) -> int:
        """Make a proposal of every confirmed proforma of the company."""
        proformas = Proforma.objects.filter(legal_entity=self.entity)
        return pull_proposals(proformas, at=NOW).count_or_raise()

    def proposals(self) -> Any:
        """Proposals that wait for posting, after importing what was confirmed."""
        self.propose()
        return InvoiceProposal.objects.unposted().filter(legal_entity=self.entity)

    def invoices(self, **options: Any) -> list[CustomerInvoice]:
        """Post journals, then every proposal."""
        self.journalise()
        return self.post(self.proposals(), **options)

    def post(self, proposals: Any, **options: Any) -> list[CustomerInvoice]:
        return post_proposals(proposals, actor=self.accountant, at=NOW, **options)

    def billed(self, quantity: str | int = 8) -> CustomerInvoice:
        """The whole road of one day's work, unchanged."""
        self.approved(quantity)
        self.confirm(self.draft())
        (invoice,) = self.invoices()
        return invoice

    # --- What came of it ----------------------------------------------------------------

    def actuals(self) -> str:
        """Type, billing type, quantity, amount and status of every actual, in the order of events."""
        rows = (
            Actual.objects.filter(work_item__legal_entity=self.entity)
            .select_related("backlog_item", "work_item")
            .prefetch_related("mirror")
        )
        return "\n".join(told(row) for row in sorted(rows, key=place_of))

    def backlog(self) -> str:
        """Date, billing type, quantity, amount and status of everything open."""
        items = BacklogItem.objects.filter(contract__legal_entity=self.entity)
        return "\n".join(waiting(item) for item in items.order_by("transaction_date", "pk"))

    def ledger(self) -> str:
        """The balance of every account that was moved, debits positive; foreign ones in both currencies."""
        lines = VoucherLine.objects.filter(voucher__legal_entity=self.entity).order_by()
        sums = lines.values_list("account__number", "account__name", "currency").annotate(
            amount=Sum("amount"), base=Sum("base_amount")
        )
        return "\n".join(balance(*row, own=self.entity.currency) for row in sorted(sums))

    def voucher(self, invoice: CustomerInvoice) -> str:
        """The lines of an invoice's voucher by account, in its currency."""
        voucher = Voucher.objects.get(source_kind="customer_invoice", source_id=invoice.pk)
        sums = (
            voucher.lines.order_by()
            .values_list("account__number", "account__name")
            .annotate(sum=Sum("amount"))
        )
        return "\n".join(f"{number} {name} {amount(sum_)}" for number, name, sum_ in sorted(sums))


def only(*rows: Any) -> Any:
    """The queryset of exactly these rows."""
    return type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows])


def details_of(draft: Proforma) -> Any:
    return InvoiceLineDetail.objects.filter(line__proforma=draft)
