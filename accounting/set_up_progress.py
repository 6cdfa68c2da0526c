"""How far a company is set up: what is done, what is missing, what can be done next (A13)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounting.missing_accounts import missing_types
from accounting.models import CustomerInvoice, FiscalPeriod, PostingAccount
from accounting.states import PeriodStatus, PostingType
from billing.models import Proforma
from billing.states import ProformaStatus
from core.refusals import Text
from projects.models import (
    Customer,
    Entry,
    LegalEntity,
    PriceList,
    Project,
    ProjectContract,
    Role,
    RolePrice,
    TeamMember,
    WorkItem,
)
from projects.roles import holders_of
from projects.states import ContractStatus, EntryStatus, PriceContext

DUTIES: Sequence[tuple[Text, str]] = (
    (_("Approve hours"), "projects.approve_entry"),
    (_("Confirm contracts"), "projects.confirm_contract"),
    (_("Confirm proformas"), "billing.confirm_proforma"),
    (_("Post invoices"), "accounting.post_invoice"),
    (_("Close periods"), "accounting.close_period"),
    (_("Look after people"), "auth.change_user"),
)
"""What somebody must be able to do before an invoice leaves, and the permission for it."""

TWO_PEOPLE = 2


@dataclass(frozen=True)
class Facts:
    """What the books of a company have, counted; everything is zero before there is one."""

    entity: LegalEntity | None
    periods: int = 0
    open_periods: int = 0
    has_period_today: bool = False
    accounts: int = 0
    missing_accounts: Sequence[PostingType] = ()
    people: int = 0
    roles: int = 0
    customers: int = 0
    price_lists: int = 0
    priced_roles: int = 0
    costed_roles: int = 0
    projects: int = 0
    staffed_projects: int = 0
    contracts: int = 0
    confirmed_contracts: int = 0
    entries: int = 0
    submitted: int = 0
    approved: int = 0
    proformas: int = 0
    confirmed_proformas: int = 0
    invoices: int = 0
    duties: Mapping[str, Sequence[str]] | None = None

    @property
    def gaps(self) -> list[str]:
        """What nobody may do yet, in words."""
        return [str(label) for label, code in DUTIES if not (self.duties or {}).get(code)]


@dataclass(frozen=True)
class SetUpStep:
    """One step: whether it is done, what it waits for, and what it says about itself."""

    key: str
    number: int
    title: Text
    purpose: Text
    needs: Text
    is_done: bool
    said: str = ""
    gap: str = ""
    waits_for: tuple[int, ...] = ()
    permission: str = ""
    lacks_accounts: bool = False


def facts_of(entity: LegalEntity | None, today: date) -> Facts:
    """Everything that the steps ask, in a fixed number of statements."""
    if entity is None:
        return Facts(None)
    periods = FiscalPeriod.objects.filter(legal_entity=entity)
    contracts = ProjectContract.objects.filter(legal_entity=entity)
    prices = RolePrice.objects.filter(price_list__legal_entity=entity)
    sales = prices.filter(price_list__context=PriceContext.SALES)
    costs = prices.filter(price_list__context=PriceContext.COST)
    projects = Project.objects.filter(legal_entity=entity)
    staffed = TeamMember.objects.filter(project__legal_entity=entity)
    entries = Entry.objects.filter(legal_entity=entity)
    proformas = Proforma.objects.filter(legal_entity=entity)
    today_open = periods.filter(status=PeriodStatus.OPEN, starts_on__lte=today, ends_on__gte=today)
    return Facts(
        entity,
        periods=periods.count(),
        open_periods=periods.filter(status=PeriodStatus.OPEN).count(),
        has_period_today=today_open.exists(),
        accounts=PostingAccount.objects.filter(legal_entity=entity, project=None).count(),
        missing_accounts=missing_types([entity.pk]).get(entity.pk, ()),
        people=entity.memberships.filter(user__is_active=True).count(),
        roles=Role.objects.filter(is_closed=False).count(),
        customers=Customer.objects.filter(legal_entity=entity).count(),
        price_lists=PriceList.objects.filter(legal_entity=entity).count(),
        priced_roles=sales.values("role").distinct().count(),
        costed_roles=costs.values("role").distinct().count(),
        projects=projects.count(),
        staffed_projects=staffed.values("project").distinct().count(),
        contracts=contracts.count(),
        confirmed_contracts=contracts.filter(status=ContractStatus.CONFIRMED).count(),
        entries=entries.count(),
        submitted=entries.filter(status=EntryStatus.SUBMITTED).count(),
        approved=WorkItem.objects.filter(legal_entity=entity).count(),
        proformas=proformas.count(),
        confirmed_proformas=proformas.filter(status=ProformaStatus.CONFIRMED).count(),
        invoices=CustomerInvoice.objects.filter(legal_entity=entity).count(),
        duties=holders_of(entity, [code for _label, code in DUTIES]),
    )


def is_finished(user: User) -> bool:
    """Whether a company that the user sees has posted its first invoice: then nobody needs the list."""
    entities = LegalEntity.objects.visible_to(user)
    return CustomerInvoice.objects.filter(legal_entity__in=entities).exists()


def steps_of(facts: Facts) -> list[SetUpStep]:
    """The nine steps from an empty company to the first posted invoice, in order."""
    return [build(facts, number) for number, build in enumerate(STEPS, 1)]


def _company(facts: Facts, number: int) -> SetUpStep:
    entity, said = facts.entity, ""
    if entity is not None:
        said = gettext("%(name)s. Books in %(currency)s.") % {"name": entity, "currency": entity.currency}
    return SetUpStep(
        "company",
        number,
        _("Company"),
        _("Who sends the invoices: name, address, currency and bank"),
        _("Needs a name, an address and a currency"),
        entity is not None,
        said,
        permission="projects.add_legalentity",
    )


def _books(facts: Facts, number: int) -> SetUpStep:
    complete = not facts.missing_accounts
    said = gettext("%(open)s of %(all)s periods open, %(accounts)s posting accounts.") % {
        "open": facts.open_periods,
        "all": facts.periods,
        "accounts": facts.accounts,
    }
    gap = ""
    if facts.periods and not facts.has_period_today:
        gap = gettext("No open period holds today: add the fiscal year.")
    elif facts.periods and not complete:
        names = ", ".join(str(one.label) for one in facts.missing_accounts)
        gap = gettext("No account for: %(names)s.") % {"names": names}
    return SetUpStep(
        "books",
        number,
        _("Fiscal year and books"),
        _("Periods, chart of accounts, taxes and number series"),
        _("Comes with the company; a further year is added here"),
        bool(facts.periods) and complete,
        said if facts.periods else "",
        gap,
        (1,),
        "accounting.add_fiscalperiod",
        bool(facts.periods and facts.missing_accounts),
    )


def _people(facts: Facts, number: int) -> SetUpStep:
    said = ngettext("%(count)s person", "%(count)s people", facts.people) % {"count": facts.people}
    gap = ""
    if facts.people >= TWO_PEOPLE and facts.gaps:
        gap = gettext("Nobody may do this yet: %(duties)s.") % {"duties": ", ".join(facts.gaps)}
    return SetUpStep(
        "people",
        number,
        _("People and roles"),
        _("Who signs in, what each may do, and what their hours are billed as"),
        _("Needs two people at least: nobody approves their own work, and who confirms does not post"),
        facts.people >= TWO_PEOPLE,
        said if facts.entity else "",
        gap,
        (1,),
        "auth.add_user",
    )


def _customers(facts: Facts, number: int) -> SetUpStep:
    said = ngettext("%(count)s customer", "%(count)s customers", facts.customers) % {"count": facts.customers}
    return SetUpStep(
        "customers",
        number,
        _("Customers"),
        _("Who receives the invoices. One is enough to go on"),
        _("Needs a name, an address, a currency and payment terms"),
        bool(facts.customers),
        said if facts.customers else "",
        waits_for=(1,),
        permission="projects.add_customer",
    )


def _prices(facts: Facts, number: int) -> SetUpStep:
    unpriced = facts.roles - facts.priced_roles
    said = ngettext("%(count)s price list", "%(count)s price lists", facts.price_lists)
    gap = ""
    if facts.priced_roles and unpriced > 0:
        waiting = ngettext("%(count)s role waits for a price.", "%(count)s roles wait for a price.", unpriced)
        gap = waiting % {"count": unpriced}
    elif facts.priced_roles and not facts.costed_roles:
        gap = gettext("No cost price list yet: approved hours have no cost.")
    return SetUpStep(
        "prices",
        number,
        _("Price list"),
        _("What an hour of each role costs the customer, from which date on"),
        _("Needs a currency and one price per role; categories and materials if you bill them"),
        bool(facts.priced_roles),
        said % {"count": facts.price_lists} if facts.price_lists else "",
        gap,
        (1,),
        "projects.add_roleprice",
    )


def _project(facts: Facts, number: int) -> SetUpStep:
    said = ngettext("%(count)s project", "%(count)s projects", facts.projects) % {"count": facts.projects}
    gap = ""
    if facts.projects and not facts.staffed_projects:
        gap = gettext("Nobody is on a team yet.")
    return SetUpStep(
        "project",
        number,
        _("Project"),
        _("A name, a customer, a manager, tasks, and who works on it"),
        _("Needs a customer"),
        bool(facts.projects),
        said if facts.projects else "",
        gap,
        (4,),
        "projects.add_project",
    )


def _contract(facts: Facts, number: int) -> SetUpStep:
    said = ngettext("%(count)s contract", "%(count)s contracts", facts.contracts) % {"count": facts.contracts}
    if facts.contracts and not facts.confirmed_contracts:
        said = gettext("%(contracts)s, none of them confirmed yet") % {"contracts": said}
    return SetUpStep(
        "contract",
        number,
        _("Contract"),
        _("Lines, payers and their shares, a limit if agreed. Confirming it makes hours billable"),
        _("Needs a customer, a project and a price list"),
        bool(facts.confirmed_contracts),
        said if facts.contracts else "",
        waits_for=(4, 5, 6),
        permission="projects.confirm_contract",
    )


def _hours(facts: Facts, number: int) -> SetUpStep:
    said = ngettext("%(count)s entry recorded", "%(count)s entries recorded", facts.entries)
    return SetUpStep(
        "hours",
        number,
        _("First hours, approved"),
        _("Recorded by somebody on the team, or imported. Nobody approves their own"),
        _("Needs a project and two people"),
        bool(facts.approved),
        said % {"count": facts.entries} if facts.entries else "",
        waits_for=(3, 6),
        permission="projects.approve_entry",
    )


def _invoice(facts: Facts, number: int) -> SetUpStep:
    said = ngettext("%(count)s proforma", "%(count)s proformas", facts.proformas) % {"count": facts.proformas}
    if facts.confirmed_proformas:
        said = gettext("%(proformas)s. What is confirmed is posted by somebody else, in Accounting.") % {
            "proformas": said
        }
    if facts.invoices:
        said = ngettext("%(count)s invoice posted", "%(count)s invoices posted", facts.invoices)
        said = said % {"count": facts.invoices}
    return SetUpStep(
        "invoice",
        number,
        _("First invoice"),
        _("Ready hours become a draft. One person confirms it, another posts it and the number is given"),
        _("Needs a confirmed contract, approved hours and somebody to post"),
        bool(facts.invoices),
        said if facts.proformas else "",
        waits_for=(7, 8),
        permission="billing.draft_proforma",
    )


STEPS: Sequence[Callable[[Facts, int], SetUpStep]] = (
    _company,
    _books,
    _people,
    _customers,
    _prices,
    _project,
    _contract,
    _hours,
    _invoice,
)
