"""Retainers of a company, as a project manager agrees, marks, applies and refunds them."""

from datetime import date
from decimal import Decimal
from typing import Any

from billing.applying import apply_to_drafts, set_applied
from billing.models import InvoiceLineDetail, Proforma, Retainer
from billing.retainer_plans import PlannedRetainer
from billing.retaining import ask_for_refund, mark_retainers_ready, plan_retainers
from billing.states import RetainerUse
from projects.models import Customer, SalesTaxGroup, TaxCode, TaxRate, TaxRule
from tests.company.builder import Company, only
from tests.company.rows import CUT_OFF, DAY, NOW, next_number
from tests.company.text import amount


def planned(
    company: Company, of: str = "1000", *, name: str = "Start-up advance", on: date = DAY, **options: Any
) -> Retainer:
    """A retainer that is not ready yet; net, in the contract's currency."""
    plan = PlannedRetainer(name, on, Decimal(of))
    customer = options.get("customer", company.customer)
    (retainer,) = plan_retainers(company.contract, customer, [plan], actor=company.manager, at=NOW)
    return retainer


def ready(company: Company, of: str = "1000", **options: Any) -> Retainer:
    """A retainer that the next draft invoices."""
    retainer = planned(company, of, **options)
    mark_retainers_ready(only(retainer), actor=company.manager, at=NOW)
    return fresh(retainer)


def invoiced(company: Company, of: str = "1000", *, by: date = CUT_OFF, **options: Any) -> Retainer:
    """A retainer on a confirmed proforma of its own (N11)."""
    retainer = ready(company, of, **options)
    company.confirm(*company.drafts(by))
    return fresh(retainer)


def fresh(retainer: Retainer) -> Retainer:
    """As it is in the database now."""
    return Retainer.objects.get(pk=retainer.pk)


def applied_on(draft: Proforma) -> InvoiceLineDetail:
    """The one detail of a draft that applies a retainer."""
    return InvoiceLineDetail.objects.get(
        line__proforma=draft, retainer_use=RetainerUse.APPLY, corrects__isnull=True
    )


def set_to(company: Company, draft: Proforma, of: str) -> Proforma:
    """The draft, with another amount of its one retainer applied; nothing takes it off."""
    set_applied(only(applied_on(draft)), Decimal(of), actor=company.manager, at=NOW)
    return Proforma.objects.get(pk=draft.pk)


def apply_to(company: Company, draft: Proforma) -> Proforma:
    """The draft, with everything applied that fits."""
    apply_to_drafts(only(draft), actor=company.manager, at=NOW)
    return Proforma.objects.get(pk=draft.pk)


def to_be_refunded(company: Company, retainer: Retainer, reason: str = "Contract ends") -> Retainer:
    """A retainer whose balance goes back with the next proforma."""
    ask_for_refund(only(retainer), reason=reason, actor=company.manager, at=NOW)
    return fresh(retainer)


def position(retainer: Retainer) -> str:
    """Status, and what is invoiced, used, on drafts and available."""
    now = fresh(retainer)
    figures = (now.invoiced_amount, now.used_amount, now.drafted_amount, now.available_amount)
    return " ".join([now.shown_status, *(amount(one).lstrip("+") for one in figures)])


def taxed_at(company: Company, customer: Customer, percent: str) -> None:
    """Move a customer to a group of its own, taxed at another rate."""
    number = next_number()
    group = SalesTaxGroup.objects.create(code=f"other-{number}", name=f"Other {number}")
    code = TaxCode.objects.create(code=f"other-{number}", name=f"Tax of {percent} percent")
    TaxRate.objects.create(tax_code=code, starts_on=date(2020, 1, 1), percent=Decimal(percent))
    TaxRule.objects.create(sales_tax_group=group, item_sales_tax_group=company.item_group, tax_code=code)
    Customer.objects.filter(pk=customer.pk).update(sales_tax_group=group)
