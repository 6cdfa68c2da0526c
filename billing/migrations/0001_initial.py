import django.db.models.deletion
import django.db.models.expressions
import django_fsm
import projects.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "__first__"),
        ("projects", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BatchJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_jobs",
                        to="projects.legalentity",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("runs_at", models.TimeField(verbose_name="time of day")),
                (
                    "acts_as",
                    models.ForeignKey(
                        help_text="Proformas and the activity log name this person.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acts as",
                    ),
                ),
            ],
            options={
                "verbose_name": "batch job",
                "verbose_name_plural": "batch jobs",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="InvoiceFrequency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                (
                    "period",
                    models.CharField(
                        choices=[("weekly", "Weekly"), ("biweekly", "Biweekly"), ("monthly", "Monthly")],
                        max_length=10,
                        verbose_name="period",
                    ),
                ),
                (
                    "day_of_month",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="day of the month"),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="0 is Monday, 6 is Sunday.", null=True, verbose_name="weekday"
                    ),
                ),
                (
                    "occurrence",
                    models.SmallIntegerField(
                        blank=True,
                        help_text="1 to 4, or -1 for the last weekday of the month.",
                        null=True,
                        verbose_name="which of the month",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice frequency",
                "verbose_name_plural": "invoice frequencies",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("day_of_month__isnull", True),
                            models.Q(("day_of_month__gte", 1), ("day_of_month__lte", 31)),
                            _connector="OR",
                        ),
                        name="frequency_day_within_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__isnull", True), ("weekday__lte", 6), _connector="OR"),
                        name="frequency_weekday_within_week",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("period", "monthly"), _negated=True),
                            ("day_of_month__isnull", False),
                            models.Q(("occurrence__isnull", False), ("weekday__isnull", False)),
                            _connector="OR",
                        ),
                        name="monthly_frequency_names_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period", "monthly"), ("weekday__isnull", False), _connector="OR"
                        ),
                        name="weekly_frequency_names_its_weekday",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceSchedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contract_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="schedule",
                        to="projects.contractline",
                    ),
                ),
                ("run_date", models.DateField(verbose_name="run date")),
                ("cut_off_date", models.DateField(verbose_name="cut-off date")),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("not_run", "Not run"),
                            ("run_successful", "Run successful"),
                            ("run_failed", "Run failed"),
                        ],
                        default="not_run",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice schedule",
                "verbose_name_plural": "invoice schedules",
                "ordering": ["run_date", "contract_line"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contract_line", "run_date"), name="line_runs_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cut_off_date__lte", models.F("run_date"))),
                        name="cut_off_not_after_run",
                    ),
                ],
                "indexes": [models.Index(fields=["status", "run_date"], name="schedule_status_run_date")],
            },
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contract_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="projects.contractline",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "external_description",
                    models.CharField(blank=True, max_length=500, verbose_name="description on the invoice"),
                ),
                ("due_on", models.DateField(verbose_name="date")),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "milestone",
                "verbose_name_plural": "milestones",
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
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
                        related_name="number_series",
                        to="projects.legalentity",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("proforma", "Proforma invoices"),
                            ("customer_invoice", "Customer invoices"),
                            ("integration_journal", "Integration journals"),
                            ("project_voucher", "Project vouchers"),
                            ("invoice_voucher", "Customer invoice vouchers"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("prefix", models.CharField(max_length=16, verbose_name="prefix")),
                ("last_number", models.PositiveIntegerField(default=0, verbose_name="last number")),
            ],
            options={
                "verbose_name": "number series",
                "verbose_name_plural": "number series",
                "ordering": ["legal_entity", "kind", "year"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "kind", "year"), name="one_series_per_year"
                    ),
                    models.UniqueConstraint(
                        fields=("kind", "year", "prefix"), name="prefix_names_one_entity"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Proforma",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="number")),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proformas",
                        to="projects.legalentity",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proformas",
                        to="projects.projectcontract",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proformas",
                        to="projects.customer",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("description", models.CharField(blank=True, max_length=160, verbose_name="description")),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("confirmed", "Confirmed"),
                            ("posted", "Posted"),
                            ("paid", "Paid"),
                        ],
                        default="draft",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                (
                    "bulk_confirmation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "None"),
                            ("scheduled", "Scheduled"),
                            ("processing", "Processing"),
                            ("complete", "Complete"),
                            ("failed", "Failed"),
                        ],
                        max_length=10,
                        verbose_name="bulk confirmation",
                    ),
                ),
                ("invoice_date", models.DateField(verbose_name="invoice date")),
                ("cut_off_date", models.DateField(verbose_name="cut-off date")),
                ("scheduled_for", models.DateField(blank=True, null=True, verbose_name="run date")),
                (
                    "sales_tax_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="projects.salestaxgroup",
                        verbose_name="sales tax group",
                    ),
                ),
                ("net_amount", projects.fields.AmountField(default=0, verbose_name="net")),
                ("tax_amount", projects.fields.AmountField(default=0, verbose_name="tax")),
                ("gross_amount", projects.fields.AmountField(default=0, verbose_name="total")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed at")),
                (
                    "event",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proforma",
                        to="projects.actualevent",
                    ),
                ),
                (
                    "customer_invoice_number",
                    models.CharField(blank=True, max_length=40, verbose_name="invoice number"),
                ),
                (
                    "customer_invoice_date",
                    models.DateField(
                        blank=True, null=True, verbose_name="invoice date of the posted invoice"
                    ),
                ),
                (
                    "customer_invoice_tax",
                    projects.fields.AmountField(blank=True, null=True, verbose_name="posted tax"),
                ),
            ],
            options={
                "verbose_name": "proforma invoice",
                "verbose_name_plural": "proforma invoices",
                "ordering": ["-pk"],
                "permissions": [
                    ("mark_ready", "Mark work and milestones ready to invoice"),
                    ("draft_proforma", "Create, edit and delete drafts"),
                    ("confirm_proforma", "Confirm proformas"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("scheduled_for__isnull", False)),
                        fields=("contract", "customer", "scheduled_for"),
                        name="one_proforma_per_run",
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
                        name="proforma_gross_is_net_plus_tax",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", True),
                                ("confirmed_by__isnull", True),
                                ("event__isnull", True),
                                ("status__in", ["draft", "in_review"]),
                            ),
                            models.Q(
                                models.Q(("status__in", ["draft", "in_review"]), _negated=True),
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                ("event__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="confirmed_means_who_when_event",
                    ),
                ],
                "indexes": [models.Index(fields=["status", "created_at"], name="proforma_status_created")],
            },
        ),
        migrations.CreateModel(
            name="BatchRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="billing.batchjob",
                    ),
                ),
                ("business_date", models.DateField(verbose_name="for the date")),
                (
                    "trigger",
                    models.CharField(
                        choices=[("clock", "By the clock"), ("person", "By hand")],
                        max_length=8,
                        verbose_name="started",
                    ),
                ),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("with_failures", "Finished with failures"),
                            ("skipped", "Skipped: another run was active"),
                        ],
                        default="queued",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="started at")),
                ("alive_at", models.DateTimeField(blank=True, null=True, verbose_name="last sign of life")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                ("due_count", models.PositiveIntegerField(default=0, verbose_name="due lines")),
            ],
            options={
                "verbose_name": "batch run",
                "verbose_name_plural": "batch runs",
                "ordering": ["-pk"],
                "permissions": [("run_batch", "Run a batch job by hand")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("trigger", "clock")),
                        fields=("job", "business_date"),
                        name="the_clock_runs_a_job_once_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "running")),
                        fields=("job",),
                        name="one_active_run_per_job",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "proforma",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="billing.proforma",
                    ),
                ),
                (
                    "contract_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice_lines",
                        to="projects.contractline",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("amount", projects.fields.AmountField(default=0, verbose_name="amount")),
            ],
            options={
                "verbose_name": "invoice line",
                "verbose_name_plural": "invoice lines",
                "ordering": ["proforma", "contract_line__number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("proforma", "contract_line"), name="one_line_per_contract_line"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MilestoneShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="billing.milestone",
                    ),
                ),
                (
                    "line_customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.contractlinecustomer",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.customer"
                    ),
                ),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("not_ready", "Not ready"),
                            ("ready", "Ready to invoice"),
                            ("on_draft", "Customer invoice created"),
                            ("posted", "Customer invoice posted"),
                        ],
                        default="not_ready",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
            ],
            options={
                "verbose_name": "milestone share",
                "verbose_name_plural": "milestone shares",
                "ordering": ["milestone__due_on", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("milestone", "customer"), name="one_share_per_customer")
                ],
                "indexes": [models.Index(fields=["status"], name="milestone_share_status")],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLineDetail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="details",
                        to="billing.invoiceline",
                    ),
                ),
                (
                    "actual",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice_detail",
                        to="projects.actual",
                    ),
                ),
                (
                    "milestone_share",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice_details",
                        to="billing.milestoneshare",
                    ),
                ),
                (
                    "work_item",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.workitem",
                    ),
                ),
                (
                    "transaction_class",
                    models.CharField(
                        choices=[
                            ("time", "Time"),
                            ("expense", "Expense"),
                            ("material", "Material"),
                            ("fee", "Fee"),
                            ("milestone", "Milestone"),
                            ("retainer", "Retainer"),
                        ],
                        max_length=10,
                        verbose_name="class",
                    ),
                ),
                ("transaction_date", models.DateField(verbose_name="date")),
                ("quantity", projects.fields.QuantityField(verbose_name="quantity")),
                ("unit", models.CharField(max_length=10, verbose_name="unit")),
                ("price", projects.fields.PriceField(verbose_name="price")),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
                (
                    "billing_type",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Chargeable"),
                            (2, "Non-chargeable"),
                            (3, "Complimentary"),
                            (4, "Not available"),
                        ],
                        default=1,
                        verbose_name="billing type",
                    ),
                ),
                (
                    "remainder",
                    models.CharField(
                        choices=[("write_off", "Write off"), ("keep", "Keep in the backlog")],
                        default="write_off",
                        max_length=10,
                        verbose_name="what becomes of the rest",
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
                        verbose_name="item sales tax group",
                    ),
                ),
                (
                    "description",
                    models.CharField(blank=True, max_length=500, verbose_name="internal description"),
                ),
                (
                    "external_description",
                    models.CharField(blank=True, max_length=500, verbose_name="description on the invoice"),
                ),
            ],
            options={
                "verbose_name": "invoice line detail",
                "verbose_name_plural": "invoice line details",
                "ordering": ["line", "transaction_date", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("work_item__isnull", False)),
                        fields=["work_item"],
                        name="detail_own_work_item",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("milestone_share__isnull", False)),
                        fields=("milestone_share",),
                        name="milestone_share_claimed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("actual__isnull", True), ("milestone_share__isnull", True), _connector="OR"
                        ),
                        name="detail_claims_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchOutcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="billing.batchrun",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="billing.invoiceschedule",
                    ),
                ),
                (
                    "milestone_share",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="billing.milestoneshare",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.projectcontract",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("created", "Proforma created"),
                            ("nothing_to_bill", "Nothing to bill"),
                            ("failed", "Run failed"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "proforma",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="batch_outcomes",
                        to="billing.proforma",
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=400, verbose_name="message")),
                ("happened_at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "outcome of a batch run",
                "verbose_name_plural": "outcomes of batch runs",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "schedule"), name="one_outcome_per_run_and_schedule"
                    ),
                    models.UniqueConstraint(
                        fields=("run", "milestone_share"), name="one_outcome_per_run_and_milestone"
                    ),
                ],
            },
        ),
    ]
