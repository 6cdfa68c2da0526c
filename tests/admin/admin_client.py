"""A browser in the admin: what people open, send, select and confirm there."""

from typing import Any

from django.test import Client
from django.urls import reverse


class AdminClient(Client):
    """A browser in which somebody has signed in to the admin."""

    def __init__(self, user: Any):
        super().__init__()
        self.user = user
        self.force_login(user)

    def shown(self, name: str, *args: Any, **query: Any) -> Any:
        return self.get(reverse(f"admin:{name}", args=args), query)

    def sent(self, name: str, *args: Any, data: dict[str, Any] | None = None, **options: Any) -> Any:
        return self.post(reverse(f"admin:{name}", args=args), data or {}, **options)

    def chosen(self, model: str, action: str, *rows: Any, query: str = "", **data: Any) -> Any:
        """What the list's menu sends for a selection; with `confirmed`, what the page of the action sends."""
        keys = [row.pk for row in rows]
        form = (
            {"action": action, "_selected_action": keys}
            | ({} if "confirmed" in data else {"index": 0})
            | data
        )
        return self.post(reverse(f"admin:{model}_changelist") + query, form)

    def confirms(self, page: Any, **data: Any) -> Any:
        """Send the form of a page that shows what an action will do, as it is."""
        form = {"confirmed": "1", "expect": page.context["preview"].expect, **data}
        for name, value in page.context["selection"]:
            form.setdefault(name, []).append(value) if name == "_selected_action" else form.update(
                {name: value}
            )
        return self.post(page.wsgi_request.get_full_path(), form)


def messages_of(response: Any) -> list[str]:
    """What the page that follows says."""
    return [str(message) for message in response.wsgi_request._messages]


def formset(prefix: str, *forms: dict[str, Any]) -> dict[str, Any]:
    """The rows below a page as a browser sends them: those with an `id` stand already."""
    standing = sum("id" in form for form in forms)
    sent: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": standing}
    for nth, form in enumerate(forms):
        sent |= {f"{prefix}-{nth}-{name}": value for name, value in form.items()}
    return sent
