"""The answer to a request that cannot be read: what was too much of it, where that is why, and a way out."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponseBadRequest
from django.template import loader
from django.utils.translation import gettext as _

from core.templatetags.display import number


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBadRequest:
    """The page of a request that was refused unread, in the product's words; nothing was changed."""
    # Without the request: its fields cannot be read, and what the templates ask of it would fail.
    return HttpResponseBadRequest(loader.get_template("400.html").render(_words_for(exception)))


def _words_for(exception: Exception) -> dict[str, str]:
    if isinstance(exception, TooManyFieldsSent):
        most = {"most": number(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)}
        return {
            "what": _(
                "The form has more than %(most)s fields, which is the most that are read at once. "
                "Nothing was changed."
            )
            % most,
            "way_out": _(
                "Go back: what you ticked is still ticked. Tick fewer rows and repeat it for the others, or "
                "choose “Select all that match”, which sends the filter instead of each row."
            ),
        }
    if isinstance(exception, TooManyFilesSent):
        most = {"most": number(settings.DATA_UPLOAD_MAX_NUMBER_FILES)}
        return {
            "what": _("More than %(most)s files were sent at once. Nothing was changed.") % most,
            "way_out": _("Go back and send fewer files at a time."),
        }
    if isinstance(exception, RequestDataTooBig):
        return {
            "what": _("What was typed is longer than this page reads. Nothing was changed."),
            "way_out": _("Go back, shorten the longest text, and send the form again."),
        }
    return {}
