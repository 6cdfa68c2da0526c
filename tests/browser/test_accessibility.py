"""Every page in light and dark, wide and narrow: nothing for axe to find, nothing said to the console."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from accounting.importing_bank_files import import_bank_file
from accounting.models import CustomerInvoice, IntegrationJournal, InvoiceProposal
from accounting.outbox_handlers import sweep_outbox
from accounting.views.set_up_steps import STEP_PAGES
from billing.models import InvoiceLineDetail, Proforma
from projects.importing import Decisions, import_files, request_imports
from projects.models import (
    CancellationJournal,
    CorrectionJournal,
    Customer,
    Entry,
    EntryJournal,
    ImportBatch,
    ImportMapping,
    PriceList,
    Project,
    ProjectContract,
    Resource,
    Role,
    TransactionCategory,
    WorkItem,
)
from projects.staging import Choices, Upload, read_file, stage_file
from tests.architecture.many_rows import add_rows
from tests.browser import billing_pages
from tests.browser.people import PASSWORD, Visitor
from tests.company import Company, people
from tests.company.bank_statements import Booked, camt
from tests.company.receivables import bank_of, owed

pytestmark = pytest.mark.django_db(transaction=True)

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 500, "height": 900}
LOOKS = [(scheme, size) for scheme in ("light", "dark") for size in (WIDE, NARROW)]
OPTIONS = {"resultTypes": ["violations"]}
BUT_DJANGOS_OWN = {"exclude": [[".inline-group thead"]]}
"""Django's template of inline rows leaves the heads of its first and its last column without words."""
SETTLED = """
    Promise.allSettled(
        document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)
    ).then(() => null)
"""
"""Colours that are still on their way from dark to light are nobody's colours."""

SEND = """
    ([id, address, rows]) => {
        const form = document.getElementById(id);
        for (const value of rows) {
            const field = document.createElement("input");
            form.append(Object.assign(field, { type: "hidden", name: "row", value }));
        }
        form.action = address;
        form.submit();
    }
"""


def furnished(company: Company) -> Any:
    """A row of every kind, a draft journal and a proposal, and somebody to whom every page is open."""
    company.approved(8)
    company.confirm(company.draft())
    sweep_outbox(now=timezone.now())
    billing_pages.furnish_billing(company)
    owed(company, "77")
    paid = Booked("77.00", "thanks", company.customer.name, iban="DE44")
    statement = camt(paid, Booked("-9.90", "Account fee"))
    import_bank_file(
        bank_of(company), name="bank.xml", content=statement, actor=company.accountant, at=timezone.now()
    )
    root = people.superuser(company.entity, password=PASSWORD)
    files_in_every_stage(company, root)
    with transaction.atomic():
        beside = Company.bare()
        add_rows(beside, root, 1)
        billing_pages.fail_a_run()
    people.show(root, [beside.entity])
    return root


def addresses() -> Iterator[str]:
    """The pages of every app, then those of the admin."""
    lists = ["overview", "backlog", "milestones", "proformas", "contracts", "approvals", "entries", "imports"]
    for name in [*lists, "import-hours", "record-time", "runs", "run-request", "schedules", "invoices"]:
        yield reverse(name)
    yield from (reverse(name) for name in ("my-time", "expenses"))
    yield from (reverse("record-cost", args=[kind]) for kind in ("expense", "material", "fee"))
    cost = Entry.objects.filter(transaction_class="expense", status="draft").first()
    yield reverse("change-expense", args=[cost.pk])
    yield from pages_of_master_data()
    yield from pages_of_imports()
    yield from pages_of_facts()
    detail = InvoiceLineDetail.objects.filter(line__proforma__status="draft").first()
    draft = detail.line.proforma
    yield from (reverse(name, args=[draft.number]) for name in ("proforma", "proforma-confirm"))
    yield reverse("proforma-detail-edit", args=[draft.number, detail.pk])
    yield reverse("proforma", args=[Proforma.objects.filter(status="posted").first().number])
    yield reverse("trace-document", args=[Proforma.objects.filter(status="posted").first().number])
    yield f"{reverse('find-number')}?q=nothing"
    yield from pages_of_contracts()
    yield from billing_pages.addresses()
    yield from billing_pages.pages_of_why()
    prices = PriceList.objects.order_by("pk").first()
    for name in ("price-lists", "new-price-list"):
        yield reverse(name)
    for name in ("price-list", "copy-price-list", "delete-price-list"):
        yield reverse(name, args=[prices.pk])
    yield f"{reverse('rerate-work')}?price_list={prices.pk}"
    yield reverse("admin:index")
    for model in (IntegrationJournal, InvoiceProposal, CustomerInvoice):
        admin_page = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{admin_page}_changelist")
        yield reverse(f"{admin_page}_change", args=[model.objects.first().pk])
    yield reverse(
        "admin:accounting_invoiceproposal_action", args=[InvoiceProposal.objects.first().pk, "post"]
    )
    yield reverse("admin:accounting_integrationjournal_list_action", args=["post-all"])
    yield reverse("admin:accounting_voucher_changelist")
    yield reverse("admin:projects_paymentterms_changelist")
    yield reverse("admin:projects_documentlayout_changelist")
    yield reverse("admin:projects_documentlayout_add")
    yield reverse("admin:accounting_statement", args=[CustomerInvoice.objects.first().customer_id])
    yield from (reverse(name) for name in ("tax-report", "as-of", "audit-export", "bank-payments"))
    yield f"{reverse('bank-payments')}?show=matched"
    yield from (reverse(name) for name in ("opening-balances", "opening-items"))
    yield reverse("admin:accounting_openingitem_changelist")
    yield reverse("admin:accounting_recurringvoucher_changelist")
    yield reverse("admin:accounting_revaluation_changelist")
    yield reverse("admin:accounting_revaluation_list_action", args=["revalue"])
    yield reverse("admin:accounting_reminder_changelist")
    yield reverse("admin:accounting_reminder_review")
    yield reverse("admin:accounting_reminderlevel_add")
    yield reverse("admin:accounting_journalvoucher_changelist")
    yield reverse("admin:accounting_journalvoucher_write")
    yield reverse("admin:projects_pricelist_change", args=[PriceList.objects.first().pk])


def pages_of_contracts() -> Iterator[str]:
    """A contract, its form, its steps, and work that none covers."""
    contract = ProjectContract.objects.filter(lines__isnull=False).first()
    yield from (reverse(name) for name in ("contract-add", "uncovered"))
    for name in ("contract", "contract-edit", "contract-hold", "contract-complete", "contract-lose"):
        yield reverse(name, args=[contract.number])
    yield f"{reverse('contract', args=[contract.number])}?show=activity"
    yield reverse("admin:projects_projectcontract_change", args=[contract.pk])
    yield reverse("admin:projects_contractline_change", args=[contract.lines.first().pk])
    yield f"{reverse('admin:projects_contractline_add')}?contract={contract.pk}"


def pages_of_master_data() -> Iterator[str]:
    """Set-up, customers, projects, people, files and passwords."""
    lists = ["setup", "found-company", "customers", "add-customer", "projects", "add-project", "people"]
    for name in [*lists, "add-person", "change-password", "forgotten-password", "password-link-sent"]:
        yield reverse(name)
    yield from (reverse("import-records", args=[kind]) for kind in ("customers", "people"))
    yield from (reverse(f"setup-{key}") for key in STEP_PAGES)
    for model, kinds, kind in (
        (Role, "roles", "role"),
        (TransactionCategory, "categories", "category"),
        (Resource, "resources", "resource"),
    ):
        yield from (reverse(name) for name in (kinds, f"add-{kind}"))
        key = model.objects.order_by("pk").first().pk
        yield from (reverse(name, args=[key]) for name in (kind, f"close-{kind}"))
    customer, project = Customer.objects.first(), Project.objects.first()
    of_customer = ("customer", "change-customer", "hold-customer", "close-customer")
    of_project = ("project", "change-project", "add-task", "add-team-member")
    yield from (reverse(name, args=[customer.pk]) for name in of_customer)
    yield from (reverse(name, args=[project.pk]) for name in of_project)
    yield from (
        reverse(name, args=[project.legal_entity_id]) for name in ("change-company", "add-fiscal-year")
    )
    yield reverse("person", args=[User.objects.order_by("pk").first().pk])


def pages_of_imports() -> Iterator[str]:
    """A file of hours in each of its stages, with all that its preview can ask, and the mappings."""
    batches = ImportBatch.objects.filter(file_name__startswith="stage ").order_by("pk")
    yield from (reverse("import", args=[batch.pk]) for batch in batches)
    preview = next(batch for batch in batches if batch.status == "preview" and batch.row_count)
    yield f"{reverse('import', args=[preview.pk])}?state=error"
    yield reverse("new-import-mapping", args=[preview.pk])
    yield reverse("import-mappings")
    yield reverse("change-import-mapping", args=[ImportMapping.objects.first().pk])


def files_in_every_stage(company: Company, actor: Any) -> None:
    """Files that are asked about, decided on, read, imported and done."""
    now = timezone.now()
    day = f"{company.entity.day_of(now)}"
    head = "id,date,person,project,task,role,category,hours,description"
    place = f"{company.resource.code},{company.project.number},,{company.role.name},"
    known = f"{head}\n1,{day},{place},1,Work"
    asking = [known, f"2,{day},Nobody yet,New project,,,,2,Work", f"3,{day},{place},x,Work"]
    asking += [f"1,{day},{place},1.5,Changed", f"4,{day},{place},0,Timer", f"5,{day},{place},1,{'x' * 600}"]
    texts = {
        "stage done": known,
        "stage preview": "\n".join([head, *asking[1:3], asking[3], *asking[4:]]),
        "stage question": f"{head}\n1,03/02/2026,{place},1,Work",
        "stage unknown": "a,b\n1,2",
        "stage reading": known,
        "stage importing": known,
    }
    for name, text in texts.items():
        upload = Upload(f"{name}.csv", BytesIO(text.encode()))
        batch = stage_file(company.entity, upload, Choices(), actor=actor, at=now)
        if name == "stage reading":
            continue
        read_file(batch.pk, clock=timezone.now)
        mine = ImportBatch.objects.filter(pk=batch.pk)
        if name == "stage done":
            import_files(mine, Decisions(), actor=actor, at=now)
        if name == "stage importing":
            request_imports(mine, Decisions(), actor=actor, at=now)
    columns = {name: [[name]] for name in ("date", "person", "project")}
    ImportMapping.objects.create(
        legal_entity=company.entity, name="Ours", columns=columns | {"quantity": [["hours"]]}
    )


def pages_of_facts() -> Iterator[str]:
    """Actuals and where they come from, and the journals that write and take back facts."""
    lists = ["actuals", "corrections", "correctable", "entry-journals", "start-journal", "cancellations"]
    yield from (reverse(name) for name in lists)
    yield reverse("correction", args=[CorrectionJournal.objects.first().pk])
    journal = EntryJournal.objects.filter(status="draft").first()
    yield from (reverse(name, args=[journal.pk]) for name in ("entry-journal", "add-journal-line"))
    yield reverse("cancellation", args=[CancellationJournal.objects.first().pk])
    yield reverse("trace-entry", args=[Entry.objects.filter(status="approved").first().pk])
    yield reverse("trace-work", args=[WorkItem.objects.filter(approval__isnull=True).first().pk])


def faults_of(page: Page, address: str) -> Iterator[str]:
    """What axe finds on the page in every look, and whether it is wider than a narrow browser window."""
    axe = Axe()
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        page.evaluate(SETTLED)
        answer = axe.run(page, context=BUT_DJANGOS_OWN, options=OPTIONS)
        for fault in answer.response["violations"]:
            places = [" ".join(map(str, node["target"])) for node in fault["nodes"][:3]]
            yield f"{address} {scheme} {size['width']}: {fault['id']} at {places}"
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            yield f"{address}: {width} wide on a screen of {size['width']}"


def sent(page: Page, selection: billing_pages.Sent) -> Any:
    """The answer to the rows that a form of a page sends to another."""
    page.goto(selection.start)
    with page.expect_navigation() as answer:
        page.evaluate(SEND, [selection.form, selection.address, selection.rows])
    return answer.value


def test_every_page_in_every_look(company: Company, open_page: Any, live_server: Any):
    root = furnished(company)
    page, said, asked = open_page(viewport=WIDE), [], []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/sign-in/")
    faults = [*said, *faults_of(page, "/sign-in/")]
    Visitor(page, root)
    for address in [*addresses(), *billing_pages.selections()]:
        # Axe tries inline styles of its own, which the policy refuses: what the page says, it says before.
        said.clear()
        answer = page.goto(address) if isinstance(address, str) else sent(page, address)
        faults += [f"{address}: {line}" for line in [*said, "" if answer.ok else answer.status_text] if line]
        faults += faults_of(page, str(address))
    assert "\n".join(faults) == ""
    assert [url for url in asked if not url.startswith(live_server.url)] == []
