"""The base of every admin page: it shows the rows that the user may see and changes nothing by itself."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import rows_visible_to
from core.activity_log import log_activity
from core.admin_kit import columns, exports
from core.admin_kit.actions import ActionCall, AdminAction
from core.admin_kit.change_facts import changes_of_form, facts_of_formsets
from core.admin_kit.change_form import answer_change, failure_on, refused_form
from core.admin_kit.change_list import ReadOnlyChangeList
from core.admin_kit.named_people import PeopleByName
from core.admin_kit.panels import Cell, Panel, change_url, changelist_url
from core.admin_kit.scoping import ScopedAdmin, signed_in_user
from core.models import Activity
from core.querysets import ChangedMeanwhile

# Nothing is deleted in bulk, on no page, by nobody.
admin.site.disable_action("delete_selected")
admin.site.index_title = gettext_lazy("Books and set-up")

LOOKUPS = {"", "exact", "in", "isnull", "gte", "gt", "lte", "lt", "year", "month", "day"}
LOOKUPS |= {"id__exact", "id__in"}
LONGEST_KEY = 18
ACTIVITIES_SHOWN = 200


class ReadOnlyAdmin(exports.ExportMixin, PeopleByName, ScopedAdmin, admin.ModelAdmin):
    """A page over one model that shows; a subclass names what may be added or changed by those who may.

    `editable_fields`: what may be changed; while something is added, all of its fields are. `extra_lookups`:
    lookups that links of other pages use. `action_classes`: the actions offered here. `currency_paths`: the
    path to the currency of an amount, where it is not `currency`.
    """

    editable_fields: ClassVar[Sequence[str]] = ()
    extra_lookups: ClassVar[Sequence[str]] = ()
    action_classes: ClassVar[Sequence[type[AdminAction]]] = ()
    currency_paths: ClassVar[dict[str, str]] = {}

    actions = ()
    list_per_page = 50
    list_max_show_all = 50
    change_form_template = "admin/read_only_form.html"
    change_list_template = "admin/read_only_list.html"
    object_history_template = "admin/activity_history.html"

    def __init__(self, model: type[models.Model], site: admin.AdminSite):
        self.actions_by_name = {one.name: one() for one in self.action_classes}
        # Django compares the columns of two calls by identity, so each is created once.
        self._columns: dict[str, Any] = {}
        super().__init__(model, site)

    # --- Who and which rows ---------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        """In the index for those who may look."""
        return self.user_may(request, "view")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only where the page adds."""
        return self.adds and self.user_may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only where the page changes, and only what may still change.

        A change that failed is shown as it was typed, also when the reason is that it came too late.
        """
        if not self.changes or not self.user_may(request, "change"):
            return False
        return obj is None or failure_on(request) is not None or self.is_changeable(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: records are kept."""
        return False

    def is_changeable(self, obj: Any) -> bool:
        """Whether this object may still be changed."""
        return True

    def visible_rows(self, user: User) -> models.QuerySet[Any]:
        """The rows that a user may see."""
        return rows_visible_to(user, self.model)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Only the rows that the user may see."""
        rows = self.visible_rows(signed_in_user(request))
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_model_perms(self, request: HttpRequest) -> Any:
        """With what waits for this user; only for the first page of the admin, because it costs a count."""
        perms: dict[str, Any] = {**super().get_model_perms(request)}
        if perms["view"] and request.path == reverse("admin:index"):
            perms["waiting"] = [cell for cell in self.get_waiting(request) if cell is not None]
        return perms

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """Sentences about what waits here, each leading to it."""
        return ()

    # --- The list -------------------------------------------------------------------------------------

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filters that the list offers: columns that are not shown cannot be searched."""
        return any(
            lookup == name or (lookup.startswith(f"{name}__") and lookup[len(name) + 2 :] in LOOKUPS)
            for name in self.filter_names()
        )

    def filter_names(self) -> Iterable[str]:
        """The fields that an address of the list may filter by."""
        yield from self.extra_lookups
        if self.date_hierarchy:
            yield self.date_hierarchy
        for one in self.list_filter:
            named = one[0] if isinstance(one, (list, tuple)) else one
            yield named if isinstance(named, str) else named.parameter_name

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ReadOnlyChangeList]:
        """The list that answers an impossible filter."""
        return ReadOnlyChangeList

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Set on the rows of one page what its columns need, in a fixed number of statements."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the buttons above it; or the file of its rows that the address asks for."""
        file_format = request.GET.get(exports.PARAMETER, "")
        if file_format in exports.FORMATS and self.has_view_permission(request):
            return self.export(request, file_format)
        offered = [
            one for one in self.actions_by_name.values() if one.on_all and one.has_permission(request.user)
        ]
        return super().changelist_view(request, {"offered_actions": offered, **(extra_context or {})})

    # --- Fields ---------------------------------------------------------------------------------------

    def get_read_only_names(self, request: HttpRequest, obj: Any) -> set[str]:
        """The fields that are shown without an input; a new object is filled in as a whole."""
        always = {str(name) for name in self.readonly_fields}
        if obj is None:
            return always
        names = set(flatten_fieldsets(super().get_fieldsets(request, obj)))
        return names - set(self.editable_fields) if self.has_change_permission(request, obj) else names

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Amounts, states and moments that are only shown are written as on the pages."""
        read_only = self.get_read_only_names(request, obj)
        return [
            (title, {**options, "fields": [self._column_of(name, read_only) for name in options["fields"]]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fields without an input, as names and as the columns they are shown in."""
        read_only = self.get_read_only_names(request, obj)
        return [*read_only, *(self._column_of(name, read_only) for name in read_only)]

    def _column_of(self, name: Any, read_only: set[str]) -> Any:
        if name not in read_only:
            return name
        if name not in self._columns:
            self._columns[name] = self._new_column(name)
        return self._columns[name]

    def _new_column(self, name: str) -> Any:
        field = self.field_named(name)
        return columns.of_field(field, self.currency_paths.get(name, "currency")) if field else name

    # --- Changing -------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form of one object; what fails is said in words, and the form is kept as it was typed."""
        changeform_view = super().changeform_view

        def view() -> HttpResponse:
            self._refuse_what_is_closed(request, object_id)
            return changeform_view(request, object_id, form_url, extra_context)

        return answer_change(request, view)

    def _refuse_what_is_closed(self, request: HttpRequest, object_id: str | None) -> None:
        """Raise ChangedMeanwhile for a form whose object may no longer be changed."""
        is_sent = request.method == "POST" and failure_on(request) is None
        if not is_sent or object_id is None or not self.has_change_permission(request):
            return
        obj = self.get_object(request, unquote(object_id))
        if obj is not None and not self.is_changeable(obj):
            raise ChangedMeanwhile(f"{obj} may no longer be changed")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form; after a failure one that is shown again and saves nothing."""
        form_class: type[forms.ModelForm] = super().get_form(request, obj, change=change, **kwargs)
        return form_class if failure_on(request) is None else refused_form(form_class)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write only what was changed, so that what another person changed meanwhile stays."""
        if not change:
            obj.save()
            return
        concrete = {field.name for field in obj._meta.concrete_fields}
        changed = [name for name in form.changed_data if name in concrete]
        if changed:
            obj.save(update_fields=changed)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Logged in the activity log, in the same transaction."""
        log_activity("added", [obj], actor=signed_in_user(request), at=timezone.now())
        return super().log_addition(request, obj, message)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Logged in the activity log with old and new values, in the same transaction."""
        super().save_related(request, form, formsets, change)
        if change:
            self.log_field_changes(request, form, formsets)

    def log_field_changes(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """Write the activity; a page that changes through a verb leaves this to the verb."""
        changes, facts = {form.instance.pk: changes_of_form(form)}, facts_of_formsets(formsets)
        if form.changed_data or facts:
            actor, now = signed_in_user(request), timezone.now()
            log_activity("changed", [form.instance], actor=actor, at=now, changes=changes, facts=facts)

    # --- The page of one object -----------------------------------------------------------------------

    def get_panels(self, request: HttpRequest, obj: Any) -> Iterable[Panel]:
        """Tables of related rows under the fields."""
        return ()

    def get_links(self, request: HttpRequest, obj: Any) -> Iterable[tuple[Any, str]]:
        """Further buttons that only lead somewhere: (label, address)."""
        return ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """The page, with its buttons and panels."""
        obj = kwargs.get("obj")
        failure = failure_on(request)
        context["refusals"] = failure.refusals if failure else ()
        if obj is not None:
            context["title"] = capfirst(self.opts.verbose_name)
            context["panels"] = list(self.get_panels(request, obj))
            context["links"] = list(self.get_links(request, obj))
            context["offered_actions"] = [
                one
                for one in self.actions_by_name.values()
                if one.on_one and one.has_permission(request.user) and one.is_available(obj)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The object's own part of the activity log."""
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _("Activity of %(thing)s") % {"thing": obj},
            "opts": self.opts,
            "object": obj,
            "activities": Activity.objects.about(obj).select_related("actor")[:ACTIVITIES_SHOWN],
        }
        return TemplateResponse(request, self.object_history_template, context)

    # --- Actions --------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> Any:
        """The actions that this user may call on selected rows."""
        return {
            name: (one.answer_selection, name, str(one.label))
            for name, one in self.actions_by_name.items()
            if one.on_many and one.has_permission(request.user)
        }

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any) -> HttpResponse | None:
        """Keys that are none are a broken request."""
        keys = request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME)
        if not all(key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY for key in keys):
            raise BadRequest("a selected row has no such key")
        return super().response_action(request, queryset, *args)

    def get_urls(self) -> list[URLPattern]:
        """The addresses of the buttons, before those of Django, which match everything."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        own = [
            path("act/<slug:action>/", view(self.list_action_view), name=f"{name}_list_action"),
            path("<int:key>/act/<slug:action>/", view(self.action_view), name=f"{name}_action"),
        ]
        return own + super().get_urls()

    def action_view(self, request: HttpRequest, key: int, action: str) -> HttpResponse:
        """A button on the page of one object."""
        called = self._called(request, action, lambda one: one.on_one)
        targets = self.get_queryset(request).filter(pk=key)
        if not targets.exists():
            raise Http404
        return called.answer(ActionCall(self, request, targets, change_url(self.model, key)))

    def list_action_view(self, request: HttpRequest, action: str) -> HttpResponse:
        """A button above the list."""
        called = self._called(request, action, lambda one: one.on_all)
        targets = called.get_queryset(self, request)
        return called.answer(ActionCall(self, request, targets, changelist_url(self.model)))

    def _called(self, request: HttpRequest, name: str, fits: Callable[[AdminAction], bool]) -> AdminAction:
        action = self.actions_by_name.get(name)
        if action is None or not fits(action):
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        return action
