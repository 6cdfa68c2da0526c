import django.db.models.deletion
import django.db.models.expressions
import django_fsm
import projects.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "__first__"),
        ("billing", "0001_initial"),
        ("projects", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="projects.legalentity",
                    ),
                ),
                ("number", models.CharField(max_length=12, verbose_name="number")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asset", "Asset"),
                            ("liability", "Liability"),
                            ("revenue", "Revenue"),
                            ("expense", "Expense"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "control",
                    models.CharField(
                        blank=True,
                        choices=[("", "None"), ("customer", "Customers")],
                        max_length=10,
                        verbose_name="control account of",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "ordering": ["legal_entity", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "number"), name="account_number_once_per_entity"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CostRevenueProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cost_revenue_profiles",
                        to="projects.legalentity",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "billing_method",
                    models.CharField(
                        choices=[("time_and_material", "Time and material"), ("fixed_price", "Fixed price")],
                        max_length=20,
                        verbose_name="billing method",
                    ),
                ),
                (
                    "post_time_cost",
                    models.CharField(
                        choices=[
                            ("profit_and_loss", "Profit and loss"),
                            ("balance", "Balance"),
                            ("no_ledger", "No ledger"),
                            ("never_ledger", "Never ledger"),
                        ],
                        default="profit_and_loss",
                        max_length=16,
                        verbose_name="cost of hours",
                    ),
                ),
                (
                    "post_expense_cost",
                    models.CharField(
                        choices=[
                            ("profit_and_loss", "Profit and loss"),
                            ("balance", "Balance"),
                            ("no_ledger", "No ledger"),
                            ("never_ledger", "Never ledger"),
                        ],
                        default="profit_and_loss",
                        max_length=16,
                        verbose_name="cost of expenses",
                    ),
                ),
                (
                    "post_material_cost",
                    models.CharField(
                        choices=[
                            ("profit_and_loss", "Profit and loss"),
                            ("balance", "Balance"),
                            ("no_ledger", "No ledger"),
                            ("never_ledger", "Never ledger"),
                        ],
                        default="profit_and_loss",
                        max_length=16,
                        verbose_name="cost of material",
                    ),
                ),
                (
                    "on_account",
                    models.CharField(
                        choices=[("profit_and_loss", "Profit and loss"), ("balance", "Balance")],
                        default="profit_and_loss",
                        max_length=16,
                        verbose_name="invoiced milestones",
                    ),
                ),
                ("accrues_time", models.BooleanField(default=False, verbose_name="accrue revenue of hours")),
                (
                    "accrues_expense",
                    models.BooleanField(default=False, verbose_name="accrue revenue of expenses"),
                ),
                (
                    "accrues_material",
                    models.BooleanField(default=False, verbose_name="accrue revenue of material"),
                ),
                ("accrues_fee", models.BooleanField(default=False, verbose_name="accrue revenue of fees")),
                (
                    "revenue_recognition",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No WIP"),
                            ("completed_contract", "Completed contract"),
                            ("completed_percentage", "Completed percentage"),
                        ],
                        max_length=24,
                        verbose_name="fixed-price revenue",
                    ),
                ),
            ],
            options={
                "verbose_name": "cost and revenue profile",
                "verbose_name_plural": "cost and revenue profiles",
                "ordering": ["legal_entity", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "name"), name="profile_name_once_per_entity"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accrues_time", False),
                                ("post_time_cost", "profit_and_loss"),
                                _connector="OR",
                            ),
                            models.Q(
                                ("accrues_expense", False),
                                ("post_expense_cost", "profit_and_loss"),
                                _connector="OR",
                            ),
                            models.Q(
                                ("accrues_material", False),
                                ("post_material_cost", "profit_and_loss"),
                                _connector="OR",
                            ),
                        ),
                        name="accrual_needs_cost_in_profit_and_loss",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("post_expense_cost__in", ["no_ledger", "never_ledger"]), _negated=True),
                            models.Q(
                                ("post_material_cost__in", ["no_ledger", "never_ledger"]), _negated=True
                            ),
                        ),
                        name="only_hours_stay_off_the_ledger",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exchange_rates",
                        to="projects.legalentity",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("rate", projects.fields.ExchangeRateField(verbose_name="rate")),
            ],
            options={
                "verbose_name": "exchange rate",
                "verbose_name_plural": "exchange rates",
                "ordering": ["currency", "-starts_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "currency", "starts_on"), name="exchange_rate_once_per_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="exchange_rate_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FiscalPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fiscal_periods",
                        to="projects.legalentity",
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="name")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="to")),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[("open", "Open"), ("closed", "Closed")],
                        default="open",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "fiscal period",
                "verbose_name_plural": "fiscal periods",
                "ordering": ["legal_entity", "starts_on"],
                "permissions": [("close_period", "Close and reopen fiscal periods")],
                "constraints": [
                    models.UniqueConstraint(fields=("legal_entity", "starts_on"), name="period_starts_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="period_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IntegrationJournal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="integration_journals",
                        to="projects.legalentity",
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="number")),
                ("description", models.CharField(blank=True, max_length=120, verbose_name="description")),
                ("period_starts_on", models.DateField(blank=True, null=True, verbose_name="period")),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("draft", "Draft"),
                            ("processing", "Processing"),
                            ("posted", "Posted"),
                            ("error", "Error"),
                        ],
                        default="draft",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                (
                    "original",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="error_journals",
                        to="accounting.integrationjournal",
                    ),
                ),
                ("imported_at", models.DateTimeField(verbose_name="imported at")),
            ],
            options={
                "verbose_name": "integration journal",
                "verbose_name_plural": "integration journals",
                "ordering": ["-pk"],
                "permissions": [("post_journal", "Import and post integration journals")],
            },
        ),
        migrations.CreateModel(
            name="InvoiceProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "proforma",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposal",
                        to="billing.proforma",
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="projects.legalentity",
                    ),
                ),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[("draft", "Draft"), ("posted", "Posted")],
                        default="draft",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                ("accounting_date", models.DateField(verbose_name="accounting date")),
                (
                    "due_date",
                    models.DateField(
                        blank=True,
                        help_text="Empty: from the customer's payment terms.",
                        null=True,
                        verbose_name="due date",
                    ),
                ),
                (
                    "sales_tax_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.salestaxgroup",
                        verbose_name="sales tax group",
                    ),
                ),
                (
                    "dimension",
                    models.CharField(blank=True, max_length=40, verbose_name="financial dimension"),
                ),
                (
                    "layout",
                    models.CharField(
                        choices=[("detail", "Every transaction"), ("summary", "One row per contract line")],
                        default="detail",
                        max_length=8,
                        verbose_name="layout",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="text on the invoice")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
            ],
            options={
                "verbose_name": "invoice proposal",
                "verbose_name_plural": "invoice proposals",
                "ordering": ["-pk"],
                "permissions": [("post_invoice", "Post and print customer invoices")],
                "indexes": [models.Index(fields=["status"], name="proposal_status")],
            },
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vouchers",
                        to="projects.legalentity",
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="number")),
                ("date", models.DateField(verbose_name="date")),
                (
                    "source_kind",
                    models.CharField(
                        choices=[
                            ("journal_line", "Integration journal"),
                            ("customer_invoice", "Customer invoice"),
                        ],
                        max_length=20,
                        verbose_name="source",
                    ),
                ),
                ("source_id", models.BigIntegerField()),
                (
                    "posted_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("posted_at", models.DateTimeField(verbose_name="posted at")),
            ],
            options={
                "verbose_name": "voucher",
                "verbose_name_plural": "vouchers",
                "ordering": ["-date", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source_kind", "source_id"), name="one_voucher_per_source"
                    )
                ],
                "indexes": [models.Index(fields=["legal_entity", "date"], name="voucher_entity_date")],
            },
        ),
        migrations.CreateModel(
            name="CostRevenueRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="accounting.costrevenueprofile",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.projectcontract",
                    ),
                ),
                ("project_group", models.CharField(blank=True, max_length=40, verbose_name="project group")),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "verbose_name": "profile rule",
                "verbose_name_plural": "profile rules",
            },
        ),
        migrations.CreateModel(
            name="CustomerInvoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_invoices",
                        to="projects.legalentity",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_invoices",
                        to="billing.numberseries",
                    ),
                ),
                ("series_number", models.PositiveIntegerField()),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="number")),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_invoice",
                        to="accounting.invoiceproposal",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_invoices",
                        to="projects.customer",
                    ),
                ),
                ("invoice_date", models.DateField(verbose_name="invoice date")),
                ("due_date", models.DateField(verbose_name="due date")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("net_amount", projects.fields.AmountField(verbose_name="net")),
                ("tax_amount", projects.fields.AmountField(verbose_name="tax")),
                ("gross_amount", projects.fields.AmountField(verbose_name="total")),
                ("snapshot", models.JSONField(verbose_name="snapshot")),
                (
                    "posted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("posted_at", models.DateTimeField(verbose_name="posted at")),
            ],
            options={
                "verbose_name": "customer invoice",
                "verbose_name_plural": "customer invoices",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("series", "series_number"), name="invoice_number_once_per_series"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "gross_amount",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net_amount"), "+", models.F("tax_amount")
                                ),
                            )
                        ),
                        name="invoice_gross_is_net_plus_tax",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceProposalLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="accounting.invoiceproposal",
                    ),
                ),
                (
                    "actual",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposal_line",
                        to="projects.actual",
                    ),
                ),
                (
                    "detail",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposal_line",
                        to="billing.invoicelinedetail",
                    ),
                ),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
                (
                    "item_sales_tax_group",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.itemsalestaxgroup",
                        verbose_name="item sales tax group",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice proposal line",
                "verbose_name_plural": "invoice proposal lines",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="PostingAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posting_accounts",
                        to="projects.legalentity",
                    ),
                ),
                (
                    "posting_type",
                    models.CharField(
                        choices=[
                            ("project_cost", "Project cost"),
                            ("payroll_allocation", "Payroll allocation"),
                            ("expense_offset", "Expense integration account"),
                            ("item_cost", "Cost of items"),
                            ("wip_cost_value", "WIP - cost value"),
                            ("wip_sales_value", "WIP - sales value"),
                            ("accrued_revenue", "Accrued revenue - sales value"),
                            ("invoiced_revenue", "Invoiced revenue"),
                            ("invoiced_on_account", "Invoiced revenue - on account"),
                            ("wip_invoiced_on_account", "WIP - invoiced on account"),
                            ("customer_balance", "Customer balance"),
                            ("sales_tax_payable", "Sales tax payable"),
                            ("rounding", "Rounding difference"),
                        ],
                        max_length=24,
                        verbose_name="posting type",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                        verbose_name="only for project",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posting_roles",
                        to="accounting.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "posting account",
                "verbose_name_plural": "posting accounts",
                "ordering": ["legal_entity", "posting_type", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("project__isnull", True)),
                        fields=("legal_entity", "posting_type"),
                        name="one_general_account_per_role",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("project__isnull", False)),
                        fields=("legal_entity", "posting_type", "project"),
                        name="one_project_account_per_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProjectTransaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "actual",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project_transaction",
                        to="projects.actual",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("cost", "Cost"), ("sales", "Sales"), ("invoiced", "Invoiced")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="projects.project",
                    ),
                ),
                ("accounting_date", models.DateField(verbose_name="accounting date")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
                (
                    "voucher",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project_transactions",
                        to="accounting.voucher",
                    ),
                ),
            ],
            options={
                "verbose_name": "project transaction",
                "verbose_name_plural": "project transactions",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="IntegrationJournalLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "journal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="accounting.integrationjournal",
                    ),
                ),
                (
                    "actual",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="journal_line",
                        to="projects.actual",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                ("accounting_date", models.DateField(verbose_name="accounting date")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
                ("base_amount", projects.fields.AmountField(verbose_name="amount in the entity's currency")),
                (
                    "sales_tax_group",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.salestaxgroup",
                        verbose_name="billing sales tax group",
                    ),
                ),
                (
                    "item_sales_tax_group",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.itemsalestaxgroup",
                        verbose_name="billing item sales tax group",
                    ),
                ),
                (
                    "dimension",
                    models.CharField(blank=True, max_length=40, verbose_name="financial dimension"),
                ),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("draft", "Draft"),
                            ("processing", "Processing"),
                            ("posted", "Posted"),
                            ("error", "Error"),
                            ("unrecoverable", "Unrecoverable"),
                            ("invalid_actuals", "Invalid actuals"),
                        ],
                        default="draft",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                ("is_accrued", models.BooleanField(default=False, verbose_name="revenue accrued")),
                ("error", models.CharField(blank=True, max_length=300, verbose_name="error")),
                (
                    "voucher",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="journal_line",
                        to="accounting.voucher",
                    ),
                ),
            ],
            options={
                "verbose_name": "integration journal line",
                "verbose_name_plural": "integration journal lines",
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["status", "journal"], name="journal_line_status")],
            },
        ),
        migrations.CreateModel(
            name="VoucherLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="accounting.voucher",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="accounting.account",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
                ("base_amount", projects.fields.AmountField(verbose_name="amount in the entity's currency")),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.customer",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "dimension",
                    models.CharField(blank=True, max_length=40, verbose_name="financial dimension"),
                ),
            ],
            options={
                "verbose_name": "voucher line",
                "verbose_name_plural": "voucher lines",
                "ordering": ["voucher", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount", 0), _negated=True),
                            models.Q(("base_amount", 0), _negated=True),
                            _connector="OR",
                        ),
                        name="voucher_line_not_zero",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VoucherSeal",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "voucher",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounting.voucher"
                    ),
                ),
            ],
            options={
                "verbose_name": "seal of a voucher",
                "verbose_name_plural": "seals of vouchers",
            },
        ),
        migrations.CreateModel(
            name="InvoiceDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "invoice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="document",
                        to="accounting.customerinvoice",
                    ),
                ),
                ("pdf", models.BinaryField()),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("rendered_at", models.DateTimeField(verbose_name="printed at")),
            ],
            options={
                "verbose_name": "printed invoice",
                "verbose_name_plural": "printed invoices",
            },
        ),
        migrations.CreateModel(
            name="InvoiceTax",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taxes",
                        to="accounting.customerinvoice",
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.taxcode",
                    ),
                ),
                ("percent", projects.fields.PercentField(verbose_name="percent")),
                ("base_amount", projects.fields.AmountField(verbose_name="base")),
                ("tax_amount", projects.fields.AmountField(verbose_name="tax")),
            ],
            options={
                "verbose_name": "tax of an invoice",
                "verbose_name_plural": "taxes of invoices",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CustomerTransaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.legalentity",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="projects.customer",
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_transactions",
                        to="accounting.voucher",
                    ),
                ),
                (
                    "invoice",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_transaction",
                        to="accounting.customerinvoice",
                    ),
                ),
                ("date", models.DateField(verbose_name="date")),
                ("due_date", models.DateField(verbose_name="due date")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
                ("base_amount", projects.fields.AmountField(verbose_name="amount in the entity's currency")),
            ],
            options={
                "verbose_name": "customer transaction",
                "verbose_name_plural": "customer transactions",
                "ordering": ["customer", "date", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("voucher", "customer"), name="one_customer_row_per_voucher"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="voucher",
            name="seal",
            field=models.ForeignKey(
                default=uuid.uuid4,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounting.voucherseal",
            ),
        ),
    ]
