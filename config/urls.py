"""Every address: signing in, the admin, and the pages of the three apps."""

from importlib.util import find_spec

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from config.signing_in import SignIn
from core.health import health
from core.pages import set_theme
from core.pages.kept import KeptFormPage
from projects.views.passwords import ChangePassword, ChoosePassword, ForgottenPassword, LinkSent

handler400 = "config.bad_requests.bad_request"

urlpatterns = [
    path("health/", health, name="health"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("kept/<str:key>/", KeptFormPage.as_view(), name="kept-form"),
    path("theme/", set_theme, name="set-theme"),
    path("password/", ChangePassword.as_view(), name="change-password"),
    path("password/forgotten/", ForgottenPassword.as_view(), name="forgotten-password"),
    path("password/sent/", LinkSent.as_view(), name="password-link-sent"),
    # The name is Django's own, which the admin asks for as well.
    path("password/<uidb64>/<token>/", ChoosePassword.as_view(), name="password_reset_confirm"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
urlpatterns += [
    path("", include(f"{app}.urls"))
    for app in ("projects", "billing", "accounting")
    if find_spec(f"{app}.urls")
]
# Last: the admin answers every address below its own, and pages of the books stand there as well.
urlpatterns += [path("admin/", admin.site.urls)]
