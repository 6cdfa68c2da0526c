"""Addresses of the pages of projects."""

from django.urls import path

from projects.views import approvals, entries, imports

urlpatterns = [
    path("approvals/", approvals.Approvals.as_view(), name="approvals"),
    path("approvals/approve/", approvals.Approve.as_view(), name="approve-entries"),
    path("approvals/send-back/", approvals.SendBack.as_view(), name="send-back-entries"),
    path("approvals/<int:pk>/terms/", approvals.Terms.as_view(), name="approval-terms"),
    path("entries/", entries.Entries.as_view(), name="entries"),
    path("entries/new/", entries.RecordTime.as_view(), name="record-time"),
    path("entries/<int:pk>/", entries.ChangeTime.as_view(), name="change-time"),
    path("entries/submit/", entries.Submit.as_view(), name="submit-entries"),
    path("entries/recall/", entries.Recall.as_view(), name="recall-entries"),
    path("entries/delete/", entries.Delete.as_view(), name="delete-entries"),
    path("imports/", imports.Imports.as_view(), name="imports"),
    path("imports/new/", imports.ImportHours.as_view(), name="import-hours"),
    path("imports/<int:pk>/", imports.ImportPage.as_view(), name="import"),
    path("imports/<int:pk>/submit/", imports.SubmitImport.as_view(), name="submit-import"),
]
