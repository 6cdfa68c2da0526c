"""Price lists: the list of them, one of them with its prices, and the forms that change these (A7)."""

from copy import copy
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage, DetailPage, ListPage, ObjectMixin
from projects.filters.prices import PriceListFilter
from projects.forms.price_lists import PriceListDaysForm
from projects.forms.prices import CategoryPricesForm, MaterialPricesForm, RolePricesForm
from projects.models import PriceList
from projects.price_figures import unpriced_roles
from projects.price_setting import change_price_list, set_prices
from projects.rerating_preview import rerating_of
from projects.rerating_scope import Scope, rerateable_by
from projects.tables.prices import PriceListTable
from projects.views.page_defaults import PageDefaults
from projects.views.price_parts import price_list_context, role_lines
from projects.views.price_repairs import repairs_of

VIEW, CHANGE, ADD = "projects.view_pricelist", "projects.change_pricelist", "projects.add_pricelist"
COST, RERATE = "projects.view_cost", "projects.rerate_work"
SAVED = "saved"


class PriceLists(PageDefaults, ListPage):
    """All lists the user may see."""

    permission, title, url_name = VIEW, _("Price lists"), "price-lists"
    purpose = _("What work costs and sells for; the date of the work decides which list applies")
    template_name = "projects/price_lists.html"
    filterset_class, table_class = PriceListFilter, PriceListTable

    def get_queryset(self) -> QuerySet[PriceList]:
        rows = PriceList.objects.visible_to(self.user).with_state(self.today)
        return rows.select_related("contract", "legal_entity")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_add": self.may(ADD), "may_rerate": self.may(RERATE)}


class PriceListMixin(PageDefaults, ObjectMixin):
    """A list by its key, among those the user may see, with everything its page shows."""

    def get_queryset(self) -> Any:
        rows = PriceList.objects.visible_to(self.user).with_state(self.today)
        return rows.select_related("legal_entity", "contract__customer")

    @property
    def cancel_url(self) -> str:
        """The list."""
        return reverse("price-list", args=[self.kwargs["pk"]])

    @cached_property
    def may_change(self) -> bool:
        """Whether the user may change this very list."""
        mine = PriceList.objects.changeable_by(self.user).filter(pk=self.object.pk)
        return self.may(CHANGE) and mine.exists()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page of the list; a form that was sent stands in the place of a new one."""
        rights = {"may_change": self.may_change, "may_add": self.may(ADD), "may_see_cost": self.may(COST)}
        parts = price_list_context(self.object, self.user, self.today, **rights)
        if self.may(RERATE) and SAVED in self.request.GET:
            work = rerateable_by(Scope(price_list=self.object).approvals(), self.user)
            parts |= {"offer": rerating_of(work)}
        parts |= kwargs
        lines = list(role_lines(parts["roles_form"], parts["costs"]))
        crumbs = [(_("Price lists"), reverse("price-lists")), (self.object.name, "")]
        more = {"title": self.object.name, "crumbs": crumbs, "role_lines": lines}
        return super().get_context_data(**parts | more | {"may_rerate": self.may(RERATE)})


class PriceListPage(PriceListMixin, DetailPage):
    """One list: its days, its prices and who is priced by it."""

    permission, template_name = VIEW, "projects/price_list.html"


class PriceListSection(PriceListMixin, ActionPage):
    """A form of the page of a list; when it is refused, the page is shown with what was typed."""

    permission, template_name = CHANGE, "projects/price_list.html"
    section: ClassVar[str]
    success_message = _("Saved")

    def get_queryset(self) -> Any:
        own = PriceList.objects.changeable_by(self.user).order_by().values("pk")
        return super().get_queryset().filter(pk__in=own)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"price_list": self.object}

    def get_success_url(self) -> str:
        """The list, which offers to price unbilled work again."""
        return f"{self.cancel_url}?{SAVED}=1"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.get_form()
        return super().get_context_data(**{f"{self.section}_form": form, "form": form}, **kwargs)


class ChangeDays(PriceListSection):
    """Name, first and last day."""

    form_class, section = PriceListDaysForm, "days"

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        del kwargs["price_list"]
        return kwargs | {"initial": days_of(self.object)}

    def call_verb(self, form: Any) -> PriceList:
        """Change the list, and shorten the one that a button named."""
        named = self.request.POST.get("shortening", "")
        others = PriceList.objects.changeable_by(self.user)
        shortening = others.filter(pk=named[:18]) if named.isascii() and named.isdigit() else None
        terms = form.cleaned_data | {"shortening": shortening}
        return change_price_list(self.object, actor=self.user, at=timezone.now(), **terms)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A list whose days another one has is offered the ways out."""
        context = super().get_context_data(**kwargs)
        form = context["days_form"]
        if form.is_bound and form.is_valid():
            wanted = copy(self.object)
            for name, value in form.cleaned_data.items():
                setattr(wanted, name, value)
            context["repairs"] = list(repairs_of(wanted, self.user))
        return context


class SetPrices(PriceListSection):
    """Prices of one kind."""

    def call_verb(self, form: Any) -> int:
        terms = {"removed": form.removed(), "actor": self.user, "at": timezone.now()}
        return set_prices(self.object, form.rows(), **terms)


class SetRolePrices(SetPrices):
    form_class, section = RolePricesForm, "roles"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"unpriced": unpriced_roles(self.object)}


class SetCategoryPrices(SetPrices):
    form_class, section = CategoryPricesForm, "categories"


class SetMaterialPrices(SetPrices):
    form_class, section = MaterialPricesForm, "materials"


def days_of(price_list: PriceList) -> dict[str, Any]:
    """Name, first and last day of a list, as a form starts with them."""
    return {name: getattr(price_list, name) for name in ("name", "starts_on", "ends_on")}
