import django.db.models.deletion
import django_fsm
import projects.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ItemSalesTaxGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
            ],
            options={
                "verbose_name": "item sales tax group",
                "verbose_name_plural": "item sales tax groups",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Role",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("is_chargeable", models.BooleanField(default=True, verbose_name="chargeable")),
            ],
            options={
                "verbose_name": "role",
                "verbose_name_plural": "roles",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="SalesTaxGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
            ],
            options={
                "verbose_name": "sales tax group",
                "verbose_name_plural": "sales tax groups",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="FormToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=64, unique=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("content_sha256", models.CharField(max_length=64)),
                ("answer_url", models.CharField(blank=True, max_length=300)),
                ("used_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "form token",
                "verbose_name_plural": "form tokens",
            },
        ),
        migrations.CreateModel(
            name="OutboxEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effect_key", models.CharField(max_length=120, unique=True)),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("payload", models.JSONField(default=dict)),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "Pending"), ("done", "Done"), ("parked", "Parked")],
                        default="pending",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
            ],
            options={
                "verbose_name": "outbox entry",
                "verbose_name_plural": "outbox",
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "pending")), fields=["kind"], name="outbox_pending"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("standard", "Standard rate"),
                            ("exempt", "Exempt"),
                            ("reverse_charge", "Reverse charge"),
                        ],
                        default="standard",
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=200, verbose_name="reason on the document"),
                ),
            ],
            options={
                "verbose_name": "tax code",
                "verbose_name_plural": "tax codes",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "standard"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="tax_code_without_tax_says_why",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verb", models.CharField(max_length=40, verbose_name="what")),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.BigIntegerField()),
                ("subject_name", models.CharField(max_length=160, verbose_name="of")),
                ("from_state", models.CharField(blank=True, max_length=20, verbose_name="from")),
                ("to_state", models.CharField(blank=True, max_length=20, verbose_name="to")),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("happened_at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "activity",
                "verbose_name_plural": "activity log",
                "ordering": ["-happened_at", "-pk"],
                "indexes": [models.Index(fields=["subject_kind", "subject_id"], name="activity_subject")],
            },
        ),
        migrations.CreateModel(
            name="LegalEntity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=12, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("short_name", models.CharField(max_length=32, verbose_name="short name")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "timezone",
                    models.CharField(default="Europe/Berlin", max_length=40, verbose_name="time zone"),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en-gb", "English"), ("de", "Deutsch"), ("id", "Bahasa Indonesia")],
                        default="en-gb",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                (
                    "address",
                    models.TextField(
                        help_text="One line per line, without the name.", verbose_name="address"
                    ),
                ),
                ("contact", models.TextField(blank=True, verbose_name="contact lines")),
                (
                    "footer",
                    models.TextField(
                        blank=True, help_text="Two lines: register, tax numbers.", verbose_name="footer"
                    ),
                ),
                ("vat_id", models.CharField(blank=True, max_length=20, verbose_name="VAT id")),
                ("iban", models.CharField(blank=True, max_length=34, verbose_name="IBAN")),
                ("bic", models.CharField(blank=True, max_length=11, verbose_name="BIC")),
                ("bank_name", models.CharField(blank=True, max_length=80, verbose_name="bank")),
                (
                    "tax_group_method",
                    models.CharField(
                        choices=[
                            ("project", "Project"),
                            ("contract", "Project contract"),
                            ("customer", "Customer"),
                            ("search", "Search: project, then contract, then customer"),
                        ],
                        default="search",
                        max_length=10,
                        verbose_name="sales tax group from",
                    ),
                ),
                (
                    "milestone_item_tax_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.itemsalestaxgroup",
                        verbose_name="item sales tax group of milestones",
                    ),
                ),
                (
                    "locked_through",
                    models.DateField(
                        blank=True,
                        help_text="Nothing dated on or before this day may be entered, approved or posted.",
                        null=True,
                        verbose_name="locked through",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal entity",
                "verbose_name_plural": "legal entities",
                "ordering": ["code"],
                "permissions": [("see_whole_entity", "See all of a legal entity")],
            },
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rates",
                        to="projects.taxcode",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("percent", projects.fields.PercentField(verbose_name="percent")),
            ],
            options={
                "verbose_name": "tax rate",
                "verbose_name_plural": "tax rates",
                "ordering": ["tax_code", "starts_on"],
                "constraints": [
                    models.UniqueConstraint(fields=("tax_code", "starts_on"), name="tax_rate_once_per_day"),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gte", 0)), name="tax_rate_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sales_tax_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="projects.salestaxgroup",
                    ),
                ),
                (
                    "item_sales_tax_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="projects.itemsalestaxgroup",
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="projects.taxcode",
                    ),
                ),
            ],
            options={
                "verbose_name": "tax rule",
                "verbose_name_plural": "tax rules",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("sales_tax_group", "item_sales_tax_group"),
                        name="one_tax_code_where_groups_meet",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TransactionCategory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
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
                ("unit", models.CharField(default="h", max_length=10, verbose_name="unit")),
                ("is_chargeable", models.BooleanField(default=True, verbose_name="chargeable")),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="Taken for entries that name no category.",
                        verbose_name="default of its class",
                    ),
                ),
                (
                    "item_sales_tax_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="projects.itemsalestaxgroup",
                        verbose_name="item sales tax group",
                    ),
                ),
            ],
            options={
                "verbose_name": "transaction category",
                "verbose_name_plural": "transaction categories",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "transaction_class"), name="category_once_per_class"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("transaction_class",),
                        name="one_default_category_per_class",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActualEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Approval"),
                            (2, "Approval cancelled"),
                            (3, "Proforma confirmed"),
                            (4, "Correction confirmed"),
                            (5, "Contract confirmed"),
                            (6, "Contract lost"),
                        ],
                        verbose_name="kind",
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.legalentity",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("happened_on", models.DateField(verbose_name="date")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
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
                        related_name="import_batches",
                        to="projects.legalentity",
                    ),
                ),
                ("source", models.CharField(max_length=40, verbose_name="source")),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("file_sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("row_count", models.PositiveIntegerField(verbose_name="rows")),
                ("created_count", models.PositiveIntegerField(verbose_name="new entries")),
                ("known_count", models.PositiveIntegerField(verbose_name="already known")),
                (
                    "imported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("imported_at", models.DateTimeField(verbose_name="imported at")),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-imported_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Customer",
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
                        related_name="customers",
                        to="projects.legalentity",
                    ),
                ),
                ("number", models.CharField(max_length=20, verbose_name="number")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("short_name", models.CharField(max_length=32, verbose_name="short name")),
                ("billing_address", models.TextField(verbose_name="billing address")),
                ("country", models.CharField(default="DE", max_length=2, verbose_name="country")),
                ("vat_id", models.CharField(blank=True, max_length=20, verbose_name="VAT id")),
                (
                    "language",
                    models.CharField(
                        choices=[("en-gb", "English"), ("de", "Deutsch"), ("id", "Bahasa Indonesia")],
                        default="en-gb",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "payment_days",
                    models.PositiveSmallIntegerField(default=30, verbose_name="payment terms in days"),
                ),
                (
                    "purchase_order",
                    models.CharField(blank=True, max_length=40, verbose_name="purchase order"),
                ),
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
                ("is_on_hold", models.BooleanField(default=False, verbose_name="on hold")),
            ],
            options={
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "number"), name="customer_number_once_per_entity"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalEntityMembership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entity_memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="projects.legalentity",
                    ),
                ),
            ],
            options={
                "verbose_name": "access to a legal entity",
                "verbose_name_plural": "access to legal entities",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "legal_entity"), name="membership_once_per_entity"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Resource",
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
                        related_name="resources",
                        to="projects.legalentity",
                    ),
                ),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resource",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="projects.role",
                        verbose_name="usual role",
                    ),
                ),
            ],
            options={
                "verbose_name": "resource",
                "verbose_name_plural": "resources",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "code"), name="resource_code_once_per_entity"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ActualEventSeal",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.actualevent",
                    ),
                ),
            ],
            options={
                "verbose_name": "seal of an event",
                "verbose_name_plural": "seals of events",
            },
        ),
        migrations.CreateModel(
            name="Project",
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
                        related_name="projects",
                        to="projects.legalentity",
                    ),
                ),
                ("number", models.CharField(max_length=20, verbose_name="number")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="projects.customer",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="managed_projects",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("group", models.CharField(blank=True, max_length=40, verbose_name="project group")),
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
                (
                    "dimension",
                    models.CharField(blank=True, max_length=40, verbose_name="financial dimension"),
                ),
                ("is_closed", models.BooleanField(default=False, verbose_name="closed")),
            ],
            options={
                "verbose_name": "project",
                "verbose_name_plural": "projects",
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "number"), name="project_number_once_per_entity"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProjectContract",
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
                        related_name="contracts",
                        to="projects.legalentity",
                    ),
                ),
                ("number", models.CharField(max_length=20, verbose_name="number")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="projects.customer",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("draft", "Draft"),
                            ("confirmed", "Confirmed"),
                            ("on_hold", "On hold"),
                            ("completed", "Completed"),
                            ("lost", "Lost"),
                        ],
                        default="draft",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="managed_contracts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="starts on")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="ends on")),
                (
                    "not_to_exceed_amount",
                    projects.fields.AmountField(blank=True, null=True, verbose_name="not to exceed"),
                ),
                (
                    "purchase_order",
                    models.CharField(blank=True, max_length=40, verbose_name="purchase order"),
                ),
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
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed at")),
            ],
            options={
                "verbose_name": "project contract",
                "verbose_name_plural": "project contracts",
                "ordering": ["number"],
                "permissions": [("confirm_contract", "Confirm, hold and resume contracts")],
                "constraints": [models.UniqueConstraint(fields=("number",), name="contract_number_once")],
            },
        ),
        migrations.CreateModel(
            name="PriceList",
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
                        related_name="price_lists",
                        to="projects.legalentity",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "context",
                    models.CharField(
                        choices=[("cost", "Cost"), ("sales", "Sales")], max_length=8, verbose_name="context"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="effective from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="effective to")),
                (
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_lists",
                        to="projects.projectcontract",
                    ),
                ),
            ],
            options={
                "verbose_name": "price list",
                "verbose_name_plural": "price lists",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "name"), name="price_list_name_once_per_entity"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="projects.project",
                    ),
                ),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
            ],
            options={
                "verbose_name": "task",
                "verbose_name_plural": "tasks",
                "ordering": ["project", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "code"), name="task_code_once_per_project")
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="team",
                        to="projects.project",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="projects.resource",
                    ),
                ),
                ("role", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="projects.role")),
                ("is_approver", models.BooleanField(default=False, verbose_name="project approver")),
            ],
            options={
                "verbose_name": "team member",
                "verbose_name_plural": "team members",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "resource"), name="team_member_once_per_project"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="projects.projectcontract",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="line")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "billing_method",
                    models.CharField(
                        choices=[("time_and_material", "Time and material"), ("fixed_price", "Fixed price")],
                        max_length=20,
                        verbose_name="billing method",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contract_lines",
                        to="projects.project",
                    ),
                ),
                ("includes_time", models.BooleanField(default=True, verbose_name="time")),
                ("includes_expense", models.BooleanField(default=True, verbose_name="expense")),
                ("includes_material", models.BooleanField(default=True, verbose_name="material")),
                ("includes_fee", models.BooleanField(default=True, verbose_name="fee")),
                (
                    "contracted_amount",
                    projects.fields.AmountField(blank=True, null=True, verbose_name="contracted amount"),
                ),
                (
                    "not_to_exceed_amount",
                    projects.fields.AmountField(blank=True, null=True, verbose_name="not to exceed"),
                ),
                (
                    "billing_starts_on",
                    models.DateField(blank=True, null=True, verbose_name="billing starts on"),
                ),
                (
                    "tasks",
                    models.ManyToManyField(
                        blank=True,
                        related_name="contract_lines",
                        to="projects.task",
                        verbose_name="only these tasks",
                    ),
                ),
            ],
            options={
                "verbose_name": "contract line",
                "verbose_name_plural": "contract lines",
                "ordering": ["contract", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contract", "number"), name="line_number_once_per_contract"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
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
                        related_name="entries",
                        to="projects.legalentity",
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
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="projects.project",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="projects.task",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="projects.resource",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.role",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.transactioncategory",
                    ),
                ),
                ("product", models.CharField(blank=True, max_length=80, verbose_name="product")),
                ("date", models.DateField(verbose_name="date")),
                ("quantity", projects.fields.QuantityField(verbose_name="quantity")),
                ("unit", models.CharField(default="h", max_length=10, verbose_name="unit")),
                (
                    "price",
                    projects.fields.PriceField(
                        blank=True,
                        help_text="Unit cost; for a fee its price.",
                        null=True,
                        verbose_name="price",
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "description",
                    models.CharField(blank=True, max_length=500, verbose_name="internal description"),
                ),
                (
                    "external_description",
                    models.CharField(blank=True, max_length=500, verbose_name="description on the invoice"),
                ),
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
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("approved", "Approved"),
                            ("returned", "Returned"),
                            ("recall_requested", "Recall requested"),
                        ],
                        default="draft",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                (
                    "import_batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="projects.importbatch",
                    ),
                ),
                ("import_source", models.CharField(blank=True, editable=False, max_length=40)),
                ("import_id", models.CharField(blank=True, editable=False, max_length=60)),
            ],
            options={
                "verbose_name": "entry",
                "verbose_name_plural": "entries",
                "ordering": ["-date", "-pk"],
                "permissions": [
                    ("submit_entry", "Submit and recall own entries"),
                    ("import_entry", "Import entries"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("import_source", ""), _negated=True),
                        fields=("legal_entity", "import_source", "import_id"),
                        name="entry_imported_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("transaction_class", "time"), _negated=True),
                            models.Q(("resource__isnull", False), ("role__isnull", False)),
                            _connector="OR",
                        ),
                        name="time_names_resource_and_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity", 0), _negated=True), name="entry_quantity_not_zero"
                    ),
                ],
                "indexes": [models.Index(fields=["status", "date"], name="entry_status_date")],
            },
        ),
        migrations.CreateModel(
            name="MaterialPrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "price_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="material_prices",
                        to="projects.pricelist",
                    ),
                ),
                ("product", models.CharField(max_length=80, verbose_name="product")),
                ("unit", models.CharField(default="pcs", max_length=10, verbose_name="unit")),
                ("price", projects.fields.PriceField(verbose_name="price")),
            ],
            options={
                "verbose_name": "material price",
                "verbose_name_plural": "material prices",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("price_list", "product", "unit"), name="product_once_per_list"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RolePrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "price_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="role_prices",
                        to="projects.pricelist",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prices", to="projects.role"
                    ),
                ),
                ("price", projects.fields.PriceField(verbose_name="price per hour")),
            ],
            options={
                "verbose_name": "role price",
                "verbose_name_plural": "role prices",
                "constraints": [
                    models.UniqueConstraint(fields=("price_list", "role"), name="role_once_per_list")
                ],
            },
        ),
        migrations.CreateModel(
            name="CategoryPrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "price_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="category_prices",
                        to="projects.pricelist",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prices",
                        to="projects.transactioncategory",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("price_per_unit", "Price per unit"),
                            ("at_cost", "At cost"),
                            ("markup", "Markup over cost"),
                        ],
                        default="price_per_unit",
                        max_length=16,
                        verbose_name="method",
                    ),
                ),
                ("price", projects.fields.PriceField(default=0, verbose_name="price")),
                ("markup_percent", projects.fields.PercentField(default=0, verbose_name="markup percent")),
            ],
            options={
                "verbose_name": "category price",
                "verbose_name_plural": "category prices",
                "constraints": [
                    models.UniqueConstraint(fields=("price_list", "category"), name="category_once_per_list")
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="projects.entry",
                    ),
                ),
                (
                    "contract_line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="projects.contractline",
                    ),
                ),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("submitted", "Submitted"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("recalled", "Recalled"),
                            ("recall_requested", "Recall requested"),
                            ("recall_approved", "Recall approved"),
                            ("recall_rejected", "Recall rejected"),
                        ],
                        default="submitted",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                ("submitted_quantity", projects.fields.QuantityField(verbose_name="submitted quantity")),
                ("billable_quantity", projects.fields.QuantityField(verbose_name="billable quantity")),
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
                ("cost_price", projects.fields.PriceField(verbose_name="cost price")),
                ("cost_amount", projects.fields.AmountField(verbose_name="cost")),
                ("cost_currency", models.CharField(max_length=3, verbose_name="cost currency")),
                ("sales_price", projects.fields.PriceField(verbose_name="sales price")),
                ("sales_amount", projects.fields.AmountField(verbose_name="sales amount")),
                ("sales_currency", models.CharField(blank=True, max_length=3, verbose_name="sales currency")),
                (
                    "price_source",
                    models.CharField(blank=True, max_length=120, verbose_name="where the price comes from"),
                ),
                ("is_priced", models.BooleanField(default=True, verbose_name="priced")),
                (
                    "worker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("submitted_at", models.DateTimeField(verbose_name="submitted at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("comment", models.CharField(blank=True, max_length=300, verbose_name="comment")),
            ],
            options={
                "verbose_name": "approval",
                "verbose_name_plural": "approvals",
                "ordering": ["-submitted_at", "-pk"],
                "permissions": [("approve_entry", "Approve and return entries")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("status__in", ["submitted", "approved", "recall_requested", "recall_rejected"])
                        ),
                        fields=("entry",),
                        name="one_live_approval_per_entry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(
                                models.Q(("decided_by", models.F("submitted_by")), _negated=True),
                                models.Q(
                                    ("worker__isnull", True),
                                    models.Q(("decided_by", models.F("worker")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="nobody_approves_own_work",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "submitted"),
                            ("status", "recalled"),
                            ("decided_by__isnull", False),
                            _connector="OR",
                        ),
                        name="decision_names_its_maker",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["status", "submitted_at"], name="approval_status_submitted")
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpenseEntry",
            fields=[],
            options={
                "verbose_name": "expense",
                "verbose_name_plural": "expenses",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("projects.entry",),
        ),
        migrations.CreateModel(
            name="FeeJournal",
            fields=[],
            options={
                "verbose_name": "fee",
                "verbose_name_plural": "fees",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("projects.entry",),
        ),
        migrations.CreateModel(
            name="MaterialUsage",
            fields=[],
            options={
                "verbose_name": "material usage",
                "verbose_name_plural": "material usage",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("projects.entry",),
        ),
        migrations.CreateModel(
            name="TimeEntry",
            fields=[],
            options={
                "verbose_name": "time entry",
                "verbose_name_plural": "time entries",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("projects.entry",),
        ),
        migrations.CreateModel(
            name="Chargeability",
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
                        related_name="chargeability",
                        to="projects.contractline",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="projects.task"
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="projects.role"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="projects.transactioncategory",
                    ),
                ),
                ("is_chargeable", models.BooleanField(default=True, verbose_name="chargeable")),
            ],
            options={
                "verbose_name": "chargeability",
                "verbose_name_plural": "chargeability",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("category__isnull", True), ("role__isnull", True), ("task__isnull", False)
                            ),
                            models.Q(
                                ("category__isnull", True), ("role__isnull", False), ("task__isnull", True)
                            ),
                            models.Q(
                                ("category__isnull", False), ("role__isnull", True), ("task__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="chargeability_names_one_thing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractLineCustomer",
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
                        related_name="customers",
                        to="projects.contractline",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contract_line_shares",
                        to="projects.customer",
                    ),
                ),
                ("split_percent", projects.fields.PercentField(verbose_name="billing split percent")),
                ("is_rounding", models.BooleanField(default=False, verbose_name="takes the rounding")),
                (
                    "not_to_exceed_amount",
                    projects.fields.AmountField(blank=True, null=True, verbose_name="not to exceed"),
                ),
            ],
            options={
                "verbose_name": "customer of a contract line",
                "verbose_name_plural": "customers of contract lines",
                "ordering": ["contract_line", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contract_line", "customer"), name="customer_once_per_line"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_rounding", True)),
                        fields=("contract_line",),
                        name="one_rounding_customer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("split_percent__gte", 0), ("split_percent__lte", 100)),
                        name="split_within_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkItem",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.legalentity",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="projects.actualevent",
                    ),
                ),
                (
                    "approval",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="projects.approval",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="projects.projectcontract",
                    ),
                ),
                (
                    "contract_line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="projects.contractline",
                    ),
                ),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="projects.project",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.task",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.role",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.resource",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.transactioncategory",
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
                ("unit", models.CharField(max_length=10, verbose_name="unit")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("cost_currency", models.CharField(max_length=3, verbose_name="cost currency")),
                ("quantity", projects.fields.QuantityField(default=0, verbose_name="approved quantity")),
                ("amount", projects.fields.AmountField(default=0, verbose_name="approved amount")),
                ("is_priced", models.BooleanField(default=True, verbose_name="priced")),
                ("product", models.CharField(blank=True, max_length=80, verbose_name="product")),
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
                "verbose_name": "work item",
                "verbose_name_plural": "work items",
            },
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="projects.actualevent",
                    ),
                ),
                (
                    "work_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="projects.workitem",
                    ),
                ),
                ("quantity", projects.fields.QuantityField(verbose_name="quantity")),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "adjustment",
                "verbose_name_plural": "adjustments",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event", "work_item"), name="one_adjustment_per_event_and_item"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Actual",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actuals",
                        to="projects.workitem",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actuals",
                        to="projects.actualevent",
                    ),
                ),
                (
                    "type",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Cost"),
                            (2, "Unbilled sales"),
                            (3, "Billed sales"),
                            (4, "Project contract"),
                            (5, "Inter-organizational sales"),
                            (6, "Resourcing unit cost"),
                        ],
                        verbose_name="type",
                    ),
                ),
                (
                    "billing_type",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Chargeable"),
                            (2, "Non-chargeable"),
                            (3, "Complimentary"),
                            (4, "Not available"),
                        ],
                        verbose_name="billing type",
                    ),
                ),
                ("quantity", projects.fields.QuantityField(verbose_name="quantity")),
                ("price", projects.fields.PriceField(verbose_name="price")),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
                ("accounting_date", models.DateField(verbose_name="accounting date")),
                (
                    "reverses",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mirror",
                        to="projects.actual",
                    ),
                ),
                (
                    "bills",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="billed_by",
                        to="projects.actual",
                    ),
                ),
                (
                    "outcome",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Open"), (1, "Invoiced"), (2, "Adjusted"), (3, "Canceled")],
                        default=0,
                        verbose_name="how the original ended",
                    ),
                ),
            ],
            options={
                "verbose_name": "actual",
                "verbose_name_plural": "actuals",
                "ordering": ["pk"],
                "permissions": [("view_cost", "See what work costs")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reverses__isnull", False)),
                        fields=("reverses",),
                        name="reversed_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("bills__isnull", False)), fields=("bills",), name="billed_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", 0), ("reverses__isnull", True)),
                            models.Q(("reverses__isnull", False), models.Q(("outcome", 0), _negated=True)),
                            _connector="OR",
                        ),
                        name="only_a_mirror_says_how_it_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bills__isnull", True), ("type", 3), _connector="OR"),
                        name="only_billed_sales_bill",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BacklogItem",
            fields=[
                (
                    "actual",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="backlog_item",
                        serialize=False,
                        to="projects.actual",
                    ),
                ),
                (
                    "work_item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.workitem",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.projectcontract",
                    ),
                ),
                (
                    "contract_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="backlog_items",
                        to="projects.contractline",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.customer",
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
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("transaction_date", models.DateField(verbose_name="date")),
                (
                    "billing_type",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Chargeable"),
                            (2, "Non-chargeable"),
                            (3, "Complimentary"),
                            (4, "Not available"),
                        ],
                        verbose_name="billing type",
                    ),
                ),
                ("quantity", projects.fields.QuantityField(verbose_name="quantity")),
                ("amount", projects.fields.AmountField(verbose_name="amount")),
                (
                    "status",
                    django_fsm.FSMField(
                        choices=[
                            ("not_ready", "Not ready"),
                            ("ready", "Ready to invoice"),
                            ("on_draft", "Customer invoice created"),
                            ("posted", "Customer invoice posted"),
                            ("canceled", "Canceled"),
                        ],
                        default="not_ready",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                (
                    "hold_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "None"),
                            ("waiting", "Waiting for the customer"),
                            ("wrong_rate", "Wrong rate"),
                            ("disputed", "Disputed"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="on hold because",
                    ),
                ),
                (
                    "not_to_exceed_status",
                    models.CharField(
                        choices=[
                            ("not_applicable", "Not applicable"),
                            ("not_evaluated", "Not evaluated"),
                            ("committed", "Committed"),
                            ("failed", "Not-to-exceed exceeded"),
                        ],
                        default="not_applicable",
                        max_length=16,
                        verbose_name="not to exceed",
                    ),
                ),
            ],
            options={
                "verbose_name": "backlog item",
                "verbose_name_plural": "backlog",
                "indexes": [
                    models.Index(
                        fields=["contract", "customer", "transaction_date"], name="backlog_by_contract"
                    ),
                    models.Index(fields=["transaction_date"], name="backlog_by_date"),
                ],
            },
        ),
        migrations.AddField(
            model_name="actualevent",
            name="seal",
            field=models.ForeignKey(
                default=uuid.uuid4,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="projects.actualeventseal",
            ),
        ),
    ]
