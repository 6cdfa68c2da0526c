"""What every page has: the permission it needs, a title, and the object its address names."""

from typing import Any, ClassVar, cast

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.functional import Promise, cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, TemplateView, View
from django.views.generic.base import ContextMixin
from django.views.generic.detail import SingleObjectMixin

from core.access import may
from core.missing_permissions import denied

THEME_COOKIE = "theme"
YEAR_IN_SECONDS = 365 * 24 * 60 * 60


class PageMixin(ContextMixin, View):
    """The permission that a page needs, asked before anything is read, and its title in the context.

    Raises PermissionDenied, which is shown as a page that names the roles that may open it.
    """

    permission: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""

    @property
    def user(self) -> User:
        """Who asks; the middleware lets nobody pass who has not signed in."""
        return cast(User, self.request.user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the permission, then answer as Django does."""
        self.check_permission()
        return super().dispatch(request, *args, **kwargs)

    def has_permission(self, obj: Model | None = None) -> bool:
        """Whether the user may open this page, and see the object where one is given."""
        return self.may(self.permission, obj)

    def may(self, permission: str, obj: Model | None = None) -> bool:
        """Whether the user holds a permission; a page that names none is a mistake of its author."""
        if not permission:
            raise ImproperlyConfigured(f"{type(self).__name__} needs a permission")
        return may(self.user, permission, obj)

    def check_permission(self, obj: Model | None = None) -> None:
        """Raise PermissionDenied where `has_permission` says no."""
        if not self.has_permission(obj):
            raise denied(self.permission)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Django's context, with the title."""
        return super().get_context_data(**{"title": self.title, **kwargs})


class Page(PageMixin, TemplateView):
    """A page that shows something: `permission`, `title`, `template_name`, `get_context_data()`."""


class ObjectMixin(SingleObjectMixin, PageMixin):
    """The object that the address names, among the rows of `get_queryset()`; read once.

    An address with `<str:number>` sets `slug_field = slug_url_kwarg = "number"`, as in Django.
    """

    @cached_property
    def object(self) -> Any:
        """The object, for pages that do not read it in `get`."""
        return self.get_object()

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        """The object; 404 when it is not there, or when the address names what cannot exist."""
        # PostgreSQL refuses the character outright, SQLite finds nothing.
        if any("\x00" in str(value) for value in self.kwargs.values()):
            raise Http404("what the address names cannot exist")
        try:
            return super().get_object(queryset)
        except (ValueError, ValidationError) as error:
            raise Http404("what the address names cannot exist") from error


class DetailPage(ObjectMixin, DetailView):
    """A page about one object, `object` in the context."""

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        """The object, if the user may see it."""
        obj = super().get_object(queryset)
        self.check_permission(obj)
        return obj


@require_POST
@login_not_required
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or system in a cookie, so that the server writes the theme and nothing flashes."""
    address = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        address = "/"
    response = HttpResponseRedirect(address)
    theme = request.POST.get("theme", "")
    if theme in ("light", "dark", "system"):
        response.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=YEAR_IN_SECONDS,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return response
