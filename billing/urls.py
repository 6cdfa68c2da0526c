"""Every page of billing and its name on one screen."""

from django.urls import path

from billing.views import (
    backlog,
    backlog_changes,
    backlog_row,
    bulk_confirmation,
    bulk_drafts,
    confirmation,
    contract_edit,
    contract_steps,
    contracts,
    correction,
    discounts,
    draft_contents,
    drafts,
    milestone_edit,
    milestones,
    proforma,
    proformas,
    project,
    run_request,
    runs,
    schedules,
    uncovered,
)

urlpatterns = [
    path("billing/time-material/", backlog.Backlog.as_view(), name="backlog"),
    path("billing/time-material/ready/", backlog.MarkReady.as_view(), name="backlog-ready"),
    path("billing/time-material/take-back/", backlog.TakeBack.as_view(), name="backlog-take-back"),
    path("billing/time-material/not-ready/", backlog.MarkNotReady.as_view(), name="backlog-not-ready"),
    path("billing/time-material/check-limits/", backlog.CheckLimits.as_view(), name="backlog-check-limits"),
    path("billing/time-material/reset-limits/", backlog.ResetLimits.as_view(), name="backlog-reset-limits"),
    path("billing/time-material/hold/", backlog.Hold.as_view(), name="backlog-hold"),
    path(
        "billing/time-material/billing-type/",
        backlog_changes.ChangeBillingType.as_view(),
        name="backlog-billing-type",
    ),
    path("billing/time-material/describe/", backlog_changes.Describe.as_view(), name="backlog-describe"),
    path("billing/time-material/price/", backlog_changes.Reprice.as_view(), name="backlog-reprice"),
    path("billing/time-material/<int:pk>/", backlog_row.BacklogRow.as_view(), name="backlog-row"),
    path("billing/time-material/release/", backlog.Release.as_view(), name="backlog-release"),
    path("billing/time-material/draft/", backlog.DraftBacklog.as_view(), name="backlog-draft"),
    path("billing/milestones/", milestones.Milestones.as_view(), name="milestones"),
    path("billing/milestones/ready/", milestones.MilestonesReady.as_view(), name="milestones-ready"),
    path(
        "billing/milestones/not-ready/", milestones.MilestonesNotReady.as_view(), name="milestones-not-ready"
    ),
    path("billing/milestones/draft/", milestones.DraftMilestones.as_view(), name="milestones-draft"),
    path("projects/<int:pk>/", project.ProjectWithLines.as_view(), name="project"),
    path("contracts/uncovered-work/", uncovered.Uncovered.as_view(), name="uncovered"),
    path("contracts/", contracts.Contracts.as_view(), name="contracts"),
    path("contracts/draft/", bulk_drafts.DraftContracts.as_view(), name="contracts-draft"),
    path("contracts/new/", contract_edit.AddContract.as_view(), name="contract-add"),
    path("contracts/<str:number>/", contracts.Contract.as_view(), name="contract"),
    path(
        "contracts/<str:number>/milestones/new/",
        milestone_edit.AddMilestone.as_view(),
        name="milestone-add",
    ),
    path(
        "contracts/<str:number>/milestones/periodic/",
        milestone_edit.AddInstalments.as_view(),
        name="milestones-periodic",
    ),
    path(
        "contracts/<str:number>/milestones/<int:milestone>/",
        milestone_edit.ChangeMilestone.as_view(),
        name="milestone-change",
    ),
    path(
        "contracts/<str:number>/milestones/<int:milestone>/divide/",
        milestone_edit.DivideMilestone.as_view(),
        name="milestone-divide",
    ),
    path(
        "contracts/<str:number>/milestones/<int:milestone>/delete/",
        milestone_edit.DeleteMilestone.as_view(),
        name="milestone-delete",
    ),
    path("contracts/<str:number>/draft/", contracts.DraftContract.as_view(), name="contract-draft"),
    path("contracts/<str:number>/edit/", contract_edit.EditContract.as_view(), name="contract-edit"),
    path("contracts/<str:number>/confirm/", contract_steps.Confirm.as_view(), name="contract-confirm"),
    path("contracts/<str:number>/hold/", contract_steps.Hold.as_view(), name="contract-hold"),
    path("contracts/<str:number>/resume/", contract_steps.Resume.as_view(), name="contract-resume"),
    path("contracts/<str:number>/reopen/", contract_steps.ReopenContract.as_view(), name="contract-reopen"),
    path("contracts/<str:number>/complete/", contract_steps.Complete.as_view(), name="contract-complete"),
    path("contracts/<str:number>/lose/", contract_steps.Lose.as_view(), name="contract-lose"),
    path("contracts/<str:number>/delete/", contract_steps.Delete.as_view(), name="contract-delete"),
    path("billing/drafted/", drafts.Drafted.as_view(), name="drafted"),
]

# --- Proformas and batch runs ---------------------------------------------------------------------

urlpatterns += [
    path("proformas/", proformas.Proformas.as_view(), name="proformas"),
    path("proformas/review/", proformas.SubmitSelected.as_view(), name="proformas-review"),
    path("proformas/take-back/", proformas.TakeBackSelected.as_view(), name="proformas-take-back"),
    path("proformas/delete/", proformas.DeleteSelected.as_view(), name="proformas-delete"),
    path("proformas/confirm/", bulk_confirmation.ConfirmSelected.as_view(), name="proformas-confirm"),
    path("proformas/deleted/", draft_contents.DeletedDrafts.as_view(), name="drafts-deleted"),
    path("proformas/put-back/", draft_contents.PutBack.as_view(), name="removals-put-back"),
    path("proformas/<str:number>/add/", draft_contents.AddPending.as_view(), name="proforma-add"),
    path("proformas/<str:number>/refresh/", draft_contents.Refresh.as_view(), name="proforma-refresh"),
    path("proformas/<str:number>/revert/", draft_contents.Revert.as_view(), name="proforma-revert"),
    path("proformas/<str:number>/move/", draft_contents.Move.as_view(), name="proforma-move"),
    path("proformas/<str:number>/dates/", draft_contents.EditHeading.as_view(), name="proforma-heading"),
    path("proformas/<str:number>/open-day/", draft_contents.SetOpenDay.as_view(), name="proforma-open-day"),
    path("proformas/<str:number>/", proforma.ProformaPage.as_view(), name="proforma"),
    path(
        "proformas/<str:number>/lines/<int:pk>/", proforma.DetailEdit.as_view(), name="proforma-detail-edit"
    ),
    path(
        "proformas/<str:number>/lines/remove/", proforma.LinesRemove.as_view(), name="proforma-lines-remove"
    ),
    path(
        "proformas/<str:number>/on/<int:line>/discount/",
        discounts.GrantDiscount.as_view(),
        name="proforma-discount",
    ),
    path("proformas/<str:number>/on/<int:line>/fee/", discounts.ChargeFee.as_view(), name="proforma-fee"),
    path(
        "proformas/<str:number>/discounts/<int:discount>/",
        discounts.ChangeDiscount.as_view(),
        name="proforma-discount-change",
    ),
    path("proformas/<str:number>/review/", proforma.Review.as_view(), name="proforma-review"),
    path("proformas/<str:number>/take-back/", proforma.TakeBack.as_view(), name="proforma-take-back"),
    path("proformas/<str:number>/delete/", proforma.Delete.as_view(), name="proforma-delete"),
    path("proformas/<str:number>/confirm/", confirmation.Confirm.as_view(), name="proforma-confirm"),
    path("proformas/<str:number>/correct/", correction.Correct.as_view(), name="proforma-correct"),
    path("proformas/<str:number>/document.pdf", proforma.Document.as_view(), name="proforma-document"),
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/request/", run_request.RunRequest.as_view(), name="run-request"),
    path("runs/<int:pk>/", runs.RunPage.as_view(), name="run"),
    path("runs/<int:pk>/stop/", runs.StopRun.as_view(), name="run-stop"),
    path("schedules/", schedules.Schedules.as_view(), name="schedules"),
]
