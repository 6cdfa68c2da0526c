"""Pages of the top floor: the overview, and the posted customer invoices."""
