"""The base of every page of the admin: it shows what the door lets through and changes nothing by itself."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import BadRequest, FieldDoesNotExist, PermissionDenied
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import may, rows_visible_to
from core.activity_log import log_activity
from core.admin_kit.actions import VerbAction, reasons_of, say_refusals
from core.admin_kit.change_facts import changes_of_form, facts_of_formsets
from core.admin_kit.change_list import WindowList
from core.admin_kit.form_inputs import INPUTS
from core.admin_kit.panels import Cell, Panel, written
from core.admin_kit.scoping import bare_widget, scoped
from core.models import Activity
from core.querysets import ChangedMeanwhile
from core.refusals import Refused

# Nothing is deleted in bulk, in no window, by nobody.
admin.site.disable_action("delete_selected")
admin.site.index_title = gettext_lazy("Books and set-up")

LOOKUPS = {"", "exact", "in", "isnull", "gte", "gt", "lte", "lt", "year", "month", "day"}
LOOKUPS |= {"id__exact", "id__in"}
LONGEST_KEY = 18
HISTORY_SHOWN = 200


class Window(admin.ModelAdmin):
    """A read-only page over one model; what a subclass names may be added or changed by those who may.

    `editable`: the fields that may be changed; all of `fields` while something is added. `also_filtered`:
    lookups that links of other windows use. `tools`: the verbs offered here. `currencies`: where the currency
    of an amount stands, when it is not `currency`.
    """

    adds: ClassVar[bool] = False
    changes: ClassVar[bool] = False
    editable: ClassVar[Sequence[str]] = ()
    also_filtered: ClassVar[Sequence[str]] = ()
    tools: ClassVar[Sequence[type[VerbAction]]] = ()
    currencies: ClassVar[dict[str, str]] = {}
    choices: ClassVar[dict[str, Any]] = {}

    actions = ()
    list_per_page = 50
    list_max_show_all = 50
    formfield_overrides = INPUTS
    change_form_template = "admin/window_form.html"
    change_list_template = "admin/window_list.html"
    object_history_template = "admin/window_history.html"

    def __init__(self, model: type[models.Model], site: admin.AdminSite):
        self.verbs = {tool.name: tool() for tool in type(self).tools}
        # Django compares the columns of two calls by identity.
        self._written: dict[str, Any] = {}
        super().__init__(model, site)

    # --- Who and which rows ---------------------------------------------------------------------------

    def _may(self, request: HttpRequest, verb: str) -> bool:
        return may(request.user, f"{self.opts.app_label}.{verb}_{self.opts.model_name}")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """In the index for those who may look."""
        return self._may(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are scoped by the door, so the permission is the whole answer."""
        return self._may(request, "view")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only where the window adds."""
        return self.adds and self._may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only where the window changes, and only what is still open."""
        return self.changes and self._may(request, "change") and (obj is None or self.is_open(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: what was, stays."""
        return False

    def get_model_perms(self, request: HttpRequest) -> dict[str, Any]:
        """With what waits for this reader, for the first page of the admin only: it costs a count."""
        perms = super().get_model_perms(request)
        if perms["view"] and request.path == reverse("admin:index"):
            perms["waiting"] = [cell for cell in self.waiting(request) if cell is not None]
        return perms

    def waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """Sentences about what waits here, each leading to it."""
        return ()

    def is_open(self, thing: Any) -> bool:
        """Whether this thing may still be changed."""
        return True

    def rows_for(self, user: Any) -> Any:
        """The rows that a user may see."""
        return rows_visible_to(user, self.model)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Through the door of the model, and no other way."""
        rows = self.rows_for(request.user)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only rows that this user may see are offered."""
        return super().formfield_for_foreignkey(
            db_field, request, **scoped(db_field, request.user, kwargs, self.choices)
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """No pop-ups beside a choice."""
        return bare_widget(super().formfield_for_dbfield(db_field, request, **kwargs))

    # --- What may be asked ----------------------------------------------------------------------------

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filters that the list offers: no question about columns it does not show."""
        return any(
            lookup == name or (lookup.startswith(f"{name}__") and lookup[len(name) + 2 :] in LOOKUPS)
            for name in self._filter_names(request)
        )

    def _filter_names(self, request: HttpRequest | None) -> Iterable[str]:
        yield from self.also_filtered
        if self.date_hierarchy:
            yield self.date_hierarchy
        for one in self.get_list_filter(request):
            named = one[0] if isinstance(one, (list, tuple)) else one
            yield named if isinstance(named, str) else named.parameter_name

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[WindowList]:
        """The list that survives absurd questions."""
        return WindowList

    def enrich(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Add to the rows of one page what its columns need, in a fixed number of queries."""

    # --- Fields ---------------------------------------------------------------------------------------

    def frozen(self, request: HttpRequest, obj: Any) -> set[str]:
        """The fields that are shown and not asked for; a new thing is filled in as a whole."""
        always = set(self.readonly_fields)
        if obj is None:
            return always
        shown = set(flatten_fieldsets(super().get_fieldsets(request, obj)))
        return shown - set(self.editable) if self.has_change_permission(request, obj) else shown

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Amounts, states and moments that are only shown are written as on the pages."""
        frozen = self.frozen(request, obj)
        return [
            (title, {**options, "fields": [self._shown(name, frozen) for name in options["fields"]]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _shown(self, name: str, frozen: set[str]) -> Any:
        if name not in frozen:
            return name
        if name not in self._written:
            currency = self.currencies.get(name, "currency")
            is_field = _is_field(self.opts, name)
            self._written[name] = written(self.opts.get_field(name), currency) if is_field else name
        return self._written[name]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Everything that is frozen, in the form it is shown in."""
        frozen = self.frozen(request, obj)
        return [*frozen, *(self._shown(name, frozen) for name in frozen)]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write only what was changed, so that nothing another person did meanwhile is taken back."""
        if not change:
            obj.save()
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        changed = [name for name in form.changed_data if name in columns]
        if changed:
            obj.save(update_fields=changed)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The activity log learns of it in the same transaction."""
        log_activity("added", [obj], actor=request.user, at=timezone.now())
        return super().log_addition(request, obj, message)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The activity log learns what was changed; verbs write their own row."""
        super().save_related(request, form, formsets, change)
        if change:
            self.log_field_changes(request, form, formsets)

    def log_field_changes(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """Windows that change through a verb leave this to the verb."""
        changes, facts = {form.instance.pk: changes_of_form(form)}, facts_of_formsets(formsets)
        if form.changed_data or facts:
            log_activity(
                "changed",
                [form.instance],
                actor=request.user,
                at=timezone.now(),
                changes=changes,
                facts=facts,
            )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What a verb or the database refuses is said in words, and nothing was changed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (Refused, ChangedMeanwhile, IntegrityError) as reason:
            if request.method != "POST":
                raise
            say_refusals(request, reasons_of(reason))
            return HttpResponseRedirect(request.get_full_path())

    # --- Panels, tools, history -----------------------------------------------------------------------

    def panels(self, request: HttpRequest, thing: Any) -> Iterable[Panel]:
        """Tables of related rows under the fields."""
        return ()

    def links(self, request: HttpRequest, thing: Any) -> Iterable[tuple[Any, str]]:
        """Further tools that only lead somewhere: (label, address)."""
        return ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Hand tools and panels to the template."""
        thing = kwargs.get("obj")
        if thing is not None:
            context["title"] = capfirst(self.opts.verbose_name)
            context["panels"] = list(self.panels(request, thing))
            context["links"] = list(self.links(request, thing))
            context["verbs"] = [
                verb
                for verb in self.verbs.values()
                if verb.on_one and verb.is_allowed(request.user) and verb.offered_on(thing)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Hand the tools above the list to the template."""
        verbs = [one for one in self.verbs.values() if one.on_all and one.is_allowed(request.user)]
        return super().changelist_view(request, {"verbs": verbs, **(extra_context or {})})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The thing's own part of the activity log."""
        thing = self.get_object(request, object_id)
        if thing is None or not self.has_view_permission(request, thing):
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _("Activity of %(thing)s") % {"thing": thing},
            "opts": self.opts,
            "object": thing,
            "activities": Activity.objects.about(thing).select_related("actor")[:HISTORY_SHOWN],
        }
        return TemplateResponse(request, self.object_history_template, context)

    # --- Actions --------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Callable[..., Any], str, str]]:
        """The verbs this user may call on a selection."""
        return {
            name: (verb, name, str(verb.label))
            for name, verb in self.verbs.items()
            if verb.on_many and verb.is_allowed(request.user)
        }

    def response_action(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Keys that are none are a broken request, not a fault."""
        keys = request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME)
        if not all(key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY for key in keys):
            raise BadRequest("a selected row has no such key")
        return super().response_action(request, queryset)

    def get_urls(self) -> list[URLPattern]:
        """The addresses of tools, before the catch-all of the admin."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        own = [
            path("act/<slug:verb>/", view(self.act_on_all), name=f"{name}_act_on_all"),
            path("<int:key>/act/<slug:verb>/", view(self.act_on_one), name=f"{name}_act"),
        ]
        return own + super().get_urls()

    def act_on_one(self, request: HttpRequest, key: int, verb: str) -> HttpResponse:
        """A tool on the page of one thing."""
        tool = self._tool(request, verb, lambda one: one.on_one)
        targets = self.get_queryset(request).filter(pk=key)
        if not targets.exists():
            raise Http404
        return tool.answer(self, request, targets, back=self.address_of(key))

    def act_on_all(self, request: HttpRequest, verb: str) -> HttpResponse:
        """A tool above the list."""
        tool = self._tool(request, verb, lambda one: one.on_all)
        return tool.answer(self, request, tool.everything(self, request), back=self.address())

    def _tool(self, request: HttpRequest, verb: str, fits: Callable[[VerbAction], bool]) -> VerbAction:
        tool = self.verbs.get(verb)
        if tool is None or not fits(tool):
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        return tool

    def address(self) -> str:
        """The address of the list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def address_of(self, key: int) -> str:
        """The address of one thing."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[key])


def _is_field(opts: Any, name: str) -> bool:
    try:
        opts.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
