-- Prepaid hours keep what work was priced by (A12), for PostgreSQL.

-- guard prepaid_keeps_its_line on projects_prepaidhours
-- (A12) Months and their money are those of this line, from this month on.
CREATE TRIGGER guard_prepaid_keeps_its_line BEFORE UPDATE ON projects_prepaidhours
FOR EACH ROW WHEN (
    (OLD.contract_line_id, OLD.first_month) IS DISTINCT FROM (NEW.contract_line_id, NEW.first_month)
)
EXECUTE FUNCTION guard_refuse('prepaid hours keep their line and first month: end them, and add another line');

-- guard prepaid_month_is_as_bought on projects_prepaidmonth
-- (A12) The retainer of the month is hours times rate, and by its rates rows are known to be within or beyond.
CREATE TRIGGER guard_prepaid_month_is_as_bought BEFORE UPDATE ON projects_prepaidmonth
FOR EACH ROW
EXECUTE FUNCTION guard_refuse('a month of prepaid hours stays as it was bought: plan it anew while nothing of it is invoiced');

-- guard prepaid_sealed on projects_actualeventseal
-- (A12, J3) Asked when the event is complete: a rate of the agreement is all that may differ, so no hour is lost.
-- Numbers: kind 11 prepaid hours counted again; type 2 unbilled sales.
CREATE OR REPLACE FUNCTION guard_prepaid_sealed() RETURNS trigger LANGUAGE plpgsql
SET jit = off AS $$
DECLARE
    counted bigint[] := (
        SELECT array_agg(e.id) FROM projects_actualevent e
        WHERE e.id = ANY (ARRAY (SELECT event_id FROM inserted)) AND e.kind = 11
    );
BEGIN
    IF counted IS NULL THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM projects_actual WHERE event_id = ANY (counted) AND type <> 2)
        OR EXISTS (SELECT 1 FROM projects_workitem WHERE event_id = ANY (counted))
        OR EXISTS (SELECT 1 FROM projects_adjustment WHERE event_id = ANY (counted) AND quantity <> 0)
    THEN
        PERFORM guard_stop('counting prepaid hours writes unbilled sales again at another rate: leave cost, new work and hours out');
    END IF;
    IF EXISTS (
        SELECT 1 FROM projects_actual a JOIN projects_workitem w ON w.id = a.work_item_id
        WHERE a.event_id = ANY (counted) AND a.reverses_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM projects_prepaidhours p JOIN projects_prepaidmonth m ON m.prepaid_hours_id = p.id
            WHERE p.contract_line_id = w.contract_line_id AND (
                (m.month = date_trunc('month', w.transaction_date)::date
                    AND a.price IN (m.block_rate, m.overage_rate))
                OR (m.month = (date_trunc('month', w.transaction_date) - interval '1 month')::date
                    AND m.roll_over_hours > 0 AND a.price = m.block_rate)
            )
        )
    ) THEN
        PERFORM guard_stop('prepaid hours have a rate of their month: that of the block, beyond it, or at which they rolled in');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_prepaid_sealed AFTER INSERT ON projects_actualeventseal
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_prepaid_sealed();
