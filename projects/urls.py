"""The addresses of the pages of projects."""

from django.urls import path

from projects.views import approvals, corrections, customers, decisions, entries, imports, people, projects, recalls, record_imports, tasks

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

# --- Customers, projects and people ---------------------------------------------------------------

urlpatterns += [
    path("customers/", customers.Customers.as_view(), name="customers"),
    path("customers/new/", customers.AddCustomer.as_view(), name="add-customer"),
    path("customers/<int:pk>/edit/", customers.ChangeCustomer.as_view(), name="change-customer"),
    path("customers/<int:pk>/hold/", customers.HoldCustomer.as_view(), name="hold-customer"),
    path("customers/<int:pk>/release/", customers.ReleaseCustomer.as_view(), name="release-customer"),
    path("customers/<int:pk>/close/", customers.CloseCustomer.as_view(), name="close-customer"),
    path("customers/<int:pk>/reopen/", customers.ReopenCustomer.as_view(), name="reopen-customer"),
    path("customers/<int:pk>/delete/", customers.DeleteCustomer.as_view(), name="delete-customer"),
    path("projects/", projects.Projects.as_view(), name="projects"),
    path("projects/new/", projects.AddProject.as_view(), name="add-project"),
    path("projects/<int:pk>/", projects.ProjectPage.as_view(), name="project"),
    path("projects/<int:pk>/edit/", projects.ChangeProject.as_view(), name="change-project"),
    path("projects/<int:pk>/close/", projects.CloseProject.as_view(), name="close-project"),
    path("projects/<int:pk>/reopen/", projects.ReopenProject.as_view(), name="reopen-project"),
    path("projects/<int:pk>/delete/", projects.DeleteProject.as_view(), name="delete-project"),
    path("projects/<int:pk>/tasks/new/", tasks.AddTask.as_view(), name="add-task"),
    path("projects/<int:pk>/team/new/", tasks.AddTeamMember.as_view(), name="add-team-member"),
    path("tasks/<int:pk>/edit/", tasks.ChangeTask.as_view(), name="change-task"),
    path("tasks/<int:pk>/close/", tasks.CloseTask.as_view(), name="close-task"),
    path("tasks/<int:pk>/reopen/", tasks.ReopenTask.as_view(), name="reopen-task"),
    path("tasks/<int:pk>/delete/", tasks.DeleteTask.as_view(), name="delete-task"),
    path("team/<int:pk>/remove/", tasks.RemoveTeamMember.as_view(), name="remove-team-member"),
    path("import/<str:kind>/", record_imports.ImportRecords.as_view(), name="import-records"),
    path(
        "import/<str:kind>/template.<str:file_format>",
        record_imports.RecordTemplate.as_view(),
        name="record-template",
    ),
    path("people/", people.People.as_view(), name="people"),
    path("people/new/", people.AddPerson.as_view(), name="add-person"),
    path("people/<int:pk>/", people.PersonPage.as_view(), name="person"),
    path("people/<int:pk>/close/", people.CloseAccount.as_view(), name="close-account"),
    path("people/<int:pk>/open/", people.OpenAccount.as_view(), name="open-account"),
    path("people/<int:pk>/invite/", people.InviteAgain.as_view(), name="invite-again"),
]
