"""Addresses of the pages of accounting."""

from django.urls import path

from accounting.opening_files import ITEMS
from accounting.views import (
    account_statement,
    audit,
    customer,
    invoices,
    ledger,
    opening,
    overview,
    set_up_steps,
    setup,
    tax_report,
    trace,
    why,
    why_rows,
)

urlpatterns = [
    path("admin/ledger/balances/", ledger.Balances.as_view(), name="balances"),
    path("admin/ledger/statement/", account_statement.AccountStatement.as_view(), name="account-statement"),
    path("admin/ledger/audit/", audit.AuditExport.as_view(), name="audit-export"),
    path("admin/ledger/opening/", opening.OpeningFile.as_view(), name="opening-balances"),
    path(
        "admin/ledger/opening/items/",
        opening.OpeningFile.as_view(kind_name=ITEMS),
        name="opening-items",
    ),
    path(
        "admin/ledger/opening/<str:kind>.<str:file_format>",
        opening.OpeningTemplate.as_view(),
        name="opening-template",
    ),
    path("admin/ledger/taxes/", tax_report.TaxReport.as_view(), name="tax-report"),
    path("", overview.overview, name="overview"),
    path("customers/<int:pk>/", customer.CustomerPage.as_view(), name="customer"),
    path("invoices/", invoices.Invoices.as_view(), name="invoices"),
    path("invoices/<str:number>.pdf", invoices.InvoicePdf.as_view(), name="invoice-pdf"),
    path("trace/entry/<int:pk>/", trace.TraceReported.as_view(), name="trace-entry"),
    path("trace/work/<int:pk>/", trace.TraceWork.as_view(), name="trace-work"),
    path("billing/why/", why.WhyWork.as_view(), name="why"),
    path("billing/why/entries/", why.WhyReportedList.as_view(), name="why-entries"),
    path("billing/why/milestones/", why.WhyMilestones.as_view(), name="why-milestones"),
    path("billing/why/entry/<int:pk>/", why_rows.WhyReported.as_view(), name="why-entry"),
    path("billing/why/work/<int:pk>/", why_rows.WhyOfWork.as_view(), name="why-work"),
    path("billing/why/milestone/<int:pk>/", why_rows.WhyMilestone.as_view(), name="why-milestone"),
    path("billing/why/advance/<int:pk>/", why_rows.WhyAdvance.as_view(), name="why-advance"),
    path("billing/why/contract/<str:number>/", why_rows.WhyContract.as_view(), name="why-contract"),
    path("setup/", setup.SetUp.as_view(), name="setup"),
    path("setup/start/company/", set_up_steps.CompanyStep.as_view(), name="setup-company"),
    path("setup/start/books/", set_up_steps.BooksStep.as_view(), name="setup-books"),
    path("setup/start/people/", set_up_steps.PeopleStep.as_view(), name="setup-people"),
    path("setup/start/customers/", set_up_steps.CustomersStep.as_view(), name="setup-customers"),
    path("setup/start/prices/", set_up_steps.PricesStep.as_view(), name="setup-prices"),
    path("setup/start/project/", set_up_steps.ProjectStep.as_view(), name="setup-project"),
    path("setup/start/contract/", set_up_steps.ContractStep.as_view(), name="setup-contract"),
    path("setup/company/", setup.FoundCompany.as_view(), name="found-company"),
    path("setup/company/<int:pk>/", setup.ChangeCompany.as_view(), name="change-company"),
    path("setup/company/<int:pk>/fiscal-year/", setup.AddFiscalYear.as_view(), name="add-fiscal-year"),
]
