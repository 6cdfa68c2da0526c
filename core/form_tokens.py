"""One intent of one user has one effect, however often its form arrives (I7)."""

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.models import FormToken
from core.refusals import Refusal, Refused

FORM_TOKEN = re.compile(r"[0-9A-Za-z]{1,64}")


def claim(token: str, *, user: Any, content_sha256: str, at: datetime) -> str | None:
    """Claim a form's token: None for the first time, else the address of the first answer.

    The address is empty while the first one is still being answered. Raises Refused when the token came
    from somebody else or with other content.
    """
    claimed = {"user": user, "content_sha256": content_sha256, "used_at": at}
    known, is_first = FormToken.objects.get_or_create(token=token, defaults=claimed)
    if is_first:
        return None
    if known.user_id != user.pk or known.content_sha256 != content_sha256:
        raise Refused([REUSED])
    return known.answer_url


def answer_of(token: str, *, user: Any, content_sha256: str) -> str:
    """The address that the same form of the same user was answered with; empty where it was not."""
    same = FormToken.objects.filter(token=token, user=user, content_sha256=content_sha256)
    return same.values_list("answer_url", flat=True).first() or ""


def settle(token: str, address: str) -> None:
    """Keep the address of the first answer for those that come later."""
    FormToken.objects.filter(token=token).update(answer_url=address[:300])


def release(token: str) -> None:
    """Forget a token whose form was refused, so that it may be sent again."""
    FormToken.objects.filter(token=token).delete()


REUSED = Refusal(
    code="form-already-used",
    message=_("This form was sent before with other content."),
    way_out=_("Reload the page and fill in the form again."),
)
