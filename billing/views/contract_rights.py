"""What somebody may do with a contract as it stands: the buttons at its head."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.access import may
from projects.models import ProjectContract
from projects.states import ContractStatus

CONFIRM, CHANGE = "projects.confirm_contract", "projects.change_projectcontract"
DELETE = "projects.delete_projectcontract"
DRAFT, CONFIRMED, ON_HOLD = ContractStatus.DRAFT, ContractStatus.CONFIRMED, ContractStatus.ON_HOLD


@dataclass(frozen=True)
class Step:
    """A button that leads to the page of a step: its words, address name, permission, and from where."""

    label: str | Promise
    url_name: str
    permission: str
    sources: tuple[ContractStatus, ...]
    is_primary: bool = False


STEPS = (
    Step(_("Delete draft"), "contract-delete", DELETE, (DRAFT,)),
    Step(_("Mark as lost"), "contract-lose", CONFIRM, (DRAFT, CONFIRMED, ON_HOLD)),
    Step(_("Complete"), "contract-complete", CONFIRM, (CONFIRMED,)),
    Step(_("Put on hold"), "contract-hold", CONFIRM, (CONFIRMED,)),
    Step(_("Resume"), "contract-resume", CONFIRM, (ON_HOLD,), is_primary=True),
    Step(_("Reopen"), "contract-reopen", CONFIRM, (ContractStatus.COMPLETED,)),
    Step(_("Confirm contract"), "contract-confirm", CONFIRM, (DRAFT,), is_primary=True),
)


def is_managed(contract: ProjectContract, user: User) -> bool:
    """Whether the contract is one that the user may change and move, which takes more than seeing it."""
    return ProjectContract.objects.managed_by(user).filter(pk=contract.pk).exists()


def steps_of(contract: ProjectContract, user: User) -> list[Step]:
    """The steps that a contract the user manages can take from where it stands, and the user may take."""
    return [one for one in STEPS if contract.status in one.sources and may(user, one.permission)]


def is_changeable(contract: ProjectContract, user: User) -> bool:
    """Whether the user may write what was agreed in a contract the user manages, until it has ended."""
    return contract.status in (DRAFT, CONFIRMED, ON_HOLD) and may(user, CHANGE)
