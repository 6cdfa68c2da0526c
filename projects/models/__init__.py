"""What was agreed and what was done, table by table."""

from projects.models.actual import Actual, ActualEvent, ActualEventSeal, Adjustment, WorkItem
from projects.models.agreed_rate import AgreedRate
from projects.models.approval import Approval
from projects.models.backlog import BacklogItem
from projects.models.budget import BudgetNotice
from projects.models.chargeability import Chargeability
from projects.models.contract import ContractLine, ContractLineCustomer, ProjectContract
from projects.models.contract_customer import ContractCustomer
from projects.models.delegation import ApprovalDelegation
from projects.models.document_layout import DocumentLayout, DocumentSectionName
from projects.models.entry import Entry
from projects.models.exchange_rate import ExchangeRate
from projects.models.file_import import ImportBatch, ImportFilePart, ImportMapping, ImportName, ImportRow
from projects.models.fiscal_span import FiscalSpan
from projects.models.journal import (
    CancellationJournal,
    CancellationLine,
    CorrectionJournal,
    CorrectionLine,
    EntryJournal,
    EntryJournalLine,
)
from projects.models.party import Customer, LegalEntity, LegalEntityMembership
from projects.models.policy import ApprovalReason, ApprovalRule
from projects.models.prepaid import PrepaidExpiry, PrepaidHours, PrepaidMonth
from projects.models.price import CategoryPrice, MaterialPrice, PriceList, RolePrice
from projects.models.project import Project, Resource, Role, Task, TeamMember, TransactionCategory
from projects.models.recall import RecallRequest
from projects.models.receipt import Receipt
from projects.models.tax import ItemSalesTaxGroup, SalesTaxGroup, TaxCode, TaxRate, TaxRule
from projects.models.terms import PaymentTerms

__all__ = [
    "Actual",
    "ActualEvent",
    "ActualEventSeal",
    "Adjustment",
    "AgreedRate",
    "Approval",
    "ApprovalDelegation",
    "ApprovalReason",
    "ApprovalRule",
    "BacklogItem",
    "BudgetNotice",
    "CancellationJournal",
    "CancellationLine",
    "CategoryPrice",
    "Chargeability",
    "ContractCustomer",
    "ContractLine",
    "ContractLineCustomer",
    "CorrectionJournal",
    "CorrectionLine",
    "Customer",
    "DocumentLayout",
    "DocumentSectionName",
    "Entry",
    "ExchangeRate",
    "FiscalSpan",
    "EntryJournal",
    "EntryJournalLine",
    "ImportBatch",
    "ImportFilePart",
    "ImportMapping",
    "ImportName",
    "ImportRow",
    "ItemSalesTaxGroup",
    "LegalEntity",
    "LegalEntityMembership",
    "MaterialPrice",
    "PaymentTerms",
    "PrepaidExpiry",
    "PrepaidHours",
    "PrepaidMonth",
    "PriceList",
    "Project",
    "ProjectContract",
    "RecallRequest",
    "Receipt",
    "Resource",
    "Role",
    "RolePrice",
    "SalesTaxGroup",
    "Task",
    "TaxCode",
    "TaxRate",
    "TaxRule",
    "TeamMember",
    "TransactionCategory",
    "WorkItem",
]
