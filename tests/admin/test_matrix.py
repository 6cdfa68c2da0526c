"""Who sees and may do what in the admin: exactly the matrix of roles, page by page."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.urls import reverse

from billing.models import BatchJob
from core.access import has_scope
from core.admin_kit import ReadOnlyAdmin
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.admin.admin_client import AdminClient
from tests.company import Company
from tests.company.people import person

pytestmark = pytest.mark.django_db

ADMIN_PAGES = {
    f"{model._meta.app_label}.{model._meta.model_name}": page
    for model, page in admin.site._registry.items()
    if isinstance(page, ReadOnlyAdmin)
}
WORK = {
    "billing.batchoutcome",
    "billing.batchrun",
    "billing.invoiceschedule",
    "billing.proforma",
    "projects.customer",
    "projects.project",
    "projects.projectcontract",
}
BOOKS = {
    "accounting.account",
    "accounting.bankaccount",
    "accounting.bankbooking",
    "accounting.bankfile",
    "accounting.costrevenueprofile",
    "accounting.costrevenuerule",
    "accounting.datevsettings",
    "accounting.voucherexport",
    "accounting.customerinvoice",
    "accounting.customerpayment",
    "accounting.customertransaction",
    "accounting.receivablespolicy",
    "accounting.reminder",
    "accounting.reminderlevel",
    "accounting.reminderstop",
    "accounting.settlement",
    "projects.exchangerate",
    "accounting.financialdimension",
    "accounting.fiscalperiod",
    "accounting.integrationjournal",
    "accounting.integrationjournalline",
    "accounting.integritycheck",
    "accounting.invoiceproposal",
    "accounting.invoiceproposalline",
    "accounting.journalvoucher",
    "accounting.postingaccount",
    "accounting.projecttransaction",
    "accounting.openingitem",
    "accounting.recurringvoucher",
    "accounting.revaluation",
    "accounting.revenueestimate",
    "accounting.voucher",
    "billing.batchjob",
    "billing.invoicefrequency",
    "billing.numberseries",
    "projects.actual",
    "projects.contractline",
    "projects.documentlayout",
    "projects.itemsalestaxgroup",
    "projects.legalentity",
    "projects.paymentterms",
    "core.outboxentry",
    "projects.pricelist",
    "projects.resource",
    "projects.role",
    "projects.salestaxgroup",
    "projects.task",
    "projects.taxcode",
    "projects.taxrule",
    "projects.transactioncategory",
}
SEEN = {
    PROJECT_ACCOUNTANT: WORK | BOOKS | {"projects.teammember"},
    FINANCE_CONTROLLER: WORK | BOOKS | {"core.activity"},
    ADMINISTRATOR: {
        "auth.user",
        "auth.group",
        "core.activity",
        "projects.legalentity",
        "core.outboxentry",
        "projects.resource",
        "projects.role",
    },
}
SET_UP = {
    "accounting.account",
    "accounting.financialdimension",
    "accounting.bankaccount",
    "accounting.datevsettings",
    "accounting.receivablespolicy",
    "accounting.reminderlevel",
    "accounting.costrevenueprofile",
    "accounting.fiscalperiod",
    "accounting.postingaccount",
    "billing.numberseries",
    "projects.documentlayout",
    "projects.itemsalestaxgroup",
    "projects.paymentterms",
    "projects.salestaxgroup",
    "projects.taxcode",
    "projects.taxrule",
}
MASTER_DATA = {
    "projects.contractline",
    "projects.customer",
    "projects.project",
    "projects.projectcontract",
    "projects.task",
    "projects.teammember",
}
ADDED = {
    PROJECT_ACCOUNTANT: MASTER_DATA
    | {"billing.batchjob", "billing.invoicefrequency", "projects.paymentterms", "projects.pricelist"}
    | {"projects.documentlayout", "projects.transactioncategory"},
    FINANCE_CONTROLLER: SET_UP | {"projects.exchangerate"},
    ADMINISTRATOR: {"auth.user", "projects.resource", "projects.role"},
}
CHANGED = {
    PROJECT_ACCOUNTANT: ADDED[PROJECT_ACCOUNTANT]
    | {
        "accounting.integrationjournalline",
        "accounting.invoiceproposal",
        "accounting.invoiceproposalline",
    },
    FINANCE_CONTROLLER: SET_UP | {"projects.legalentity"},
    ADMINISTRATOR: ADDED[ADMINISTRATOR],
}


def closing(model: str) -> set[str]:
    """What is offered on pages whose rows are closed, opened again, and deleted while nobody uses them."""
    return {f"{model}:{verb}" for verb in ("close", "reopen", "delete-unused")}


TOOLS = {
    PROJECT_ACCOUNTANT: {
        "projects.documentlayout:delete-unused",
        "projects.paymentterms:delete-unused",
        "projects.pricelist:end",
        "projects.pricelist:delete-unused",
        *closing("projects.customer"),
        *closing("projects.project"),
        *closing("projects.task"),
        *closing("projects.transactioncategory"),
        "projects.customer:hold",
        "projects.customer:release",
        "projects.teammember:take-off",
        "billing.invoicefrequency:delete-unused",
        *(f"accounting.journalvoucher:{verb}" for verb in ("post", "reverse", "repeat", "discard")),
        *(f"accounting.revaluation:{verb}" for verb in ("revalue", "reverse")),
        "accounting.openingitem:reverse",
        "accounting.recurringvoucher:stop",
        "projects.projectcontract:agree-rate",
        "accounting.customerinvoice:print",
        "accounting.customerinvoice:dispute",
        "accounting.customerinvoice:stop-reminders",
        "accounting.reminderstop:lift",
        "accounting.customerinvoice:send",
        "accounting.fiscalperiod:export-vouchers",
        "accounting.bankbooking:settle",
        "accounting.bankbooking:reverse",
        "accounting.bankbooking:set-aside",
        "accounting.bankbooking:bring-back",
        "accounting.customerpayment:reverse",
        "accounting.customertransaction:settle",
        "accounting.settlement:undo",
        "accounting.integrationjournal:import",
        "accounting.integritycheck:check",
        "accounting.integrationjournal:post",
        "accounting.integrationjournal:post-all",
        "accounting.integrationjournalline:review",
        "accounting.invoiceproposal:post",
        "accounting.invoiceproposal:check",
        "accounting.invoiceproposal:schedule",
        "accounting.invoiceproposal:post-blocking",
        "accounting.invoiceproposalline:set-tax-group",
        "accounting.invoiceproposal:dimension",
        "accounting.integrationjournalline:move-cost",
        "accounting.revenueestimate:eliminate",
        "accounting.revenueestimate:estimate",
        "accounting.revenueestimate:post",
        "accounting.revenueestimate:restore",
        "accounting.revenueestimate:withdraw",
        "billing.batchjob:run",
        "projects.contractline:remove",
        "projects.contractline:schedule",
        *(f"core.outboxentry:{verb}" for verb in ("send-again", "take-as-sent", "try-again")),
    },
    FINANCE_CONTROLLER: {
        *(f"accounting.journalvoucher:{verb}" for verb in ("post", "reverse", "repeat", "discard")),
        *(f"accounting.revaluation:{verb}" for verb in ("revalue", "reverse")),
        "accounting.openingitem:reverse",
        "accounting.recurringvoucher:stop",
        "projects.projectcontract:agree-rate",
        "projects.exchangerate:correct",
        "accounting.account:delete-unused",
        "accounting.costrevenueprofile:delete-unused",
        "projects.itemsalestaxgroup:delete-unused",
        "projects.documentlayout:delete-unused",
        "projects.paymentterms:delete-unused",
        "projects.salestaxgroup:delete-unused",
        "projects.taxcode:delete-unused",
        "accounting.fiscalperiod:close",
        "accounting.fiscalperiod:close-year",
        "accounting.fiscalperiod:export-vouchers",
        "accounting.fiscalperiod:next-year",
        "accounting.integritycheck:check",
        "accounting.fiscalperiod:reopen",
        "billing.batchjob:run",
        *(f"core.outboxentry:{verb}" for verb in ("send-again", "take-as-sent", "try-again")),
    },
    ADMINISTRATOR: closing("projects.resource") | closing("projects.role"),
}


def allowed(admin_client: AdminClient, action: str) -> set[str]:
    """The admin pages on which this user may view, add, change or delete."""
    request = admin_client.get(reverse("admin:index")).wsgi_request
    return {name for name, page in ADMIN_PAGES.items() if getattr(page, f"has_{action}_permission")(request)}


@pytest.mark.parametrize("role", SEEN)
def test_each_role_sees_adds_and_changes_what_the_matrix_says(admin_client_of: Any, role: str):
    admin_client = admin_client_of(role)
    assert allowed(admin_client, "view") == SEEN[role]
    assert allowed(admin_client, "add") == ADDED[role]
    assert allowed(admin_client, "change") == CHANGED[role]
    assert allowed(admin_client, "delete") == set()


@pytest.mark.parametrize("role", SEEN)
def test_each_role_is_offered_its_verbs_and_no_other(admin_client_of: Any, role: str):
    user = admin_client_of(role).user
    offered = {
        f"{name}:{action.name}"
        for name, page in ADMIN_PAGES.items()
        for action in page.actions_by_name.values()
        if action.has_permission(user)
    }
    assert offered == TOOLS[role]


@pytest.mark.parametrize("role", SEEN)
def test_lists_open_for_those_who_may_look_and_for_nobody_else(admin_client_of: Any, role: str):
    admin_client = admin_client_of(role)
    answers = {
        name: admin_client.shown(f"{name.replace('.', '_')}_changelist").status_code for name in ADMIN_PAGES
    }
    assert answers == {name: 200 if name in SEEN[role] else 403 for name in ADMIN_PAGES}


@pytest.mark.parametrize("role", [TEAM_MEMBER, PROJECT_MANAGER])
def test_the_admin_is_closed_to_those_who_work_in_the_pages(admin_client_of: Any, role: str):
    answer = admin_client_of(role).shown("accounting_integrationjournal_changelist")
    assert (answer.status_code, answer.url.startswith("/admin/login/")) == (302, True)


def test_verbs_are_refused_to_those_who_lack_them(
    company: Company, controller: AdminClient, accountant: AdminClient
):
    company.approved(8)
    company.confirm(company.draft())
    (proposal,) = company.proposals()
    assert controller.shown("accounting_invoiceproposal_action", proposal.pk, "post").status_code == 403
    period = company.entity.fiscal_periods.first()
    assert accountant.sent("accounting_fiscalperiod_action", period.pk, "close").status_code == 403
    assert controller.shown("accounting_integrationjournal_list_action", "import").status_code == 403


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_every_admin_page_is_explicit_and_scoped(name: str):
    page = ADMIN_PAGES[name]
    assert has_scope(page.model) or page.model in (User, Group)
    assert page.fields or page.fieldsets
    assert not page.list_editable
    assert page.exclude is None
    assert "delete_selected" not in dict(admin.site.actions)


def test_another_companys_rows_are_not_found(accountant: AdminClient):
    other = Company()
    other.billed()
    theirs = other.entity.customer_invoices.get()
    assert (
        str(theirs.number) not in accountant.shown("accounting_customerinvoice_changelist").content.decode()
    )
    # A row that is not there leads back to the index, as Django's admin does.
    answer = accountant.shown("accounting_customerinvoice_change", theirs.pk)
    assert (answer.status_code, answer.url) == (302, reverse("admin:index"))
    assert accountant.shown("accounting_customerinvoice_document", theirs.pk).status_code == 404
    journal = other.entity.integration_journals.get()
    assert accountant.sent("accounting_integrationjournal_action", journal.pk, "post").status_code == 404


def test_only_own_rows_are_offered_as_choices(company: Company, accountant: AdminClient):
    other = Company.bare()
    page = accountant.shown("billing_batchjob_add")
    offered = page.context["adminform"].form.fields["legal_entity"].queryset
    assert set(offered) == {company.entity}
    data = {
        "name": "Theirs",
        "legal_entity": other.entity.pk,
        "runs_at": "06:00",
    }
    assert accountant.sent("billing_batchjob_add", data=data).status_code == 200
    assert not BatchJob.objects.exists()


def test_somebody_without_a_legal_entity_sees_nothing(company: Company):
    company.billed()
    admin_client = AdminClient(person(PROJECT_ACCOUNTANT))
    for model in ("customerinvoice", "integrationjournal", "integrationjournalline", "voucher", "account"):
        page = admin_client.shown(f"accounting_{model}_changelist")
        assert page.context["cl"].result_count == 0
