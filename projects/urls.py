"""The addresses of the pages of projects."""

from django.urls import path

from projects.views import approvals, corrections, decisions, entries, imports, recalls

urlpatterns = [
    path("approvals/", approvals.Approvals.as_view(), name="approvals"),
    path("approvals/approve/", approvals.Approve.as_view(), name="approve-entries"),
    path("approvals/send-back/", approvals.SendBack.as_view(), name="send-back-entries"),
    path("approvals/<int:pk>/terms/", approvals.Terms.as_view(), name="approval-terms"),
    path("approvals/decided/", decisions.Decided.as_view(), name="decided-approvals"),
    path("approvals/decided/cancel/", decisions.Cancel.as_view(), name="cancel-approvals"),
    path("approvals/undo/", decisions.UndoApproval.as_view(), name="undo-approvals"),
    path("approvals/send-back/undo/", decisions.UndoReturn.as_view(), name="undo-returns"),
    path("approvals/asked-back/", recalls.RecallRequests.as_view(), name="recall-requests"),
    path("approvals/asked-back/accept/", recalls.AcceptRecalls.as_view(), name="accept-recalls"),
    path("approvals/asked-back/refuse/", recalls.RefuseRecalls.as_view(), name="refuse-recalls"),
    path("entries/ask-back/", recalls.RequestRecall.as_view(), name="request-recall"),
    path("corrections/", corrections.Corrections.as_view(), name="corrections"),
    path("corrections/choose/", corrections.Correctable.as_view(), name="correctable"),
    path("corrections/new/", corrections.CorrectEntries.as_view(), name="correct-entries"),
    path("corrections/<int:pk>/", corrections.Correction.as_view(), name="correction"),
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
