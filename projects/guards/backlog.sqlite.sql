-- The one mutable row beside an open actual: inserted, moved and removed together with the actuals (K3), for SQLite.

-- guard backlog_of_open_actual on projects_backlogitem
-- (K3) Backlog pages and drafting read the copies here, so a copy that differs from its actual would be billed.
CREATE TRIGGER guard_backlog_of_open_actual BEFORE INSERT ON projects_backlogitem
WHEN NOT EXISTS (
    SELECT 1 FROM projects_actual a JOIN projects_workitem w ON w.id = a.work_item_id
    WHERE a.id = NEW.actual_id AND a.type = 2 AND a.reverses_id IS NULL
      AND w.id = NEW.work_item_id AND w.contract_id IS NEW.contract_id
      AND w.contract_line_id IS NEW.contract_line_id AND w.customer_id IS NEW.customer_id
      AND w.project_id IS NEW.project_id AND w.currency = NEW.currency
      AND w.transaction_date = NEW.transaction_date AND a.billing_type = NEW.billing_type
      AND a.quantity = NEW.quantity AND a.amount = NEW.amount AND NEW.status = 'not_ready'
) OR EXISTS (SELECT 1 FROM projects_actual WHERE reverses_id = NEW.actual_id)
BEGIN
    SELECT RAISE(ABORT, 'only an open unbilled-sales actual has a backlog item: write the actual');
END;

-- guard backlog_outlives_nothing on projects_backlogitem
-- (K3) Without its backlog item an open actual would never be billed and nobody would miss it.
CREATE TRIGGER guard_backlog_outlives_nothing BEFORE DELETE ON projects_backlogitem
WHEN NOT EXISTS (SELECT 1 FROM projects_actual WHERE reverses_id = OLD.actual_id)
BEGIN
    SELECT RAISE(ABORT, 'an open actual keeps its backlog item: write the reversal of the actual');
END;

-- guard backlog_repeats_its_actual on projects_backlogitem
-- (K3) The actual never changes, so neither does its copy; only status, draft, hold and limit are the item's own.
CREATE TRIGGER guard_backlog_repeats_its_actual BEFORE UPDATE ON projects_backlogitem
WHEN (OLD.actual_id, OLD.work_item_id, OLD.contract_id, OLD.contract_line_id, OLD.customer_id, OLD.project_id,
      OLD.currency, OLD.transaction_date, OLD.billing_type, OLD.quantity, OLD.amount)
  IS NOT (NEW.actual_id, NEW.work_item_id, NEW.contract_id, NEW.contract_line_id, NEW.customer_id, NEW.project_id,
      NEW.currency, NEW.transaction_date, NEW.billing_type, NEW.quantity, NEW.amount)
BEGIN
    SELECT RAISE(ABORT, 'a backlog item repeats its actual: only status, draft, hold and limit may change');
END;

-- guard backlog_steps on projects_backlogitem
-- (I4) The steps of the state machine in projects/models/actual.py.
CREATE TRIGGER guard_backlog_steps BEFORE UPDATE ON projects_backlogitem
WHEN OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
    VALUES ('not_ready', 'ready'), ('ready', 'not_ready'), ('ready', 'on_draft'), ('on_draft', 'ready')
)
BEGIN
    SELECT RAISE(ABORT, 'a backlog item goes from not ready to ready to a draft and back, one step at a time');
END;
