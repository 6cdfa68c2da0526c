"""What an accountant or manager writes to correct approved work: the values that are wrong, and why."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DayField
from projects.forms.entries import TaskField
from projects.models import Project, Resource, Role, Task, TransactionCategory


class CorrectionForm(forms.Form):
    """New values; what is left empty stays. Offered are the projects whose work `user` may approve."""

    project = forms.ModelChoiceField(label=_("Project"), queryset=Project.objects.none(), required=False)
    task = TaskField(label=_("Task"), queryset=Task.objects.none(), required=False)
    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.none(), required=False)
    resource = forms.ModelChoiceField(label=_("Person"), queryset=Resource.objects.none(), required=False)
    date = DayField(label=_("Date"), required=False)
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=TransactionCategory.objects.none(), required=False
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("It is kept with the journal and in the history of each entry."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        projects = Project.objects.managed_by(user).filter(is_closed=False).order_by("number")
        tasks = Task.objects.filter(project__in=projects.order_by().values("pk"))
        self._offer("project", projects)
        self._offer("task", tasks.select_related("project").order_by("project__number", "code"))
        self._offer("resource", Resource.objects.visible_to(user).order_by("name"))
        self._offer("role", Role.objects.order_by("name"))
        self._offer("category", TransactionCategory.objects.order_by("transaction_class", "name"))

    def _offer(self, name: str, rows: Any) -> None:
        field = cast(forms.ModelChoiceField, self.fields[name])
        field.queryset, field.empty_label = rows, str(_("stays as it is"))
