"""Create a price list, copy one to a new period, delete one that nothing was priced by (A7)."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.days import day_after
from core.pages import ActionPage, FormPage
from projects.forms.price_lists import CopyPriceListForm, NewPriceListForm
from projects.models import LegalEntity, PriceList
from projects.price_setting import copy_price_list, create_price_list, delete_price_lists
from projects.views.page_defaults import PageDefaults
from projects.views.prices import ADD, CHANGE


class NewPriceList(PageDefaults, FormPage):
    permission, title, form_class = ADD, _("New price list"), NewPriceListForm
    success_message, cancel_url = _("Price list created"), reverse_lazy("price-lists")
    submit_label = _("Create")
    result: PriceList

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_initial(self) -> dict[str, Any]:
        entity = LegalEntity.objects.visible_to(self.user).order_by("pk").first()
        return {"legal_entity": entity, "currency": entity.currency if entity else "", "context": "sales"}

    def form_valid(self, form: Any) -> HttpResponse:
        now, terms = timezone.now(), dict(form.cleaned_data)
        earlier = PriceList.objects.changeable_by(self.user).starting_before(terms["starts_on"])
        others = earlier if terms.pop("ends_earlier") else None
        return self.answer(
            lambda: create_price_list(actor=self.user, at=now, shortening=others, **terms), form
        )

    def get_success_url(self) -> str:
        return reverse("price-list", args=[self.result.pk])


class OwnPriceList(PageDefaults, ActionPage):
    """An action on a list that the user may change."""

    permission, template_name = CHANGE, "form.html"
    object: PriceList

    def get_queryset(self) -> Any:
        return PriceList.objects.changeable_by(self.user)

    @property
    def cancel_url(self) -> str:
        """The list."""
        return reverse("price-list", args=[self.kwargs["pk"]])


class CopyPriceList(OwnPriceList):
    """A new list with the same prices; the old one ends the day before."""

    title, form_class, submit_label = _("Copy to a new period"), CopyPriceListForm, _("Copy")
    purpose = _("The prices are copied, and the old list ends the day before the new one starts")
    success_message = _("Price list copied")
    result: PriceList

    def get_initial(self) -> dict[str, Any]:
        ends_on = self.object.ends_on
        return {"starts_on": day_after(ends_on) if ends_on else None, "name": self.object.name}

    def call_verb(self, form: Any) -> PriceList:
        return copy_price_list(self.object, actor=self.user, at=timezone.now(), **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("price-list", args=[self.result.pk])


class DeletePriceList(OwnPriceList):
    """A list that no work was priced by goes, with its prices."""

    title, verb, submit_label = _("Delete the price list"), delete_price_lists, _("Delete")
    purpose = _("Only a list that no work was priced by can be deleted")
    success_message, success_url = _("Price list deleted"), reverse_lazy("price-lists")
