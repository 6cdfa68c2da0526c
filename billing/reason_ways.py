"""What is said of one reason why something is on no invoice, who clears it, and where (X2).

A way names the permission that it needs; whether a reader holds it is asked by the page.
"""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from billing.models import Proforma
from billing.states import NotInvoiced, ProformaStatus
from core.templatetags.display import day
from projects.models import Customer, LegalEntity, Project, ProjectContract

SUBMIT, APPROVE = "projects.submit_entry", "projects.approve_entry"
WRITE_CONTRACT, CONFIRM_CONTRACT = "projects.change_projectcontract", "projects.confirm_contract"
CHANGE_CUSTOMER, CHANGE_PRICES = "projects.change_customer", "projects.change_pricelist"
CHANGE_CATEGORY = "projects.change_transactioncategory"
RETYPE = "projects.change_backlogitem"
RERATE, CANCEL = "projects.rerate_work", "projects.add_cancellationjournal"
MARK, DRAFT, CONFIRM = "billing.mark_ready", "billing.draft_proforma", "billing.confirm_proforma"
CLOSE_PERIOD, POST = "accounting.close_period", "accounting.post_invoice"
SEE_CONTRACT, SEE_PROFORMA = "projects.view_projectcontract", "billing.view_proforma"
SEE_RUN, SEE_INVOICE = "billing.view_batchrun", "accounting.view_customerinvoice"


@dataclass(frozen=True)
class Way:
    """A next step: its words, where it leads, the permission it needs, and the row that it sends there.

    Without a row it is a link; with one a button that acts at once.
    """

    label: str
    url: str
    permission: str
    row: int | None = None


@dataclass(frozen=True)
class Reason:
    """One reason in words, with the person whose turn it is and what they may do.

    `permission` is what clearing it takes, none where time alone clears it. `scope` is the contract or
    project that somebody has to manage for it; `owner` is asked first.
    """

    code: NotInvoiced
    title: str
    detail: str = ""
    permission: str = ""
    ways: tuple[Way, ...] = ()
    owner: User | None = None
    scope: ProjectContract | Project | None = None

    @property
    def tone(self) -> str:
        """How much it weighs: what only waits for its day or is settled weighs nothing."""
        return TONES.get(self.code, "bad")


TONES: dict[NotInvoiced, str] = {
    NotInvoiced.NOT_SUBMITTED: "warn",
    NotInvoiced.RETURNED: "warn",
    NotInvoiced.ON_HOLD: "warn",
    NotInvoiced.CONTRACT_ON_HOLD: "warn",
    NotInvoiced.PAYER_ON_HOLD: "warn",
    NotInvoiced.IN_PROCESS: "warn",
    NotInvoiced.TAX_GROUP_MISSING: "warn",
    **dict.fromkeys(
        (
            NotInvoiced.WAITS_FOR_APPROVAL,
            NotInvoiced.INTERNAL,
            NotInvoiced.FIXED_PRICE,
            NotInvoiced.NON_CHARGEABLE,
            NotInvoiced.COMPLIMENTARY,
            NotInvoiced.NOT_READY,
            NotInvoiced.AFTER_CUT_OFF,
            NotInvoiced.WAITS_FOR_RUN,
            NotInvoiced.NOT_SCHEDULED,
            NotInvoiced.ON_DRAFT,
            NotInvoiced.IN_REVIEW,
            NotInvoiced.NOT_POSTED,
            NotInvoiced.INVOICED,
        ),
        "",
    ),
}


def to(label: str | Promise, name: str, permission: str, *args: object, query: str = "") -> Way:
    """A link to a page by its name."""
    return Way(str(label), reverse(name, args=args) + query, permission)


def send(label: str | Promise, name: str, permission: str, row: int) -> Way:
    """A button that does something to one row of a list."""
    return Way(str(label), reverse(name), permission, row)


def contract_reason(code: NotInvoiced, contract: ProjectContract) -> Reason:
    """Why nothing of a contract is invoiced; its manager is loaded."""
    number, facts = contract.number, {"contract": contract.number}
    owner, scope = contract.manager, contract
    if code == NotInvoiced.CONTRACT_DRAFT:
        title = _("Contract %(contract)s is a draft") % facts
        detail = _("Only confirmed contracts are invoiced.")
        way = to(_("Confirm the contract"), "contract-confirm", CONFIRM_CONTRACT, number)
    elif code == NotInvoiced.CONTRACT_ON_HOLD:
        title = _("Contract %(contract)s is on hold") % facts
        detail = _("Nothing of it is invoiced until it is resumed.")
        way = to(_("Resume the contract"), "contract-resume", CONFIRM_CONTRACT, number)
    else:
        title = _("Contract %(contract)s has ended") % facts
        detail = _("What is ready when a contract is completed can be invoiced once it is reopened.")
        way = to(_("Reopen the contract"), "contract-reopen", CONFIRM_CONTRACT, number)
    return Reason(code, title, detail, CONFIRM_CONTRACT, (way,), owner, scope)


def draft_way(contract: ProjectContract) -> Way:
    """To the page that drafts all that is ready of a contract, up to a day of one's choice."""
    return to(_("Create proforma"), "contract-draft", DRAFT, contract.number)


def schedule_way(contract: ProjectContract) -> Way:
    """To the schedule of a contract."""
    return to(_("Open schedule"), "contract", SEE_CONTRACT, contract.number, query="?show=schedule")


def payer_on_hold(customer: Customer, contract: ProjectContract) -> Reason:
    """Nobody invoices a customer on hold."""
    title = _("Customer %(customer)s is on hold") % {"customer": customer}
    detail = _("Nothing is invoiced to a customer on hold; the other customers of the contract are.")
    way = to(_("Open the customer to release it"), "customer", CHANGE_CUSTOMER, customer.pk)
    return Reason(
        NotInvoiced.PAYER_ON_HOLD, title, detail, CHANGE_CUSTOMER, (way,), contract.manager, contract
    )


def closed_period(contract: ProjectContract, entity: LegalEntity) -> Reason:
    """No invoice is dated in a closed period."""
    title = _("The books are closed through %(day)s") % {"day": day(entity.locked_through)}
    detail = _("An invoice of today would be dated in a closed period: choose a later invoice date.")
    reopen = to(_("Open the fiscal periods"), "admin:accounting_fiscalperiod_changelist", CLOSE_PERIOD)
    return Reason(
        NotInvoiced.CLOSED_PERIOD,
        title,
        detail,
        DRAFT,
        (draft_way(contract), reopen),
        contract.manager,
        contract,
    )


def on_draft(code: NotInvoiced, proforma: Proforma) -> Reason:
    """A draft holds it; somebody confirms, or takes it off."""
    facts = {"number": proforma.number, "day": day(proforma.legal_entity.day_of(proforma.created_at))}
    if code == NotInvoiced.IN_REVIEW:
        title = _("In review: %(number)s") % facts
        detail = _("Somebody looks at the proforma before it is confirmed.")
    else:
        title = _("On draft %(number)s") % facts
        detail = _("Drafted on %(day)s; it is invoiced once the draft is confirmed and posted.") % facts
    way = to(_("Open %(number)s") % facts, "proforma", SEE_PROFORMA, proforma.number)
    return Reason(code, title, detail, CONFIRM, (way,), proforma.contract.manager, proforma.contract)


def of_confirmed(proforma: Proforma) -> Reason:
    """Confirmed and waiting for the books, or invoiced and where."""
    words = {
        "number": proforma.number,
        "invoice": proforma.customer_invoice_number,
        "day": day(proforma.customer_invoice_date),
    }
    proforma_way = to(_("Open %(number)s") % words, "proforma", SEE_PROFORMA, proforma.number)
    if proforma.status != ProformaStatus.POSTED:
        title = _("Confirmed on %(number)s, not posted yet") % words
        detail = _("The books post the invoice; then it has its legal number.")
        return Reason(NotInvoiced.NOT_POSTED, title, detail, POST, (proforma_way,))
    title = _("Invoiced: %(invoice)s of %(day)s") % words
    query = f"?q={proforma.customer_invoice_number}"
    ways = (proforma_way, to(_("Open the invoice"), "invoices", SEE_INVOICE, query=query))
    return Reason(NotInvoiced.INVOICED, title, "", "", ways)


def agreement_reason(code: NotInvoiced, contract: ProjectContract, customer: Customer) -> Reason | None:
    """A reason that lies in the contract, its customer or the books; none where it lies elsewhere."""
    if code in OF_CONTRACT:
        return contract_reason(code, contract)
    if code == NotInvoiced.PAYER_ON_HOLD:
        return payer_on_hold(customer, contract)
    if code == NotInvoiced.CLOSED_PERIOD:
        return closed_period(contract, contract.legal_entity)
    return None


OF_CONTRACT = (NotInvoiced.CONTRACT_DRAFT, NotInvoiced.CONTRACT_ON_HOLD, NotInvoiced.CONTRACT_ENDED)
