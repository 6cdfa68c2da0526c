"""Who did what and when, work to be done after a commit, and answers already given."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.querysets import ActivityQuerySet, OutboxQuerySet
from core.states import OutboxStatus


class Activity(models.Model):
    """One line of history, written in the transaction of the change it reports; never changed (B10, S4)."""

    verb = models.CharField(_("what"), max_length=40)
    subject_kind = models.CharField(_("subject kind"), max_length=40)
    subject_id = models.BigIntegerField(_("subject id"))
    subject_name = models.CharField(_("of"), max_length=160)
    from_state = models.CharField(_("from"), max_length=20, blank=True)
    to_state = models.CharField(_("to"), max_length=20, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("actor")
    )
    happened_at = models.DateTimeField(_("at"))

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activity log")
        ordering = ["-happened_at", "-pk"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="activity_subject")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_name}"

    @property
    def changes(self) -> dict[str, list[str]]:
        """Old and new value of each field that was changed."""
        changes = self.facts.get("changes", {})
        return changes if isinstance(changes, dict) else {}


class ActivityBlock(models.Model):
    """A link of the chain over the activity log: the rows it closes, hashed with the link before it (S5).

    `spans` are first and last keys of rows that follow one another. `missing` are keys up to `last_key` that
    no block holds yet, with the moment since when: their transactions are open still, or were rolled back.
    """

    number = models.PositiveIntegerField(_("number"), unique=True)
    spans = models.JSONField(_("rows"))
    row_count = models.PositiveIntegerField(_("number of rows"))
    last_key = models.BigIntegerField(_("last row"))
    missing = models.JSONField(_("rows that may follow"), default=list)
    previous_sha256 = models.CharField(_("hash before it"), max_length=64, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    closed_at = models.DateTimeField(_("closed at"))

    class Meta:
        verbose_name = _("block of the activity log")
        verbose_name_plural = _("blocks of the activity log")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}:{self.sha256}"


class OutboxEntry(models.Model):
    """Work that a commit left to do; the sweeper finds it, whatever the broker lost (O1)."""

    effect_key = models.CharField(_("effect key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    payload = models.JSONField(_("payload"), default=dict)
    status = models.CharField(
        _("status"), max_length=8, choices=OutboxStatus.choices, default=OutboxStatus.PENDING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created at"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    # Only of a mail that is being handed to the server.
    sending_since = models.DateTimeField(_("being sent since"), null=True, blank=True, editable=False)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["kind"], condition=models.Q(status=OutboxStatus.PENDING), name="outbox_pending"
            ),
            models.Index(
                fields=["sending_since"],
                condition=models.Q(status=OutboxStatus.SENDING),
                name="outbox_sending",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status=OutboxStatus.SENDING, sending_since__isnull=False)
                | (~models.Q(status=OutboxStatus.SENDING) & models.Q(sending_since__isnull=True)),
                name="sending_says_since_when",
            )
        ]

    def __str__(self) -> str:
        return self.effect_key


class FormToken(models.Model):
    """One user's one intent: the same token with the same content gets the first answer again (I7)."""

    token = models.CharField(_("token"), max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user")
    )
    content_sha256 = models.CharField(_("content sha256"), max_length=64)
    answer_url = models.CharField(_("answer url"), max_length=300, blank=True)
    used_at = models.DateTimeField(_("used at"))
    attempt = models.CharField(_("attempt"), max_length=32, blank=True)
    # Written in the transaction of what the form asks for, so that it is true after a crash.
    has_effect = models.BooleanField(_("has had its effect"), default=False)

    class Meta:
        verbose_name = _("form token")
        verbose_name_plural = _("form tokens")

    def __str__(self) -> str:
        return self.token


class PasswordRequest(models.Model):
    """Somebody asked for a link to a new password; kept as long as it limits how often that is done."""

    mail_sha256 = models.CharField(_("mail address, hashed"), max_length=64)
    asked_from = models.CharField(_("asked from"), max_length=64)
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        verbose_name = _("request for a password")
        verbose_name_plural = _("requests for passwords")
        indexes = [models.Index(fields=["asked_at"], name="password_request_moment")]

    def __str__(self) -> str:
        return f"{self.asked_from} {self.asked_at}"
