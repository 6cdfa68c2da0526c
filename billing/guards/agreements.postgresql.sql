-- What milestones fix of the contract they belong to (A3, M4), for PostgreSQL.

-- guard line_with_milestones_keeps_its_method on projects_contractline
-- (A3) A milestone is billed by a fixed-price line of its own project; no other line would ever take it up.
CREATE OR REPLACE FUNCTION guard_line_with_milestones_keeps_its_method() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_milestone WHERE contract_line_id = NEW.id) THEN
        PERFORM guard_stop('a contract line with milestones keeps its contract, project and billing method: add another line');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_line_with_milestones_keeps_its_method BEFORE UPDATE ON projects_contractline
FOR EACH ROW WHEN (
    OLD.billing_method <> NEW.billing_method OR OLD.contract_id <> NEW.contract_id
    OR (OLD.project_id IS NOT NULL AND OLD.project_id IS DISTINCT FROM NEW.project_id)
)
EXECUTE FUNCTION guard_line_with_milestones_keeps_its_method();

-- guard contract_with_milestones_keeps_its_currency on projects_projectcontract
-- (M4) Milestones are amounts in the contract's currency; changing it would revalue them in silence.
CREATE OR REPLACE FUNCTION guard_contract_with_milestones_keeps_its_currency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM billing_milestone m JOIN projects_contractline l ON l.id = m.contract_line_id
        WHERE l.contract_id = NEW.id
    ) THEN
        PERFORM guard_stop('a contract with milestones keeps its currency: make another contract');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_contract_with_milestones_keeps_its_currency BEFORE UPDATE ON projects_projectcontract
FOR EACH ROW WHEN (OLD.currency <> NEW.currency)
EXECUTE FUNCTION guard_contract_with_milestones_keeps_its_currency();
