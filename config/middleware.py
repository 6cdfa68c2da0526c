"""What every request passes through: the clock of the company before it, a hint for the worker after it."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.hints import HINTS
from projects.views.page_defaults import ZONE

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
HTTP_ERRORS_START = 400


class CompanyClock:
    """Show moments by the clock of the legal entity the user works for (T1); before sign-in it is UTC.

    Moments are stored in UTC. Days have no clock and are never moved.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.session.get(ZONE)
        with timezone.override(ZoneInfo(name) if name else None):
            return self.get_response(request)


class NudgeWorker:
    """After a request that may have left work behind, tell the worker to look; a hint, never the record.

    Ask for a sweep after every successful change, so that what follows is there at once.

    A broker that cannot be reached costs the reader nothing: the sweeper looks every few seconds anyway.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method in CHANGING and response.status_code < HTTP_ERRORS_START:
            HINTS.want()
        return response
