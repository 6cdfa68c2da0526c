"""Every door of the house: the admin, the language switch and the pages of the three storeys."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]
urlpatterns += [
    path("", include(f"{storey}.urls"))
    for storey in ("projects", "billing", "accounting")
    if find_spec(f"{storey}.urls")
]
