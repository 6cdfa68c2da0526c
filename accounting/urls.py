"""Addresses of the pages of accounting."""

from django.urls import path

from accounting.views import customer, invoices, overview, setup, trace

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("customers/<int:pk>/", customer.CustomerPage.as_view(), name="customer"),
    path("invoices/", invoices.Invoices.as_view(), name="invoices"),
    path("invoices/<str:number>.pdf", invoices.InvoicePdf.as_view(), name="invoice-pdf"),
    path("trace/entry/<int:pk>/", trace.TraceReported.as_view(), name="trace-entry"),
    path("trace/work/<int:pk>/", trace.TraceWork.as_view(), name="trace-work"),
    path("setup/", setup.SetUp.as_view(), name="setup"),
    path("setup/company/", setup.FoundCompany.as_view(), name="found-company"),
    path("setup/company/<int:pk>/", setup.ChangeCompany.as_view(), name="change-company"),
    path("setup/company/<int:pk>/fiscal-year/", setup.AddFiscalYear.as_view(), name="add-fiscal-year"),
]
