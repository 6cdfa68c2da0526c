"""A document made for the page that asks for it; where it cannot be drawn, a page that says why (C7)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.answering import REFUSED
from core.documents.rendering import NotDrawn, render_document
from core.drawing import not_drawn
from core.refusals import Text


def shown_document(
    request: HttpRequest, data: dict[str, Any], name: str, *, title: Text, back: str
) -> HttpResponse:
    """The bytes, shown in the browser; what cannot be drawn is said on a page that leads `back`."""
    try:
        pdf = render_document(data)
    except NotDrawn as error:
        refusals = not_drawn(error.missing, name)
        context = {"view": {"cancel_url": back}, "title": title, "refusals": refusals}
        return render(request, "refused.html", context, status=REFUSED)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
