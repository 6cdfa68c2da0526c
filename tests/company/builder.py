"""A company at work in tests: one legal entity that works, bills and books.

`Company()` has books, 20 % tax, an hour that costs 100 and sells for 200, and a confirmed contract by time
and material. Its methods call the verbs as the people whose work they are: the worker submits, the manager
approves, drafts and confirms, the accountant posts. Results are read as text.

`Company.bare()` is the same company without books, taxes and prices: the fewest rows, and no verb is called.
Further rows without a verb come from the functions of `rows`, `invoicing_rows` and `book_rows`.
"""

import copy
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from accounting.models import (
    CustomerInvoice,
)
from billing.adding_by_hand import add_manual_detail
from billing.confirm_warnings import ticks_of
from billing.confirming import confirm_proformas
from billing.drafting import draft_contracts
from billing.editing import Changes, edit_details
from billing.marking_ready import mark_milestones_ready, mark_ready
from billing.models import InvoiceLineDetail, Milestone, MilestoneShare, Proforma
from core.money import hours_of
from projects.approving import approve_entries, change_terms
from projects.models import (
    Approval,
    BacklogItem,
    ContractLine,
    ContractLineCustomer,
    Customer,
    Entry,
    ExchangeRate,
    LegalEntity,
    Project,
    ProjectContract,
    Resource,
    Role,
    Task,
)
from projects.roles import FINANCE_CONTROLLER
from projects.states import BillingMethod, PriceContext, TaxDate, TransactionClass
from projects.submitting import submit_entries
from tests.company import people, rows, set_up
from tests.company.bookkeeping import Bookkeeping
from tests.company.rows import CUT_OFF, DAY, NOW, next_number
from tests.company.selling import Selling
from tests.company.set_up import UNITS


class Company(Bookkeeping, Selling):
    """One legal entity with customer, project, contract and people; euros unless a currency is given."""

    manager: Any
    worker: Any
    customer: Customer
    role: Role
    resource: Resource
    project: Project
    contract: ProjectContract
    line: ContractLine

    def __init__(
        self,
        *,
        accrues: bool = True,
        on_account: str = "profit_and_loss",
        currency: str = "EUR",
        tax: bool = True,
    ):
        self._create_rows(currency)
        set_up.open_books(self, accrues=accrues, on_account=on_account)
        self.tax_code, self.item_group = (
            set_up.create_tax(self) if tax else (None, set_up.create_exemption(self))
        )
        self.categories = {kind: set_up.create_category(kind, self.item_group) for kind in UNITS}
        self.sales = set_up.create_price_list(self, PriceContext.SALES, currency, "200")
        self.costs = set_up.create_price_list(self, PriceContext.COST, "EUR", "100")

    @classmethod
    def bare(cls) -> "Company":
        """The company without books, taxes and prices."""
        made = cls.__new__(cls)
        made._create_rows("EUR")
        rows.fiscal_days(made.entity)
        return made

    def _create_rows(self, currency: str) -> None:
        number = next_number()
        self.entity = LegalEntity.objects.create(
            code=f"e{number}",
            name=f"Entity {number}",
            short_name=f"E{number}",
            currency="EUR",
            address="1 Road",
        )
        self.manager, self.accountant, self.worker = map(rows.user, ("manager", "accountant", "worker"))
        self.role = Role.objects.create(name=f"Role {number}")
        self.resource = Resource.objects.create(
            legal_entity=self.entity,
            code=f"r{number}",
            name=f"Resource {number}",
            user=self.worker,
            role=self.role,
        )
        self._create_contract(currency)

    def _create_contract(self, currency: str = "EUR", **columns: Any) -> None:
        """A customer with a project and a confirmed contract of one line."""
        self.customer = rows.customer(self.entity)
        number = next_number()
        self.project = Project.objects.create(
            legal_entity=self.entity, number=f"P{number}", name=f"Project {number}", customer=self.customer
        )
        self.contract = rows.contract(self.entity, self.customer, currency=currency, **columns)
        self.line = rows.contract_line(self.contract, self.customer, project=self.project)

    def with_another_customer(self) -> "Company":
        """The same legal entity and people, for a new customer whose contract the manager manages."""
        made = copy.copy(self)
        made._create_contract(manager=self.manager)
        return made

    # --- People -------------------------------------------------------------------------

    def person(self, *roles: str) -> Any:
        """A new user with these roles who may see the legal entity."""
        return people.person(*roles, entities=[self.entity])

    def admit(self, user: Any, *roles: str) -> Any:
        """Give a user these roles and let them see the legal entity; returns the user."""
        return people.admit(user, *roles, entities=[self.entity])

    def is_taxed_by_invoice_date(self) -> None:
        """Rates of tax are those of the invoice date from now on, not of the date of supply."""
        self.entity.tax_date = TaxDate.INVOICE
        self.entity.save()

    def second_person(self) -> Any:
        """A finance controller of the company, who may confirm what others have edited."""
        return self.person(FINANCE_CONTROLLER)

    def is_managed_by(self, user: Any) -> None:
        """Make this user the manager of the company and of its contract."""
        self.manager = user
        ProjectContract.objects.filter(pk=self.contract.pk).update(manager=user)
        self.contract.manager = user

    # --- Set-up -------------------------------------------------------------------------

    def bills_time(self, **columns: Any) -> None:
        """How the line brings time to steps: `increment_minutes`, `_rule` and `_scope`, or `day_hours`."""
        ContractLine.objects.filter(pk=self.line.pk).update(**columns)
        self.line.refresh_from_db()

    def is_shared_by(self, *percents: str, rounding: int = -1) -> list[Customer]:
        """The line is paid by so many customers; the last takes the rounding, or the one at `rounding`."""
        self.line.customers.all().delete()
        # Each customer is taxed by the own group; here they live where the first one does.
        group = Customer.objects.get(pk=self.customer.pk).sales_tax_group
        others = [rows.customer(self.entity, currency="EUR", sales_tax_group=group) for _each in percents[1:]]
        payers = [self.customer, *others]
        for payer, percent in zip(payers, percents, strict=True):
            ContractLineCustomer.objects.create(
                contract_line=self.line,
                customer=payer,
                split_percent=Decimal(percent),
                is_rounding=payer is payers[rounding],
            )
        return payers

    def fixed_price_line(self, **columns: Any) -> ContractLine:
        """A fixed-price line of the contract for a project of its own."""
        project = Project.objects.create(
            legal_entity=self.entity, number=f"F{next_number()}", name="Fixed", customer=self.customer
        )
        columns = {"billing_method": BillingMethod.FIXED_PRICE, "project": project, "name": "Fixed"} | columns
        return rows.contract_line(self.contract, self.customer, **columns)

    def works_at_a_fixed_price(self) -> None:
        """The company's line and project are those of a fixed price from now on."""
        self.line = self.fixed_price_line()
        assert self.line.project is not None
        self.project = self.line.project

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
        of_time: dict[str, Any] = {}
        if kind == TransactionClass.TIME:
            whose = self.worker_on(columns.get("date", DAY), Decimal(quantity))
            of_time = {"resource": whose, "role": self.role}
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

    def worked(self, seconds: int, **columns: Any) -> Entry:
        """A draft of the worker's time, recorded in seconds."""
        return self.entry(hours_of(seconds), seconds=seconds, **columns)

    def task(self, name: str) -> Task:
        return Task.objects.create(project=self.project, name=name)

    def worker_on(self, day: date, hours: Decimal) -> Resource:
        """The worker, or a colleague where the worker's day has not so many hours left."""
        whole = Q(entries__transaction_class=TransactionClass.TIME, entries__date=day)
        people = Resource.objects.filter(legal_entity=self.entity, role=self.role).order_by("pk")
        for one in people.annotate(hours=Sum("entries__quantity", filter=whole, default=Decimal(0))):
            if one.hours + hours <= 24:  # noqa: PLR2004 - the hours of a day
                return self.resource if one.pk == self.resource.pk else one
        number = next_number()
        return Resource.objects.create(
            legal_entity=self.entity, code=f"r{number}", name=f"Resource {number}", role=self.role
        )

    def submitted(self, quantity: str | int = 8, kind: str = "time", **columns: Any) -> Approval:
        entry = self.entry(quantity, kind, **columns)
        (approval,) = submit_entries(only(entry), actor=self.worker, at=rows.moment_for(entry.date))
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
        needed: dict[Any, dict[str, Any]] = {
            TransactionClass.TIME: {"role": self.role},
            TransactionClass.EXPENSE: {"category": self.categories["expense"]},
            TransactionClass.MATERIAL: {"product": "Cable"},
        }
        detail = InvoiceLineDetail(**needed.get(columns["transaction_class"], {}) | columns)
        on = draft.lines.get(contract_line=line)
        return add_manual_detail(on, detail, actor=self.manager, at=NOW)

    def confirm(self, *drafts: Proforma) -> list[Proforma]:
        """Confirm drafts, every warning about them ticked."""
        chosen = Proforma.objects.filter(pk__in=[one.pk for one in drafts])
        return confirm_proformas(chosen, actor=self.manager, at=NOW, accepted=ticks_of(chosen))

    def billed(self, quantity: str | int = 8) -> CustomerInvoice:
        """One day's work from the entry to its posted invoice, unchanged."""
        self.approved(quantity)
        self.confirm(self.draft())
        (invoice,) = self.invoices()
        return invoice


def only(*rows: Any) -> Any:
    """The queryset of exactly these rows."""
    return type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows])


def details_of(draft: Proforma) -> Any:
    return InvoiceLineDetail.objects.filter(line__proforma=draft)
