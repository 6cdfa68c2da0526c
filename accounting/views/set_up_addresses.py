"""Where each step of the set-up is done, by who looks at it: nobody is sent to a page closed to them."""

from django.contrib.auth.models import User
from django.urls import NoReverseMatch, reverse

from accounting.set_up_progress import Facts, SetUpStep
from core.access import may
from projects.models import Resource

START = {
    "company": "found-company",
    "books": "add-fiscal-year",
    "people": "add-person",
    "customers": "add-customer",
    "prices": "new-price-list",
    "project": "add-project",
    "contract": "contract-add",
}
"""The page on which a step is done, where everybody who may do it does it on the same one."""
INSTEAD = {"contract-add": "contracts"}
"""Where a step is done as long as it has no page of its own."""
OPENED = ("company", "books", "people", "customers", "prices", "project", "contract")
"""Steps that are done where they stand; hours and invoices take several people, each on their own pages."""
LISTED = {"hours", "invoice"}


def address_of_step(step: SetUpStep, facts: Facts, user: User) -> str:
    """The page on which a user brings a step on; empty where it has none for them."""
    if step.key == "hours":
        return _address_of_hours(facts, user)
    if step.key == "invoice":
        return _address_of_invoice(facts, user)
    if step.key == "contract" and facts.contracts and not facts.confirmed_contracts:
        return reverse("contracts")
    name = START[step.key]
    if name == "add-fiscal-year":
        return reverse(name, args=[facts.entity.pk]) if facts.entity else ""
    return address(name)


def _address_of_hours(facts: Facts, user: User) -> str:
    """What was submitted is decided first; who records hours has a week, who does not may have a file."""
    if facts.submitted and may(user, "projects.approve_entry"):
        return reverse("approvals")
    if may(user, "projects.submit_entry") and Resource.objects.filter(user=user).exists():
        return reverse("my-time")
    return reverse("import-hours") if may(user, "projects.import_entry") else ""


def _address_of_invoice(facts: Facts, user: User) -> str:
    """Backlog, drafts, posting: the invoice is where its next step is."""
    if facts.invoices:
        return reverse("invoices")
    if facts.confirmed_proformas and may(user, "accounting.post_invoice"):
        return reverse("admin:index")
    if facts.proformas:
        return f"{reverse('proformas')}?all=1"
    # Of all contracts: whoever sets up is seldom their project manager.
    return f"{reverse('backlog')}?status=open&type=1"


def address(name: str) -> str:
    """The address of a page, or of the one that is used instead."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(INSTEAD[name])
