"""Addresses of the pages of accounting."""

from django.urls import path

from accounting.views import invoices, overview

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("invoices/", invoices.Invoices.as_view(), name="invoices"),
    path("invoices/<str:number>.pdf", invoices.InvoicePdf.as_view(), name="invoice-pdf"),
]
