"""The only permission questions of this floor: what a user may do, and which rows a user may see.

Roles and their permissions stand here once; groups of those names are kept in step after every migrate.
Who may do what follows the matrix of RELIABILITY 6.2; by person, not by role, the database adds that
nobody approves own work and nobody posts what they confirmed (S1, S2).
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_noop

from projects.models import (
    Activity,
    Actual,
    Approval,
    BacklogItem,
    ContractLine,
    Customer,
    Entry,
    ImportBatch,
    ItemSalesTaxGroup,
    LegalEntity,
    OutboxEntry,
    PriceList,
    Project,
    ProjectContract,
    Resource,
    Role,
    SalesTaxGroup,
    TaxCode,
    TaxRule,
    TransactionCategory,
)
from projects.querysets import ApprovalQuerySet, BacklogQuerySet, ContractQuerySet, EntryQuerySet

WHOLE_ENTITY = "projects.see_whole_entity"

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
    for model in ("batchoutcome", "batchrun", "invoiceschedule", "milestone", "proforma")
}
VIEW_WORK.add("accounting.view_customerinvoice")
VIEW_BOOKS = {
    f"accounting.view_{model}"
    for model in (
        "account",
        "costrevenueprofile",
        "costrevenuerule",
        "customerinvoice",
        "customertransaction",
        "exchangerate",
        "fiscalperiod",
        "integrationjournal",
        "integrationjournalline",
        "invoiceproposal",
        "invoiceproposalline",
        "postingaccount",
        "projecttransaction",
        "voucher",
        "voucherline",
    )
} | {
    f"projects.view_{model}"
    for model in (
        "actual",
        "contractline",
        "importbatch",
        "itemsalestaxgroup",
        "legalentity",
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
UNPARK = {"projects.view_outboxentry", "projects.change_outboxentry"}


def _manage(app: str, *models: str) -> set[str]:
    return {f"{app}.{verb}_{model}" for model in models for verb in ("add", "change", "view")}


ROLES: dict[str, set[str]] = {
    TEAM_MEMBER: {"projects.submit_entry", "projects.view_entry"},
    PROJECT_MANAGER: VIEW_WORK
    | {
        "projects.submit_entry",
        "projects.approve_entry",
        "projects.confirm_contract",
        "billing.mark_ready",
        "billing.draft_proforma",
        "billing.confirm_proforma",
    },
    PROJECT_ACCOUNTANT: VIEW_WORK
    | VIEW_BOOKS
    | VIEW_BILLING_SETUP
    | UNPARK
    | _manage("billing", "batchjob", "invoicefrequency")
    | _manage("projects", "pricelist", "roleprice", "categoryprice", "materialprice")
    | {
        WHOLE_ENTITY,
        "projects.import_entry",
        "projects.view_cost",
        "billing.mark_ready",
        "billing.draft_proforma",
        "billing.add_invoiceschedule",
        "billing.run_batch",
        "accounting.post_journal",
        "accounting.post_invoice",
        "accounting.change_integrationjournalline",
        "accounting.change_invoiceproposal",
    },
    FINANCE_CONTROLLER: VIEW_WORK
    | VIEW_BOOKS
    | VIEW_BILLING_SETUP
    | UNPARK
    | _manage(
        "accounting", "account", "costrevenueprofile", "costrevenuerule", "exchangerate", "fiscalperiod"
    )
    | _manage("accounting", "postingaccount")
    | _manage("projects", "itemsalestaxgroup", "salestaxgroup", "taxcode", "taxrate", "taxrule")
    | _manage("billing", "numberseries")
    | {
        WHOLE_ENTITY,
        "projects.approve_entry",
        "projects.view_activity",
        "projects.view_cost",
        "billing.run_batch",
        "accounting.close_period",
    },
    ADMINISTRATOR: _manage("auth", "user")
    | _manage("projects", "legalentitymembership", "resource", "role")
    | {
        "auth.view_group",
        "projects.delete_legalentitymembership",
        "projects.view_activity",
        "projects.view_legalentity",
        "projects.view_outboxentry",
    },
}
# Who administers people keeps no books and bills nothing (RELIABILITY 6.2, static separation).
KEPT_APART = {ADMINISTRATOR: {PROJECT_MANAGER, PROJECT_ACCOUNTANT, FINANCE_CONTROLLER}}
# Whose work is done in the admin; everybody else works in the pages.
WORK_IN_ADMIN = {PROJECT_ACCOUNTANT, FINANCE_CONTROLLER, ADMINISTRATOR}


def grant_roles() -> None:
    """Make the groups of ROLES and give each just its permissions; run after every migrate."""
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


def seat(user: Any) -> None:
    """Open the admin to those whose roles work there, close it to others; called when roles change."""
    user.is_staff = user.groups.filter(name__in=WORK_IN_ADMIN).exists()
    user.save(update_fields=["is_staff"])


def may(user: Any, permission: str, obj: Any = None) -> bool:
    """Whether a user holds a permission and, where an object is named, may see that object.

    An answer that cannot be found is no.
    """
    if not user.is_authenticated or not user.has_perm(permission):
        return False
    if obj is None:
        return True
    door = DOORS.get(type(obj))
    if door is None:
        return type(obj) in SHARED
    return door(user).filter(pk=obj.pk).exists()


def enters_admin(user: Any) -> bool:
    """Whether the admin is open to a user; `seat` decided it when the roles changed."""
    return bool(user.is_staff)


def sees_whole_entity(user: Any) -> bool:
    """Accountants and controllers see all of their legal entities; managers see what they manage."""
    return user.has_perm(WHOLE_ENTITY)


def visible_entities(user: Any) -> QuerySet:
    """The legal entities a user belongs to."""
    return LegalEntity.objects.filter(memberships__user=user)


def visible_projects(user: Any) -> QuerySet:
    """Projects of the user's entities, or those the user manages or works on."""
    of_entity = Project.objects.filter(legal_entity__in=visible_entities(user))
    if sees_whole_entity(user):
        return of_entity
    own = Q(manager=user) | Q(team__resource__user=user)
    return of_entity.filter(pk__in=Project.objects.filter(own).values("pk"))


def managed_projects(user: Any) -> QuerySet:
    """Projects whose work the user may approve: managed, or with the right to approve there."""
    of_entity = Project.objects.filter(legal_entity__in=visible_entities(user))
    if sees_whole_entity(user):
        return of_entity
    own = Q(manager=user) | Q(team__resource__user=user, team__is_approver=True)
    return of_entity.filter(pk__in=Project.objects.filter(own).values("pk"))


def visible_contracts(user: Any) -> ContractQuerySet:
    """Contracts of the user's entities, or those the user manages."""
    of_entity = ProjectContract.objects.filter(legal_entity__in=visible_entities(user))
    if sees_whole_entity(user):
        return of_entity
    own = Q(manager=user) | Q(lines__project__manager=user)
    return of_entity.filter(pk__in=ProjectContract.objects.filter(own).values("pk"))


def visible_customers(user: Any) -> QuerySet:
    """Customers of the contracts a user may see, or of the whole entity."""
    of_entity = Customer.objects.filter(legal_entity__in=visible_entities(user))
    if sees_whole_entity(user):
        return of_entity
    return of_entity.filter(contracts__in=visible_contracts(user)).distinct()


def visible_backlog(user: Any) -> BacklogQuerySet:
    """Backlog items of the contracts a user may see."""
    return BacklogItem.objects.filter(contract__in=visible_contracts(user).values("pk"))


def visible_entries(user: Any) -> EntryQuerySet:
    """Entries of the projects a user manages, and the user's own."""
    own = Q(resource__user=user)
    return Entry.objects.filter(own | Q(project__in=managed_projects(user).values("pk")))


def visible_approvals(user: Any) -> ApprovalQuerySet:
    """Submissions on the projects whose work a user may approve."""
    return Approval.objects.filter(entry__project__in=managed_projects(user).values("pk"))


def visible_actuals(user: Any) -> QuerySet:
    """Actuals of the projects a user may see."""
    return Actual.objects.filter(work_item__project__in=visible_projects(user).values("pk"))


def visible_resources(user: Any) -> QuerySet:
    """Team members of the user's entities."""
    return Resource.objects.filter(legal_entity__in=visible_entities(user))


def visible_lines(user: Any) -> QuerySet:
    """Lines of the contracts a user may see."""
    return ContractLine.objects.filter(contract__in=visible_contracts(user).values("pk"))


def visible_activity(user: Any) -> QuerySet:
    """What was done to anything the user may see; all of it for those who administer people."""
    if may(user, "auth.change_user"):
        return Activity.objects.all()
    seen = Q(subject_kind__in=[model._meta.label_lower for model in SHARED])
    for model, door in DOORS.items():
        if model is not Activity:
            seen |= Q(subject_kind=model._meta.label_lower, subject_id__in=door(user).values("pk"))
    return Activity.objects.filter(seen)


def visible_people(user: Any) -> QuerySet:
    """The people of the user's entities; everybody for those who administer people."""
    if may(user, "auth.change_user"):
        return User.objects.all()
    entities = visible_entities(user).values("pk")
    return User.objects.filter(entity_memberships__legal_entity__in=entities).distinct()


def of_entities(model: type[Model], path: str = "legal_entity") -> Callable[[Any], QuerySet]:
    """A door for rows that belong to a legal entity, at the end of `path`: those of the user's entities."""

    def visible(user: Any) -> QuerySet:
        return model._default_manager.filter(**{f"{path}__in": visible_entities(user)})

    return visible


def role_of(user: Any) -> str:
    """The name of the user's first role, for the corner of every page."""
    return next((name for name in ROLES if user.groups.filter(name=name).exists()), "")


DOORS: dict[type[Model], Callable[[Any], QuerySet]] = {
    Activity: visible_activity,
    Actual: visible_actuals,
    Approval: visible_approvals,
    BacklogItem: visible_backlog,
    ContractLine: visible_lines,
    Customer: visible_customers,
    Entry: visible_entries,
    ImportBatch: of_entities(ImportBatch),
    LegalEntity: visible_entities,
    PriceList: of_entities(PriceList),
    Project: visible_projects,
    ProjectContract: visible_contracts,
    Resource: visible_resources,
    User: visible_people,
}
# What belongs to no legal entity and is the same for all of them.
SHARED: set[type[Model]] = {
    Group,
    ItemSalesTaxGroup,
    OutboxEntry,
    Role,
    SalesTaxGroup,
    TaxCode,
    TaxRule,
    TransactionCategory,
}
