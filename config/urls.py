"""Every door of the house: signing in, the admin, and the pages of the three storeys."""

from importlib.util import find_spec

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from config.signing_in import SignIn
from core.health import health
from core.pages import set_theme
from core.pages.kept import KeptFormPage

urlpatterns = [
    path("admin/", admin.site.urls),
    path("health/", health, name="health"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("kept/<str:key>/", KeptFormPage.as_view(), name="kept-form"),
    path("theme/", set_theme, name="set-theme"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
urlpatterns += [
    path("", include(f"{storey}.urls"))
    for storey in ("projects", "billing", "accounting")
    if find_spec(f"{storey}.urls")
]
