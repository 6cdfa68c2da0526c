"""Coming in: signing in, changing one's own password, and replacing a forgotten one by a link in a mail."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView

from demo.people import PASSWORD, STAFF


class SignIn(LoginView):
    """Name and password; those who are signed in already go on to where they wanted to go."""

    template_name = "registration/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **demo_logins()}


def demo_logins() -> dict[str, Any]:
    """The logins of the demo company, where one was made and only this machine is answered."""
    if settings.MODE != "demo" or not (settings.VAR / "demo-logins.txt").exists():
        return {}
    return {"demo_logins": STAFF, "demo_password": PASSWORD}
