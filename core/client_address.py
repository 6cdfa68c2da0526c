"""Whose address a request came from, for the sign-in lockout."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address of the caller as seen by the outermost proxy that we trust.

    X-Forwarded-For is read from its right end, one entry per trusted proxy, so what a caller writes into the
    header themselves is never believed. Without trusted proxies the header is not read at all.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    hops = settings.TRUSTED_PROXY_HOPS
    if not hops:
        return direct
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    chain = [part.strip() for part in forwarded.split(",") if part.strip()]
    return chain[-hops] if len(chain) >= hops else direct
