"""What somebody sent after the session had ended, kept so that nothing has to be entered twice.

A form that arrives without a session is not carried out. Its fields are kept in the new session, the person
signs in, and finds the form or the selection as it was; nothing is sent again without a click. The same store
keeps the ticked rows of a selection that was refused. Files and passwords are never kept.
"""

from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.models import Session
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve, reverse
from django.views.csrf import csrf_failure as refuse_csrf
from django_htmx.http import HttpResponseClientRedirect

PARAMETER = "kept"
"""Name under which an address names a kept form."""

OWNER_FIELD = "entered_by"
"""Hidden field beside the form token: who the form was shown to, signed."""

SESSION_NAME = "kept_forms"
MOST_FORMS = 5
LARGEST_VALUE, LARGEST_FORM = 20_000, 60_000
NEVER_KEPT = ("csrfmiddlewaretoken", OWNER_FIELD)
REASONS_ABOUT_TOKEN = "CSRF "  # noqa: S105 - the beginning of a sentence
"""How Django's reasons begin that are about the token; the others are about where a request comes from."""

NOTHING_ENTERED = ("sign-out", "logout", "set_language", "set-theme")
"""Names of addresses whose forms hold nothing that anybody entered."""

_signer = TimestampSigner(salt="core.kept_forms")
# A form lies open for a working day at most; an older mark would let its owner fill the store for ever.
OLDEST_MARK = 2 * settings.SESSION_COOKIE_AGE


@dataclass(frozen=True)
class KeptForm:
    """Fields of a form and the address they were sent to; `user` is the key of whoever entered them."""

    key: str
    address: str
    user: str
    body: str
    is_complete: bool

    @property
    def data(self) -> QueryDict:
        """The fields as a request holds them."""
        return QueryDict(self.body)

    @property
    def path(self) -> str:
        """The address without its query string, as a request holds it."""
        return unquote(urlsplit(self.address).path)


def owner_mark(user: User | AnonymousUser) -> str:
    """What a form says about who it was shown to; empty for those who have not signed in."""
    return _signer.sign(str(user.pk)) if user.is_authenticated else ""


def keep(request: HttpRequest, user: str) -> KeptForm:
    """Keep the fields of a POST in the session; the oldest of more than five is given up."""
    kept = _fields_of(request)
    form = KeptForm(token_urlsafe(9), request.get_full_path(), user, kept[0], kept[1])
    forms = dict(request.session.get(SESSION_NAME, {}))
    forms[form.key] = {
        "address": form.address,
        "user": form.user,
        "body": form.body,
        "is_complete": form.is_complete,
    }
    # A session is read at every request; without a limit each form that was kept would make it longer.
    request.session[SESSION_NAME] = dict(list(forms.items())[-MOST_FORMS:])
    return form


def find(request: HttpRequest, key: str | None = None) -> KeptForm | None:
    """The kept form that the address names; None for one that somebody else entered."""
    key = request.GET.get(PARAMETER, "") if key is None else key
    form = request.session.get(SESSION_NAME, {}).get(key) if key else None
    # Somebody else may have signed in on this browser since, and does not see what was entered there.
    if form is None or form["user"] != str(request.user.pk):
        return None
    return KeptForm(key, **form)


class SignInRequired(LoginRequiredMiddleware):
    """Django's middleware that asks strangers to sign in; it keeps what a form had sent."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseBase:  # type: ignore[override]
        """Keep the form and come back to it after signing in; a lost page view comes back to its page."""
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        # Django would come back by GET, which an action answers with 405, and the fields would be lost.
        return _sign_in(request, self.get_login_url(view_func), self.get_redirect_field_name(view_func))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is no longer valid, for example after signing in again in another tab.

    A form that was sent from a page of ours is kept, to be looked at and sent again; one that another site
    sent, or that holds a password, is refused.
    """
    if not reason.startswith(REASONS_ABOUT_TOKEN) or not _is_from_own_page(request) or _is_not_kept(request):
        return refuse_csrf(request, reason)
    if not request.user.is_authenticated:
        return _sign_in(request, settings.LOGIN_URL, REDIRECT_FIELD_NAME)
    # Another person has signed in since the form was shown: it is not theirs to send.
    if _owner_of(request) not in ("", str(request.user.pk)):
        return refuse_csrf(request, reason)
    return _redirect(request, address_of(keep(request, str(request.user.pk))))


def address_of(form: KeptForm) -> str:
    """The page that leads back to a kept form."""
    return reverse("kept-form", args=[form.key])


def _sign_in(request: HttpRequest, login_url: str, redirect_field_name: str) -> HttpResponse:
    """Lead to the sign-in, and from there to what was kept; to the overview where nothing may be kept."""
    user = _owner_of(request)
    # Somebody who may no longer sign in could not come back to it, and would only fill the sessions.
    may_return = user.isdecimal() and User.objects.filter(pk=user, is_active=True).exists()
    address = address_of(keep(request, user)) if may_return and not _is_not_kept(request) else "/"
    signing_in = redirect_to_login(address, resolve_url(login_url), redirect_field_name)
    return _redirect(request, signing_in.url)


def _redirect(request: HttpRequest, address: str) -> HttpResponse:
    """Leave the page even where only a part of it had been asked for."""
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)  # type: ignore[attr-defined]


def _owner_of(request: HttpRequest) -> str:
    """The key of whoever entered a form: as the form says, else as the session says that has ended."""
    try:
        return _signer.unsign(request.POST.get(OWNER_FIELD, ""), max_age=OLDEST_MARK)
    except BadSignature:
        pass
    # A form without the field, such as one of the admin, is known by the session that has ended.
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    session = Session.objects.filter(session_key=key).first() if key else None
    return str(session.get_decoded().get(SESSION_KEY, "")) if session else ""


def _fields_of(request: HttpRequest) -> tuple[str, bool]:
    """The fields worth keeping, and whether they are all that was sent."""
    kept, is_complete = QueryDict(mutable=True), not request.FILES
    for name, values in request.POST.lists():
        if name in NEVER_KEPT:
            continue
        # One text that is too long must not cost the other fields.
        if sum(map(len, map(str, values))) > LARGEST_VALUE:
            is_complete = False
            continue
        kept.setlist(name, values)
    body = kept.urlencode()
    return (body, is_complete) if len(body) <= LARGEST_FORM else ("", False)


def _is_not_kept(request: HttpRequest) -> bool:
    """Whether a form holds a password or nothing at all, or is one that strangers may send."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return True
    # Sessions are stored readable in the database, so a password must never get there.
    is_open = not getattr(match.func, "login_required", True) or match.url_name in NOTHING_ENTERED
    return is_open or any("password" in name for name in request.POST)


def _is_from_own_page(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the form; no other site can make it say so."""
    own = f"{request.scheme}://{request.get_host()}"
    source = request.headers.get("Origin", "") or request.headers.get("Referer", "")
    parts = urlsplit(source)
    return f"{parts.scheme}://{parts.netloc}" == own
