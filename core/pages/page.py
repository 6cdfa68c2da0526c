"""The ground of every page: who may see it, what it shows, and that a form counts once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Protocol

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST

THEME_COOKIE = "theme"
YEAR_IN_SECONDS = 365 * 24 * 60 * 60


class Tokens(Protocol):
    """Store that makes a form count once."""

    def claim(self, token: str, *, user: Any, content_sha256: str, at: datetime) -> str | None:
        """None for the first time; else the address of the first answer, empty while there is none."""

    def settle(self, token: str, address: str) -> None:
        """Keep the address of the answer."""

    def release(self, token: str) -> None:
        """Forget a token whose form was refused, so that it may be sent again."""


class Page(View):
    """One page: `permission` names who may open it, `door` answers, `context()` fills `template_name`.

    `door(user, permission, obj=None)` and `tokens` are set once per app by the base of its views.
    Raises PermissionDenied, shown as a page that names what is missing.
    """

    permission: ClassVar[str] = ""
    door: ClassVar[Callable[..., bool] | None] = None
    tokens: ClassVar[Tokens | None] = None
    template_name: ClassVar[str] = ""
    title: ClassVar[Any] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask the door before anything is read."""
        self.require()
        return super().dispatch(request, *args, **kwargs)

    @classmethod
    def admits(cls, user: Any, permission: str, obj: Any = None) -> bool:
        """Answer of the door; a page without permission or door is a mistake of its author."""
        if not permission or cls.door is None:
            raise ImproperlyConfigured(f"{cls.__name__} needs a permission and a door")
        return cls.door(user, permission, obj)

    def require(self, obj: Any = None) -> None:
        """Refuse those whom the door does not admit, for the page or for one object."""
        if not self.admits(self.request.user, self.permission, obj):
            raise PermissionDenied(
                _("You need the permission “%(name)s” for this page.") % {"name": self.permission}
            )

    def context(self) -> dict[str, Any]:
        """What the template needs beside `page` and `title`."""
        return {}

    def shown(self, *, status: int = 200, **extra: Any) -> HttpResponse:
        """The page as a response; `extra` joins the context."""
        context = {"page": self, "title": self.title, **self.context(), **extra}
        return render(self.request, self.template_name, context, status=status)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page."""
        return self.shown()


class OfOne:
    """Share of the pages about one thing: `rows()` says what may be seen, the address says which."""

    def rows(self) -> QuerySet[Any]:
        """Everything this reader may see, from the access door."""
        raise NotImplementedError

    def found(self) -> Model:
        """The thing the address names (`<str:number>` looks for `number`); 404 when it is not there."""
        if not hasattr(self, "_found"):
            # PostgreSQL refuses the character outright, SQLite finds nothing.
            if any("\x00" in str(named) for named in self.kwargs.values()):
                raise Http404("what the address names cannot exist")
            try:
                self._found = get_object_or_404(self.rows(), **self.kwargs)
            except (ValueError, ValidationError) as error:
                raise Http404("what the address names cannot exist") from error
        return self._found


class DetailPage(OfOne, Page):
    """Page about one thing, in the context as `object`."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the thing, if the door admits the reader to it."""
        self.require(self.found())
        return self.shown(object=self.found())


@require_POST
@login_not_required
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or system in a cookie, so that the server writes the theme and nothing flashes."""
    address = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        address = "/"
    response = HttpResponseRedirect(address)
    chosen = request.POST.get("theme", "")
    if chosen in ("light", "dark", "system"):
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=YEAR_IN_SECONDS,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return response
