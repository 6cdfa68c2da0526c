"""Pages of accounting: the overview, and the posted customer invoices."""
