"""What a team member writes down: hours on a project."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DayField
from core.number_inputs import DurationField
from projects.models import Project, Role, Task


class TaskField(forms.ModelChoiceField):
    """A task, named with its project, because one list holds the tasks of several."""

    def label_from_instance(self, obj: Task) -> str:
        return f"{obj.project.number} · {obj.name}"


class TimeForm(forms.Form):
    """Hours of one person on one day; `projects` are those the person may work on."""

    project = forms.ModelChoiceField(label=_("Project"), queryset=Project.objects.none())
    task = TaskField(label=_("Task"), queryset=Task.objects.none(), required=False)
    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.all())
    day = DayField(label=_("Date"))
    hours = DurationField(label=_("Hours"), help_text=_("7.5, 7,5, 7:30, 7h30 or 90m"))
    external_description = forms.CharField(
        label=_("Description on the invoice"), max_length=500, required=False
    )
    description = forms.CharField(label=_("Internal description"), max_length=500, required=False)

    def __init__(self, *args: Any, projects: QuerySet[Project], **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["project"]).queryset = projects.filter(is_closed=False)
        tasks = Task.objects.filter(project__in=projects.filter(is_closed=False).values("pk"))
        tasks = tasks.select_related("project").order_by("project__number", "code")
        cast(forms.ModelChoiceField, self.fields["task"]).queryset = tasks
