"""The link of a refusal, or of its code, to the page on which the way out is gone."""

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.access import may
from core.refusal_pages import page_of
from core.refusals import Refusal

register = template.Library()


@register.simple_tag(takes_context=True)
def way_out_link(context: template.Context, refusal: Refusal) -> SafeString:
    """A link for those to whom the page is open; nothing where the way out is on the page itself."""
    return way_out_of(context, refusal.code)


@register.simple_tag(takes_context=True)
def way_out_of(context: template.Context, code: str) -> SafeString:
    """The same for a code, where a page says beforehand what would be refused."""
    page, request = page_of(code), context.get("request")
    if page is None or request is None or not may(request.user, page.permission):
        return SafeString("")
    try:
        address = reverse(page.url_name) + page.query
    except NoReverseMatch:
        return SafeString("")
    return format_html('<a href="{}">{}</a>', address, page.label)
