"""My time: a person's hours of one week, typed into a grid, saved, submitted and taken back (A8)."""

from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.access import may
from core.durations import uses_comma
from core.pages import FormPage
from core.refusals import Refusal, Refused
from projects.entering import record_week
from projects.forms.week_figures import hours_by_project, notices_of, totals_of
from projects.forms.week_rows import hours_of_entries
from projects.forms.weeks import WeekForm
from projects.models import Entry, Project, Resource
from projects.querysets import EntryQuerySet
from projects.states import EntryStatus, TransactionClass
from projects.submitting import recall_entries
from projects.views.page_defaults import PageDefaults
from projects.views.submitting_saved import SubmitSaved
from projects.views.whose_work import RECORD_FOR_OTHERS, colleagues_of, person_of_request
from projects.work_coverage import coverage_of

PERMISSION = "projects.submit_entry"
RECENT = 3
SHOWN = 5


class Week(SubmitSaved, PageDefaults, FormPage):
    """The grid of one week, of oneself or, with the right to, of a colleague."""

    permission, title, template_name = PERMISSION, _("My time"), "projects/timesheet.html"
    form_class, success_message = WeekForm, _("Saved")
    saved = 0

    @cached_property
    def monday(self) -> date:
        """The first day of the week that the address names, or of this week. Raises Http404."""
        text = self.kwargs.get("week", "")
        try:
            day = date.fromisoformat(f"{text}-1") if text else self.today
        except ValueError as error:
            raise Http404("no such week") from error
        # Weeks at the ends of the calendar have no week before or after them.
        if not 1900 < day.year < 2200:  # noqa: PLR2004 - far beyond any company's books
            raise Http404("no such week")
        return day - timedelta(days=day.weekday())

    @cached_property
    def person(self) -> Resource:
        """Whose week it is."""
        return person_of_request(self.request)

    @property
    def cancel_url(self) -> str:
        """This page."""
        return self.address(self.monday)

    def address(self, monday: date) -> str:
        """The page of the same person in another week."""
        query = "" if self.is_own else f"?{urlencode({'person': self.person.code})}"
        return reverse("week", args=[f"{monday:%G-W%V}"]) + query

    def get_form_kwargs(self) -> dict[str, Any]:
        # Whoever records for a colleague sees the work on the projects they manage, and no other.
        rows = Project.objects.all()
        projects = rows.visible_to(self.user) if self.is_own else rows.managed_by(self.user)
        kwargs = {"person": self.person, "monday": self.monday, "today": self.today}
        return super().get_form_kwargs() | kwargs | {"entries": self.visible(), "projects": projects}

    @property
    def is_own(self) -> bool:
        """Whether it is one's own week."""
        return self.person.user_id == self.user.pk

    def visible(self) -> EntryQuerySet:
        """The person's time entries that the user may see."""
        mine = Entry.objects.kept().visible_to(self.user).filter(resource=self.person)
        return mine.filter(transaction_class=TransactionClass.TIME)

    def entries(self) -> EntryQuerySet:
        """The time entries of the week."""
        return self.visible().between(self.monday, self.monday + timedelta(days=6))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The week; a date that was chosen leads to its week."""
        chosen = request.GET.get("of", "")
        if chosen:
            try:
                return HttpResponseRedirect(self.address(date.fromisoformat(chosen)))
            except ValueError:
                pass
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page again with what was asked for, or save, submit or recall."""
        form = cast(WeekForm, self.get_form())
        if (shown := form.again()) is not None:
            return self.show_again(shown)
        if "recall" in request.POST:
            return self.answer(self.recall, form)
        # Cells that cannot be read keep their text, and what can be kept is saved beside them.
        return self.form_invalid(form) if form.adds else self.form_valid(form)

    def show_again(self, data: Any) -> HttpResponse:
        """The page with what was typed, and more rows; nothing is written."""
        form = WeekForm(**self.get_form_kwargs() | {"data": data})
        return self.render_to_response(self.get_context_data(form=form))

    def form_valid(self, form: WeekForm) -> HttpResponse:
        """Save what was changed; then submit what is ready, where that was asked for."""
        return self.answer(lambda: self.save(form), form)

    def save(self, form: WeekForm) -> int:
        """Write the cells that can be kept, then submit every draft up to today where that was asked for.

        Days after today stay drafts until they come. Raises Refused where a cell could not be kept: nothing
        is submitted then, and what was saved stays saved.
        """
        recorded = record_week(self.person, form.reports(), actor=self.user, at=timezone.now())
        if recorded.refusals or not form.is_readable:
            # Answered as a refusal, so that the form of the cells that are left may be sent again.
            self.saved = recorded.count
            raise Refused(recorded.refusals)
        if self.submit_saved(self.entries().submittable().filter(date__lte=self.today)):
            self.success_message = _("Submitted")
        return recorded.count

    def recall(self) -> int:
        """Take back what waits for its approver."""
        self.success_message = _("Recalled")
        waiting = self.entries().filter(status=EntryStatus.SUBMITTED)
        return recall_entries(waiting, actor=self.user, at=timezone.now())

    def refuse(self, refusals: Any, form: Any = None, **kwargs: Any) -> HttpResponse:
        """Reasons that name a cell stand below its row, the others above the grid."""
        if form is not None and self.saved:
            # Read again: what was saved stands in its cells now, and only the rest is still as it was typed.
            form = WeekForm(**self.get_form_kwargs() | {"data": form.with_unsaved(refusals)})
        rest: list[Refusal] = form.take_refusals(refusals) if form is not None else list(refusals)
        return super().refuse(rest, form, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The grid, the weeks beside it, and what waits in them."""
        context = super().get_context_data(**kwargs)
        form: WeekForm = context["form"]
        form.bind_cells()
        waiting = self.entries()
        return context | {
            "person": self.person,
            "is_own": self.is_own,
            "monday": self.monday,
            "sunday": self.monday + timedelta(days=6),
            "number": self.monday.isocalendar().week,
            "days": [(day, day == self.today, self.state_of(form, day)) for day in form.source.days],
            "today": self.today,
            "weeks": self.weeks(),
            "colleagues": self.colleagues(),
            "last_week": form.last_week(),
            "before": self.address(self.monday - timedelta(weeks=1)),
            "this_week": self.address(self.today),
            "after": self.address(self.monday + timedelta(weeks=1)),
            "ready": (ready := [one for one in form.entries if self.is_ready(one)]),
            "ready_hours": hours_of_entries(ready),
            "totals": totals_of(form.rows),
            "by_project": hours_by_project(form.rows),
            "submitted": waiting.filter(status=EntryStatus.SUBMITTED).count(),
            "returned": self.returned(),
            "notices": list(notices_of(form.rows, self.today, coverage_of(ready))),
            "failed": form.failed,
            "saved": self.saved,
            "asked_to_submit": "submit" in self.request.POST,
            "decimal_mark": "," if uses_comma(get_language() or "") else ".",
        }

    def colleagues(self) -> QuerySet[Resource]:
        """Those whose week the user may open as well."""
        if not may(self.user, RECORD_FOR_OTHERS):
            return Resource.objects.none()
        return colleagues_of(self.user).exclude(pk=self.person.pk)

    def is_ready(self, entry: Entry) -> bool:
        """Whether submitting the week submits this entry."""
        return entry.status in (EntryStatus.DRAFT, EntryStatus.RETURNED) and entry.date <= self.today

    def state_of(self, form: WeekForm, day: date) -> str:
        """The state of a day whose entries are all in one."""
        states = {one.status for one in form.entries if one.date == day}
        return states.pop() if len(states) == 1 and "draft" not in states else ""

    def returned(self) -> QuerySet[Entry]:
        """What came back, of whatever week, with the reason."""
        back = self.visible().filter(status=EntryStatus.RETURNED).with_comment()
        return back.select_related("project", "task").order_by("date")[:SHOWN]

    def weeks(self) -> list[dict[str, Any]]:
        """The weeks before, this one and the next, with their hours and states."""
        first = self.monday - timedelta(weeks=RECENT)
        sums = self.visible().live().by_week_and_status(first, self.monday + timedelta(days=13))
        weeks = [first + timedelta(weeks=nth) for nth in range(RECENT + 2)]
        return [
            {
                "number": monday.isocalendar().week,
                "url": self.address(monday),
                "is_current": monday == self.monday,
                "hours": sum(row["hours"] for row in sums if row["week"] == monday),
                "status": _first_state({row["status"] for row in sums if row["week"] == monday}),
            }
            for monday in weeks
        ]


def _first_state(states: set[str]) -> str:
    """What somebody must know of a week first: what came back, what is a draft, what waits."""
    order = (EntryStatus.RETURNED, EntryStatus.DRAFT, EntryStatus.SUBMITTED, EntryStatus.APPROVED)
    return next((state for state in order if state in states), "")
