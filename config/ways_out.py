"""Which page a refusal leads to: the names of pages and of reasons meet here and nowhere else."""

from django.utils.translation import gettext_lazy as _

from core.refusal_pages import WayOutPage

CONTRACTS = WayOutPage(_("Open contracts"), "contracts", "projects.view_projectcontract")
PRICES = WayOutPage(_("Open price lists"), "price-lists", "projects.view_pricelist")
CUSTOMERS = WayOutPage(_("Open customers"), "customers", "projects.view_customer")
HELD = WayOutPage(_("Open customers on hold"), "customers", "projects.view_customer", "?state=held")
ENTRIES = WayOutPage(_("Open my entries"), "entries", "projects.submit_entry")
APPROVALS = WayOutPage(_("Open my approvals"), "approvals", "projects.approve_entry")
FLAGGED = WayOutPage(_("Open flagged entries"), "approvals", "projects.approve_entry", "?flag=yes")
BACKLOG = WayOutPage(_("Open the backlog"), "backlog", "projects.view_backlogitem", "?all=1")
MILESTONES = WayOutPage(_("Open milestones"), "milestones", "billing.view_milestone", "?all=1")
PROFORMAS = WayOutPage(_("Open proformas"), "proformas", "billing.view_proforma")
PROJECTS = WayOutPage(_("Open projects"), "projects", "projects.view_project")
CANCELLATIONS = WayOutPage(_("Open cancellations"), "cancellations", "projects.view_cancellationjournal")
COMPANY = WayOutPage(_("Open the fiscal year"), "setup", "accounting.add_fiscalperiod")
JOURNALS = WayOutPage(
    _("Open journals"), "admin:accounting_integrationjournal_changelist", "accounting.view_integrationjournal"
)
PROPOSALS = WayOutPage(
    _("Open invoice proposals"),
    "admin:accounting_invoiceproposal_changelist",
    "accounting.view_invoiceproposal",
    "?status__exact=draft",
)
ACCOUNTS = WayOutPage(
    _("Open posting accounts"), "admin:accounting_postingaccount_changelist", "accounting.view_postingaccount"
)
PROFILES = WayOutPage(
    _("Open cost and revenue profiles"),
    "admin:accounting_costrevenueprofile_changelist",
    "accounting.view_costrevenueprofile",
)
DATEV = WayOutPage(
    _("Open the DATEV settings"), "admin:accounting_datevsettings_changelist", "accounting.view_datevsettings"
)
PROPOSAL_LINES = WayOutPage(
    _("Open lines without a tax group"),
    "admin:accounting_invoiceproposalline_changelist",
    "accounting.view_invoiceproposalline",
    "?item_sales_tax_group__isempty=1",
)
TAX_RULES = WayOutPage(_("Open tax rules"), "admin:projects_taxrule_changelist", "projects.view_taxrule")
TAX_CODES = WayOutPage(_("Open tax codes"), "admin:projects_taxcode_changelist", "projects.view_taxcode")
RATES = WayOutPage(
    _("Open exchange rates"), "admin:projects_exchangerate_changelist", "projects.view_exchangerate"
)

PERIODS = WayOutPage(
    _("Reopen a period"),
    "admin:accounting_fiscalperiod_changelist",
    "accounting.close_period",
    "?status__exact=closed",
)

STOPS = WayOutPage(
    _("Open stopped reminders"),
    "admin:accounting_reminderstop_changelist",
    "accounting.view_reminderstop",
    "?lifted_at__isempty=1",
)
BOOKINGS = WayOutPage(
    _("Open bank payments"),
    "bank-payments",
    "accounting.view_bankbooking",
)
OPEN_ROWS = WayOutPage(
    _("Open customer transactions"),
    "admin:accounting_customertransaction_changelist",
    "accounting.view_customertransaction",
    "?open=yes",
)

SETTLEMENTS = WayOutPage(
    _("Open settlements"), "admin:accounting_settlement_changelist", "accounting.view_settlement"
)

PROOFS = WayOutPage(
    _("Open the proofs of the books"),
    "admin:accounting_integritycheck_changelist",
    "accounting.view_integritycheck",
)

WAYS_OUT: dict[str, WayOutPage] = {
    "account-missing": ACCOUNTS,
    "address-missing": CUSTOMERS,
    "books-broken": PROOFS,
    "contract-ended": CONTRACTS,
    "contract-not-confirmed": CONTRACTS,
    "covered-on-account": OPEN_ROWS,
    "customer-on-hold": HELD,
    "datev-account-number": DATEV,
    "datev-not-set-up": DATEV,
    "exchange-rate-missing": RATES,
    "held-by-policy": FLAGGED,
    "in-process": CANCELLATIONS,
    "limit-exceeded": CONTRACTS,
    "invoice-disputed": STOPS,
    "item-tax-group-missing": PROPOSAL_LINES,
    "journals-unposted": JOURNALS,
    "lines-not-posted": JOURNALS,
    "milestones-open": MILESTONES,
    "nothing-drafted": MILESTONES,
    "no-price": PRICES,
    "not-deletable": ENTRIES,
    "not-submittable": ENTRIES,
    "not-submitted": ENTRIES,
    "open-drafts": PROFORMAS,
    "payment-waits": BOOKINGS,
    "period-locked": PERIODS,
    "period-missing": COMPANY,
    "profile-missing": PROFILES,
    "block-on-proforma": PROFORMAS,
    "prepaid-payers": CONTRACTS,
    "proformas-not-proposed": PROPOSALS,
    "project-closed": PROJECTS,
    "proposals-unposted": PROPOSALS,
    "reminders-stopped": STOPS,
    "sales-tax-group-missing": PROPOSALS,
    "settled-already": SETTLEMENTS,
    "several-payers": CONTRACTS,
    "split-not-whole": CONTRACTS,
    "tax-rate-missing": TAX_CODES,
    "tax-rule-missing": TAX_RULES,
    "unbilled-work": BACKLOG,
    "work-not-imported": JOURNALS,
    "work-waits": APPROVALS,
}
"""By the code of the refusal. What is not named here is cleared on the page that refuses."""
