"""What every request passes through: the clock of the company before it, a hint for the worker after it."""

import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.tasks import sweep
from projects.views.page_defaults import ZONE

logger = logging.getLogger(__name__)

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
            try:
                sweep.apply_async(retry=False, expires=30)
            except Exception:  # noqa: BLE001 - the change is committed; the hint is not worth an error page
                logger.warning("the broker is out of reach; the sweeper will look by itself", exc_info=True)
        return response
