-- What milestones fix of the contract they belong to (A3, M4), for SQLite.

-- guard line_with_milestones_keeps_its_method on projects_contractline
-- (A3) A milestone is billed by a fixed-price line of its own project; no other line would ever take it up.
CREATE TRIGGER guard_line_with_milestones_keeps_its_method BEFORE UPDATE ON projects_contractline
WHEN (OLD.billing_method <> NEW.billing_method OR OLD.contract_id <> NEW.contract_id
      OR (OLD.project_id IS NOT NULL AND OLD.project_id IS NOT NEW.project_id))
    AND EXISTS (SELECT 1 FROM billing_milestone WHERE contract_line_id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a contract line with milestones keeps its contract, project and billing method: add another line');
END;

-- guard contract_with_milestones_keeps_its_currency on projects_projectcontract
-- (M4) Milestones are amounts in the contract's currency; changing it would revalue them in silence.
CREATE TRIGGER guard_contract_with_milestones_keeps_its_currency BEFORE UPDATE ON projects_projectcontract
WHEN OLD.currency <> NEW.currency AND EXISTS (
    SELECT 1 FROM billing_milestone m JOIN projects_contractline l ON l.id = m.contract_line_id
    WHERE l.contract_id = NEW.id
)
BEGIN
    SELECT RAISE(ABORT, 'a contract with milestones keeps its currency: make another contract');
END;
