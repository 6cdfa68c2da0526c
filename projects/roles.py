"""Roles and what each may do: the one table of permissions (docs/rules.md, roles).

Groups of these names are kept in step after every migrate. Who may see which rows is said by the querysets;
that nobody approves own work and nobody posts what they confirmed is refused by the database (S1, S2).
"""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model, Q
from django.utils.translation import gettext_noop

from core.people import person_name
from projects.access import WHOLE_ENTITY

TEAM_MEMBER = gettext_noop("Team member")
PROJECT_MANAGER = gettext_noop("Project manager")
PROJECT_ACCOUNTANT = gettext_noop("Project accountant")
FINANCE_CONTROLLER = gettext_noop("Finance controller")
ADMINISTRATOR = gettext_noop("Administrator")

VIEW_WORK = {
    f"projects.view_{model}"
    for model in ("approval", "backlogitem", "customer", "entry", "project", "projectcontract")
} | {
    f"billing.view_{model}"
    for model in (
        "batchoutcome",
        "batchrun",
        "invoiceschedule",
        "milestone",
        "proforma",
        "retainer",
        "retention",
    )
}
VIEW_WORK.add("accounting.view_customerinvoice")
VIEW_BOOKS = {
    f"accounting.view_{model}"
    for model in (
        "account",
        "bankaccount",
        "bankbooking",
        "bankfile",
        "costrevenueprofile",
        "costrevenuerule",
        "datevkey",
        "datevsettings",
        "customerinvoice",
        "customerpayment",
        "customertransaction",
        "financialdimension",
        "fiscalperiod",
        "integrationjournal",
        "integrationjournalline",
        "integritycheck",
        "invoiceproposal",
        "invoiceproposalline",
        "journalvoucher",
        "openingitem",
        "postingaccount",
        "projecttransaction",
        "revenueestimate",
        "receivablespolicy",
        "recurringvoucher",
        "revaluation",
        "reminder",
        "reminderlevel",
        "reminderstop",
        "settlement",
        "voucher",
        "voucherexport",
        "voucherline",
    )
} | {
    f"projects.view_{model}"
    for model in (
        "actual",
        "cancellationjournal",
        "entryjournal",
        "contractline",
        "documentlayout",
        "documentsectionname",
        "exchangerate",
        "importbatch",
        "itemsalestaxgroup",
        "legalentity",
        "paymentterms",
        "pricelist",
        "resource",
        "role",
        "roleprice",
        "salestaxgroup",
        "task",
        "taxcode",
        "taxrate",
        "taxrule",
        "transactioncategory",
        "workitem",
    )
}
VIEW_BILLING_SETUP = {"billing.view_batchjob", "billing.view_invoicefrequency", "billing.view_numberseries"}
# To see what is parked in the outbox, and to try it again.
UNPARK = {"core.view_outboxentry", "core.change_outboxentry"}


def _manage(app: str, *models: str) -> set[str]:
    return {f"{app}.{verb}_{model}" for model in models for verb in ("add", "change", "view")}


def _delete(app: str, *models: str) -> set[str]:
    return {f"{app}.delete_{model}" for model in models}


# Customers and projects with their tasks and teams; what nobody used may be deleted again.
MAINTAIN_WORK = _manage("projects", "customer", "project", "task", "teammember") | _delete(
    "projects", "customer", "project", "task"
)

# What every project chooses from: billing roles, resources and transaction categories.
MAINTAIN_CHOICES = _manage("projects", "resource", "role", "transactioncategory") | _delete(
    "projects", "resource", "role", "transactioncategory"
)

# Billing type and description of unbilled work.
CHANGE_BACKLOG = {"projects.change_backlogitem"}

# Contracts with their lines, payers and rules.
WRITE_CONTRACTS = _manage("projects", "projectcontract") | _delete("projects", "projectcontract")

ROLES: dict[str, set[str]] = {
    TEAM_MEMBER: {"projects.submit_entry", "projects.view_entry"},
    PROJECT_MANAGER: VIEW_WORK
    | MAINTAIN_WORK
    | MAINTAIN_CHOICES
    | _manage("projects", "approvalrule", "pricelist")
    | WRITE_CONTRACTS
    | CHANGE_BACKLOG
    | {
        "projects.rerate_work",
        "projects.submit_entry",
        "projects.record_for_others",
        "projects.approve_entry",
        "projects.add_correctionjournal",
        "projects.view_correctionjournal",
        "projects.confirm_contract",
        "projects.set_up_company",
        "billing.mark_ready",
        "billing.draft_proforma",
        "billing.plan_retainer",
        "billing.confirm_proforma",
    },
    PROJECT_ACCOUNTANT: VIEW_WORK
    | VIEW_BOOKS
    | MAINTAIN_WORK
    | WRITE_CONTRACTS
    | CHANGE_BACKLOG
    | _manage("projects", "documentlayout", "documentsectionname", "paymentterms", "transactioncategory")
    | _delete("projects", "documentlayout", "documentsectionname", "paymentterms")
    | VIEW_BILLING_SETUP
    | UNPARK
    | _manage("billing", "batchjob", "invoicefrequency")
    | _delete("billing", "invoicefrequency")
    | _manage("projects", "pricelist", "roleprice", "categoryprice", "materialprice")
    | {
        "projects.rerate_work",
        WHOLE_ENTITY,
        "accounting.write_journal_voucher",
        "accounting.post_journal_voucher",
        "accounting.enter_opening_items",
        "accounting.revalue_balances",
        "projects.agree_rate",
        "projects.delete_transactioncategory",
        "projects.set_up_company",
        "projects.import_entry",
        "projects.add_cancellationjournal",
        "projects.add_entryjournal",
        "projects.add_correctionjournal",
        "projects.view_correctionjournal",
        "projects.view_cost",
        "billing.mark_ready",
        "billing.draft_proforma",
        "billing.plan_retainer",
        "billing.add_invoiceschedule",
        "billing.run_batch",
        "accounting.check_books",
        "accounting.export_voucher",
        "accounting.post_journal",
        "accounting.post_invoice",
        "accounting.send_invoice",
        "accounting.recognise_revenue",
        "accounting.post_payment",
        "accounting.send_reminder",
        "accounting.change_integrationjournalline",
        "accounting.change_invoiceproposal",
        "accounting.change_invoiceproposalline",
    },
    FINANCE_CONTROLLER: VIEW_WORK
    | VIEW_BOOKS
    | VIEW_BILLING_SETUP
    | UNPARK
    | _manage("accounting", "account", "costrevenueprofile", "costrevenuerule", "fiscalperiod")
    | _manage("accounting", "bankaccount", "datevkey", "datevsettings", "postingaccount", "receivablespolicy")
    | _manage("accounting", "financialdimension", "reminderlevel")
    | _manage(
        "projects", "exchangerate", "itemsalestaxgroup", "salestaxgroup", "taxcode", "taxrate", "taxrule"
    )
    | _manage("projects", "legalentity", "approvalrule", "paymentterms")
    | _manage("projects", "documentlayout", "documentsectionname")
    | _manage("billing", "numberseries")
    | _delete("accounting", "account", "costrevenueprofile")
    | _delete("projects", "itemsalestaxgroup", "paymentterms", "salestaxgroup", "taxcode")
    | _delete("projects", "documentlayout", "documentsectionname")
    | {
        WHOLE_ENTITY,
        "accounting.write_journal_voucher",
        "accounting.post_journal_voucher",
        "accounting.enter_opening_items",
        "accounting.revalue_balances",
        "projects.agree_rate",
        "projects.set_up_company",
        "projects.approve_entry",
        "projects.add_correctionjournal",
        "projects.view_correctionjournal",
        "core.view_activity",
        "projects.view_cost",
        "billing.run_batch",
        # The second person where a company asks for one above an amount (decision 16).
        "billing.confirm_proforma",
        "accounting.check_books",
        "accounting.close_period",
        "accounting.export_audit",
        "accounting.export_voucher",
    },
    ADMINISTRATOR: _manage("auth", "user")
    | _manage("projects", "legalentitymembership", "resource", "role")
    | {"projects.delete_resource", "projects.delete_role", "projects.set_up_company"}
    | {
        "auth.view_group",
        "projects.delete_legalentitymembership",
        "core.view_activity",
        "projects.view_legalentity",
        "core.view_outboxentry",
    },
}
# Who administers people keeps no books and bills nothing (rule S3).
KEPT_APART = {ADMINISTRATOR: {PROJECT_MANAGER, PROJECT_ACCOUNTANT, FINANCE_CONTROLLER}}
# Roles that work in the admin; the others work in the pages only.
WORK_IN_ADMIN = {PROJECT_ACCOUNTANT, FINANCE_CONTROLLER, ADMINISTRATOR}


def grant_roles() -> None:
    """Create the groups of ROLES and give each just its permissions; run after every migrate."""
    for name, codes in ROLES.items():
        group, _made = Group.objects.get_or_create(name=name)
        wanted = Q(pk__in=[])
        for code in codes:
            app, codename = code.split(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))


def clashing_roles(names: set[str]) -> set[str]:
    """The roles among these that nobody may hold together; empty when they go together."""
    clashes = (
        {role} | (apart & names) for role, apart in KEPT_APART.items() if role in names and apart & names
    )
    return next(clashes, set())


def staff_columns(roles: Iterable[str]) -> dict[str, bool]:
    """The columns of a new user that decide whether the admin is open to these roles."""
    return {"is_staff": bool(WORK_IN_ADMIN & set(roles))}


def sync_staff_flag(user: User) -> None:
    """Open the admin to those whose roles work there, close it to others; called when roles change."""
    user.is_staff = user.groups.filter(name__in=WORK_IN_ADMIN).exists()
    user.save(update_fields=["is_staff"])


def holders_of(legal_entity: Model, permissions: Iterable[str]) -> dict[str, list[str]]:
    """Names of the people of a legal entity who hold each of these permissions by one of their roles.

    Superusers hold every permission without a role and are not named.
    """
    people = User.objects.filter(is_active=True, entity_memberships__legal_entity=legal_entity)
    rows = people.order_by("last_name", "username").prefetch_related("groups").distinct()
    held = {user: {group.name for group in user.groups.all()} for user in rows}
    return {
        permission: [
            person_name(user)
            for user, roles in held.items()
            if any(permission in ROLES.get(role, ()) for role in roles)
        ]
        for permission in permissions
    }
