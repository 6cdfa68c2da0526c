"""Every guard bites: a copy of the tree gets one fault per rule, and each rule must find its own.

A checker that looks in the wrong place stays green for ever; this is what would notice.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.architecture import size_rules, state_rules, verb_rules, word_rules
from tests.architecture.copies import CopyOf, plant
from tests.architecture.import_contracts import Report, checked
from tests.architecture.source_tree import SourceTree
from tests.architecture.state_rules import Machines
from tests.architecture.test_rules import RULES

pytestmark = pytest.mark.slow

# Contract: (module that gets the fault, the line that breaks it, what the report must say).
IMPORTS = {
    "Apps": (
        "projects/submitting.py",
        "from billing import marking_ready",
        "projects.submitting -> billing.marking_ready",
    ),
    "Layers inside an app": (
        "billing/drafting.py",
        "from billing import confirming",
        "billing.drafting -> billing.confirming",
    ),
    "No circles": ("projects/models/party.py", "from projects.models import contract", ".party -> .contract"),
    "Layers inside core": (
        "core/refusals.py",
        "from core import querysets",
        "core.refusals -> core.querysets",
    ),
    "Layers inside documents": (
        "core/documents/facts.py",
        "from core.documents import labels",
        "core.documents.facts -> core.documents.labels",
    ),
    "Only config knows the queue": (
        "billing/marking_ready.py",
        "import celery",
        "billing.marking_ready -> celery",
    ),
    "Only these may write facts": (
        "billing/editing.py",
        "from projects import recording",
        "billing.editing -> projects.recording",
    ),
    "Only these may write vouchers": (
        "accounting/closing.py",
        "from accounting import booking",
        "accounting.closing -> accounting.booking",
    ),
    "Only rendering sets type": (
        "accounting/printing.py",
        "import typst",
        "accounting.printing -> typst",
    ),
}
LONG = "\n".join(f"    a{n} = {n}" for n in range(80))

# Rule: (file that gets the fault, the fault, what the finding must say).
FAULTS: dict[Callable[..., Iterator[str]], list[tuple[str, str, str]]] = {
    state_rules.facts_are_written_by_their_recorder: [
        ("billing/marking_ready.py", "Actual.objects.filter(pk=1).update(amount=0)", "writes Actual"),
        ("accounting/closing.py", "Voucher.objects.create(number='1')", "writes Voucher"),
        ("accounting/posting.py", "insert_from(VoucherLine, rows, amount=0)", "writes VoucherLine"),
    ],
    word_rules.permissions_are_asked_in_access_modules: [
        ("billing/drafting.py", "def planted(user):\n    return user.is_staff", "uses is_staff"),
        ("projects/forms/approvals.py", "def planted(user):\n    return user.has_perm('x')", "uses has_perm"),
    ],
    word_rules.money_is_decimal_and_rounded_once: [
        ("projects/pricing.py", "PLANTED = float('1.1')", "calls float()"),
        ("accounting/invoice_posting_lines.py", "PLANTED = round(1)", "calls round()"),
        ("billing/splitting.py", "from decimal import ROUND_UP\nPLANTED = ROUND_UP", "chooses ROUND_UP"),
    ],
    word_rules.the_clock_is_read_at_the_edge: [
        ("billing/confirming.py", "def planted():\n    return timezone.now()", "reads the clock by now()"),
        ("projects/pricing.py", "def planted():\n    return date.today()", "reads the clock by today()"),
        ("projects/models/price.py", "at = models.DateTimeField(default=timezone.now)", "as a default"),
        ("projects/models/price.py", "on = models.DateField(auto_now_add=True)", "auto_now_add"),
    ],
    word_rules.markup_is_trusted_in_template_tags_only: [
        ("billing/tables/runs.py", "PLANTED = mark_safe('<b>')", "mark_safe()"),
        ("templates/list.html", "{{ planted|safe }}", "trusts markup"),
    ],
    word_rules.templates_only_show: [
        ("templates/list.html", "{{ planted|add:1 }}", "decides something"),
        ("templates/form.html", "{% if perms.billing.add_proforma %}{% endif %}", "decides something"),
    ],
    word_rules.template_lines_stay_readable: [
        ("templates/list.html", "<p>" + "planted " * 20 + "</p>", "has 167 characters"),
    ],
    word_rules.texts_are_marked_where_the_catalogue_reads_them: [
        ("projects/pricing.py", "PLANTED = f\"{_('Planted')} 1\"", "inside an f-string"),
    ],
    word_rules.names_say_something: [
        ("billing/helpers.py", '"""Anything."""', "billing.helpers is a name for anything"),
        ("billing/marking_ready.py", "from billing.models import *", "imports everything"),
    ],
    word_rules.nothing_is_left_unfinished: [("billing/querysets.py", "# TODO later", "# TODO later")],
    word_rules.decisions_are_documented: [
        ("projects/approving.py", "def planted_verb():\n    return 1", "planted_verb has no docstring"),
        ("core/money.py", "class Planted:\n    pass", "Planted has no docstring"),
        ("billing/planted.py", "X = 1", "billing.planted says nothing about itself"),
    ],
    verb_rules.activity_says_what_changed: [
        (
            "billing/planning.py",
            "def planted_plan(rows: list[int]):\n    log_activity('added', rows)",
            "log_activity says neither what changed nor from where to where",
        ),
    ],
    verb_rules.verbs_say_what_they_take: [
        (
            "billing/planning.py",
            "def planted_plan(rows: Any):\n    return rows",
            "planted_plan takes anything as rows",
        ),
        (
            "projects/locking.py",
            "def planted_lock(*, day):\n    return day",
            "planted_lock takes anything as day",
        ),
        (
            "projects/recording.py",
            "def planted_row(row: list[Any]):\n    return row",
            "planted_row takes anything as row",
        ),
        (
            "accounting/closing.py",
            "class PlantedClosing:\n    def close(self, by: dict[str, Any]):\n        return by",
            "close takes anything as by",
        ),
    ],
    verb_rules.refusals_are_asserted: [
        ("billing/editing.py", "PLANTED = Refusal('planted-edit', 'No.')", "planted-edit, which no test"),
        ("core/outbox.py", "PLANTED = Refusal(code='planted-work', message='No.')", "planted-work, which no"),
        (
            "projects/entering.py",
            "def _planted(code):\n    return Refusal(code, 'No.')\n\n\n_planted('planted-entry')",
            "planted-entry, which no test asserts",
        ),
        (
            "accounting/printing.py",
            'def _planted():\n    """Print. Raises Refused: planted-print (C7)."""',
            "planted-print, which no test asserts",
        ),
    ],
    size_rules.modules_stay_readable: [
        ("core/form_tokens.py", "\n" * 400, "core.form_tokens has"),
        ("projects/views/page_defaults.py", "\n" * 260, "projects.views.page_defaults has"),
    ],
    size_rules.functions_stay_readable: [
        ("projects/models/price.py", f"def planted():\n{LONG}", "planted has 81 lines, 40 are allowed"),
        ("billing/editing.py", f"def planted_verb():\n{LONG}", "planted_verb has 81 lines, 70 are allowed"),
    ],
    size_rules.handlers_of_views_are_short: [
        (
            "billing/views/planted.py",
            "class Planted(View):\n    def post(self):\n" + "        x = 1\n" * 12,
            "Planted.post has 12 statements",
        ),
    ],
    size_rules.tasks_are_three_lines: [
        ("billing/tasks.py", f"def planted():\n{LONG}", "planted has 80 statements"),
    ],
}
STATE_FAULTS = [
    ("billing/views/planted.py", "def planted(draft):\n    draft.status = 1", "assigns draft.status"),
    ("billing/tables/runs.py", "def planted(runs):\n    runs.update(status=1)", "updates status"),
    ("billing/totalling.py", "rows.bulk_update(rows, ['amount', 'status'])", "updates status in bulk"),
    ("projects/forms/approvals.py", "def planted(one):\n    one.approve()", "calls the transition approve()"),
    ("real_hours/steps.py", "def planted(rows):\n    rows.move(Proforma.confirm)", "calls .move()"),
    ("accounting/posting_context.py", "FiscalPeriod.objects.walk([], 1)", "calls .walk()"),
    ("projects/actuals.py", "Entry(status='approved')", "makes a Entry in a state of its choice"),
    ("projects/contract_terms.py", "setattr(entry, 'status', 1)", "sets a state column by its name"),
]


@pytest.fixture(scope="module")
def planted(copy_of: CopyOf) -> SourceTree:
    root = copy_of("words")
    for file, fault, _says in [*(one for faults in FAULTS.values() for one in faults), *STATE_FAULTS]:
        plant(root, file, fault)
    return SourceTree(root)


@pytest.fixture(scope="module")
def report(copy_of: CopyOf) -> Report:
    root = copy_of("imports")
    for file, fault, _says in IMPORTS.values():
        plant(root, file, fault)
    return checked(root)


def test_every_contract_and_every_rule_has_its_fault() -> None:
    assert set(IMPORTS) == set(SourceTree().contracts)
    assert set(FAULTS) == set(RULES)


@pytest.mark.parametrize("name", IMPORTS)
def test_contract_bites(report: Report, name: str) -> None:
    assert name in report.broken, report.text
    assert IMPORTS[name][2] in report.about(name), report.text


def test_module_without_a_layer_is_refused(copy_of: CopyOf) -> None:
    root = copy_of("layers")
    plant(root, "billing/pondering.py", '"""Stands nowhere."""')
    plant(root, "core/pondering.py", '"""Stands nowhere."""')
    report = checked(root)
    assert "billing.pondering" in report.about("Layers inside an app"), report.text
    assert "core.pondering" in report.about("Layers inside core"), report.text


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_rule_bites(planted: SourceTree, rule: Callable[[SourceTree], Iterator[str]]) -> None:
    findings = list(rule(planted))
    for _file, _fault, says in FAULTS[rule]:
        assert any(says in finding for finding in findings), (says, findings)


def test_rule_about_state_bites(planted: SourceTree) -> None:
    findings = list(state_rules.state_is_written_by_verbs(planted, Machines.of_the_models()))
    for file, _fault, says in STATE_FAULTS:
        module = file.removesuffix(".py").replace("/", ".")
        assert any(finding.startswith(f"{module}:") and says in finding for finding in findings), says
    assert len(findings) == len(STATE_FAULTS)
