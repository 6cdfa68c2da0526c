-- Decisions keep their maker, and a contract with work keeps its currency (S1, I4), for PostgreSQL.

-- guard approval_steps on projects_approval
-- (I4) The steps of the state machine in projects/models/entry.py.
CREATE TRIGGER guard_approval_steps BEFORE UPDATE ON projects_approval
FOR EACH ROW WHEN (
    OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('submitted', 'approved'), ('submitted', 'rejected'), ('submitted', 'recalled'),
        ('approved', 'cancelled'), ('approved', 'replaced')
    )
)
EXECUTE FUNCTION guard_refuse('a submission is decided once and a decision is only taken back by cancelling it: submit again');

-- guard approval_names_its_people on projects_approval
-- (S1) Who decided cannot be exchanged afterwards to get round the rule that nobody approves own work.
CREATE TRIGGER guard_approval_names_its_people BEFORE UPDATE ON projects_approval
FOR EACH ROW WHEN (
    OLD.submitted_by_id <> NEW.submitted_by_id OR OLD.entry_id <> NEW.entry_id
    OR (OLD.worker_id IS NOT NULL AND OLD.worker_id IS DISTINCT FROM NEW.worker_id)
    OR (OLD.decided_by_id IS NOT NULL AND OLD.decided_by_id IS DISTINCT FROM NEW.decided_by_id)
    OR (OLD.decided_at IS NOT NULL AND OLD.decided_at IS DISTINCT FROM NEW.decided_at)
)
EXECUTE FUNCTION guard_refuse('who submitted and who decided is never changed: submit again');

-- guard contract_keeps_its_currency on projects_projectcontract
-- (M4) Work items, drafts and invoices took the currency over; changing it would reprice them in silence.
CREATE OR REPLACE FUNCTION guard_contract_keeps_its_currency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM projects_workitem WHERE contract_id = NEW.id) THEN
        PERFORM guard_stop('a contract with work keeps its currency and legal entity: make another contract');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_contract_keeps_its_currency BEFORE UPDATE ON projects_projectcontract
FOR EACH ROW WHEN (OLD.currency <> NEW.currency OR OLD.legal_entity_id <> NEW.legal_entity_id)
EXECUTE FUNCTION guard_contract_keeps_its_currency();

-- guard contract_steps on projects_projectcontract
-- (I4) The steps of the state machine in projects/models/contract.py.
CREATE TRIGGER guard_contract_steps BEFORE UPDATE ON projects_projectcontract
FOR EACH ROW WHEN (
    OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('draft', 'confirmed'), ('confirmed', 'on_hold'), ('on_hold', 'confirmed'), ('confirmed', 'completed'),
        ('completed', 'confirmed'), ('draft', 'lost'), ('confirmed', 'lost'), ('on_hold', 'lost')
    )
)
EXECUTE FUNCTION guard_refuse('a contract is confirmed, held, resumed, completed, reopened or lost, one step at a time: make another contract');

-- guard contract_ends_without_open_work on projects_projectcontract
-- (A2) Work that is open on an ended contract would never be billed and nobody would miss it. Number: billing type 1
-- chargeable. What is lost keeps nothing open at all.
CREATE OR REPLACE FUNCTION guard_contract_ends_without_open_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM projects_backlogitem b
        WHERE b.contract_id = NEW.id AND (NEW.status = 'lost' OR b.billing_type = 1 OR b.status = 'on_draft')
    ) THEN
        PERFORM guard_stop('a contract with open work does not end: bill it, or reverse it first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_contract_ends_without_open_work BEFORE UPDATE ON projects_projectcontract
FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status IN ('completed', 'lost'))
EXECUTE FUNCTION guard_contract_ends_without_open_work();

-- guard line_keeps_its_method on projects_contractline
-- (A3) Work on the line was priced by its method and found by its project.
CREATE OR REPLACE FUNCTION guard_line_keeps_its_method() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM projects_workitem WHERE contract_line_id = NEW.id) THEN
        PERFORM guard_stop('a contract line with work keeps its contract, project and billing method: add another line');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_line_keeps_its_method BEFORE UPDATE ON projects_contractline
FOR EACH ROW WHEN (
    OLD.billing_method <> NEW.billing_method OR OLD.contract_id <> NEW.contract_id
    OR (OLD.project_id IS NOT NULL AND OLD.project_id IS DISTINCT FROM NEW.project_id)
)
EXECUTE FUNCTION guard_line_keeps_its_method();
