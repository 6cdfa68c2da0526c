"""Master data in the admin goes through the verbs: judged, logged, closed, deleted while unused (A13)."""

import pytest
from django.urls import reverse

from core.models import Activity
from projects.models import Customer, Project, Task, TransactionCategory
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company, rows

pytestmark = pytest.mark.django_db


def fields_of(client: AdminClient, name: str, *args: object) -> dict[str, object]:
    form = client.shown(name, *args).context["adminform"].form
    values = {field: form[field].value() for field in form.fields}
    return {field: value for field, value in values.items() if value not in (None, [], False)}


def test_a_customer_is_added_through_the_verb(company: Company, accountant: AdminClient):
    data = fields_of(accountant, "projects_customer_add")
    data |= {"legal_entity": company.entity.pk, "number": "K-1", "name": "Alster AG", "short_name": "Alster"}
    data |= {"billing_address": "Kai 1", "country": "DE", "currency": "EUR"}
    assert accountant.sent("projects_customer_add", data=data | {"vat_id": "DE1"}).status_code == 422
    assert not Customer.objects.filter(number="K-1").exists()
    accountant.sent("projects_customer_add", data=data)
    made = Customer.objects.get(number="K-1")
    assert [one.verb for one in Activity.objects.about(made)] == ["added"]


def test_a_change_is_logged_once_with_old_and_new(company: Company, accountant: AdminClient):
    data = fields_of(accountant, "projects_customer_change", company.customer.pk)
    accountant.sent("projects_customer_change", company.customer.pk, data=data | {"name": "Alster SE"})
    log = Activity.objects.about(company.customer).get()
    assert (log.verb, log.changes) == ("changed", {"name": [company.customer.name, "Alster SE"]})


def test_a_customer_is_held_with_a_reason(company: Company, accountant: AdminClient):
    page = accountant.shown("projects_customer_action", company.customer.pk, "hold")
    accountant.confirms(page, reason="disputed")
    held = Customer.objects.get(pk=company.customer.pk)
    assert (held.is_on_hold, held.hold_reason) == (True, "disputed")
    accountant.sent("projects_customer_action", company.customer.pk, "release")
    assert not Customer.objects.get(pk=company.customer.pk).is_on_hold


def test_deleting_names_what_is_used_and_takes_the_rest(company: Company, accountant: AdminClient):
    unused = rows.customer(company.entity)
    page = accountant.chosen("projects_customer", "delete-unused", company.customer, unused)
    preview = page.context["preview"]
    assert [(one.code, one.subject) for one in preview.refusals] == [("in-use", str(company.customer))]
    assert "1 project" in str(preview.refusals[0].message)
    answer = accountant.confirms(page)
    assert messages_of(answer) == ["1 deleted."]
    assert list(Customer.objects.filter(legal_entity=company.entity)) == [company.customer]


def test_a_task_is_closed_and_opened_from_the_list(company: Company, accountant: AdminClient):
    task = Task.objects.create(project=company.project, code="T1", name="Build")
    accountant.chosen("projects_task", "close", task)
    assert Task.objects.get().is_closed
    accountant.chosen("projects_task", "reopen", task)
    assert not Task.objects.get().is_closed


def test_closing_what_waits_is_refused_in_words(company: Company, accountant: AdminClient):
    rows.approval(company)
    answer = accountant.sent("projects_project_action", company.project.pk, "close")
    assert answer.status_code == 422
    assert "1 entry waits for approval." in answer.content.decode()
    assert not Project.objects.get(pk=company.project.pk).is_closed


def test_a_second_default_category_is_refused(company: Company, accountant: AdminClient):
    first = company.categories["time"]
    TransactionCategory.objects.filter(pk=first.pk).update(is_default=True)
    other = TransactionCategory.objects.create(name="Travel", transaction_class="time")
    data = fields_of(accountant, "projects_transactioncategory_change", other.pk) | {"is_default": "on"}
    answer = accountant.sent("projects_transactioncategory_change", other.pk, data=data)
    assert answer.status_code in (200, 422)
    assert not TransactionCategory.objects.get(pk=other.pk).is_default


def test_a_company_is_changed_by_its_controller(company: Company, controller: AdminClient):
    data = fields_of(controller, "projects_legalentity_change", company.entity.pk)
    wrong = data | {"iban": "DE00"}
    assert controller.sent("projects_legalentity_change", company.entity.pk, data=wrong).status_code == 422
    controller.sent("projects_legalentity_change", company.entity.pk, data=data | {"bank_name": "Hansebank"})
    company.entity.refresh_from_db()
    assert (company.entity.bank_name, company.entity.iban) == ("Hansebank", "")


def test_a_used_account_stays_and_an_unused_one_goes(company: Company, controller: AdminClient):
    account = company.entity.accounts.get(number="1400")
    page = controller.shown("accounting_account_action", account.pk, "delete-unused")
    (refusal,) = page.context["preview"].refusals
    assert str(refusal.message) == "1 posting account names it."
    assert not page.context["preview"].is_possible


def test_no_company_is_added_in_the_admin(controller: AdminClient):
    assert controller.get(reverse("admin:projects_legalentity_add")).status_code == 403
