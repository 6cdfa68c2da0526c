-- The one mutable row beside an open actual: inserted, moved and removed together with the actuals (K3), for PostgreSQL.
-- Rows that the trigger of the actuals writes are right by construction and are not checked again.

-- guard backlog_of_open_actual on projects_backlogitem
-- (K3) Backlog pages and drafting read the copies here, so a copy that differs from its actual would be billed.
CREATE OR REPLACE FUNCTION guard_backlog_of_open_actual() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_actual a JOIN projects_workitem w ON w.id = a.work_item_id
        WHERE a.id = NEW.actual_id AND a.type = 2 AND a.reverses_id IS NULL AND NEW.status = 'not_ready'
          AND (w.id, w.contract_id, w.contract_line_id, w.customer_id, w.project_id, w.currency,
               w.transaction_date, a.billing_type, a.quantity, a.amount)
            IS NOT DISTINCT FROM
              (NEW.work_item_id, NEW.contract_id, NEW.contract_line_id, NEW.customer_id, NEW.project_id,
               NEW.currency, NEW.transaction_date, NEW.billing_type, NEW.quantity, NEW.amount)
    ) OR EXISTS (SELECT 1 FROM projects_actual WHERE reverses_id = NEW.actual_id) THEN
        PERFORM guard_stop('only an open unbilled-sales actual has a backlog item: write the actual');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_backlog_of_open_actual BEFORE INSERT ON projects_backlogitem
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION guard_backlog_of_open_actual();

-- guard backlog_outlives_nothing on projects_backlogitem
-- (K3) Without its backlog item an open actual would never be billed and nobody would miss it.
CREATE OR REPLACE FUNCTION guard_backlog_outlives_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_actual WHERE reverses_id = OLD.actual_id) THEN
        PERFORM guard_stop('an open actual keeps its backlog item: write the reversal of the actual');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard_backlog_outlives_nothing BEFORE DELETE ON projects_backlogitem
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION guard_backlog_outlives_nothing();

-- guard backlog_is_not_emptied on projects_backlogitem
-- (K3) TRUNCATE fires no row triggers.
CREATE TRIGGER guard_backlog_is_not_emptied BEFORE TRUNCATE ON projects_backlogitem
FOR EACH STATEMENT
EXECUTE FUNCTION guard_refuse('open actuals keep their backlog items: write the reversals of the actuals');

-- guard backlog_repeats_its_actual on projects_backlogitem
-- (K3) The actual never changes, so neither does its copy; only status, draft, hold and limit are the item's own.
CREATE TRIGGER guard_backlog_repeats_its_actual BEFORE UPDATE ON projects_backlogitem
FOR EACH ROW WHEN (
    (OLD.actual_id, OLD.work_item_id, OLD.contract_id, OLD.contract_line_id, OLD.customer_id, OLD.project_id,
     OLD.currency, OLD.transaction_date, OLD.billing_type, OLD.quantity, OLD.amount)
    IS DISTINCT FROM
    (NEW.actual_id, NEW.work_item_id, NEW.contract_id, NEW.contract_line_id, NEW.customer_id, NEW.project_id,
     NEW.currency, NEW.transaction_date, NEW.billing_type, NEW.quantity, NEW.amount)
)
EXECUTE FUNCTION guard_refuse('a backlog item repeats its actual: only status, draft, hold and limit may change');

-- guard backlog_steps on projects_backlogitem
-- (I4) The steps of the state machine in projects/models/actual.py.
CREATE TRIGGER guard_backlog_steps BEFORE UPDATE ON projects_backlogitem
FOR EACH ROW WHEN (
    OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('not_ready', 'ready'), ('ready', 'not_ready'), ('ready', 'on_draft'), ('on_draft', 'ready')
    )
)
EXECUTE FUNCTION guard_refuse('a backlog item goes from not ready to ready to a draft and back, one step at a time');
