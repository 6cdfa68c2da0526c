-- What a change of billing type may write (J3), for PostgreSQL.
-- Numbers: kind 10 billing type changed; type 2 unbilled sales.

-- guard billing_type_sealed on projects_actualeventseal
-- (J3) Asked when the event is complete: another billing type is all that may differ, so no money moves unseen.
CREATE OR REPLACE FUNCTION guard_billing_type_sealed() RETURNS trigger LANGUAGE plpgsql
SET jit = off AS $$
DECLARE
    changed bigint[] := (
        SELECT array_agg(e.id) FROM projects_actualevent e
        WHERE e.id = ANY (ARRAY (SELECT event_id FROM inserted)) AND e.kind = 10
    );
BEGIN
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM projects_actual WHERE event_id = ANY (changed) AND type <> 2)
        OR EXISTS (SELECT 1 FROM projects_workitem WHERE event_id = ANY (changed))
        OR EXISTS (SELECT 1 FROM projects_adjustment WHERE event_id = ANY (changed))
    THEN
        PERFORM guard_stop('a change of billing type reverses unbilled sales and writes them again: leave cost and new work out');
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT event_id, work_item_id, price, quantity, amount, 1 AS side FROM projects_actual
            WHERE event_id = ANY (changed) AND reverses_id IS NULL
            UNION ALL
            SELECT event_id, work_item_id, price, -quantity, -amount, -1 FROM projects_actual
            WHERE event_id = ANY (changed) AND reverses_id IS NOT NULL
        ) pairs GROUP BY event_id, work_item_id, price, quantity, amount HAVING sum(side) <> 0
    ) THEN
        PERFORM guard_stop('what a change of billing type writes differs by its billing type alone');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_billing_type_sealed AFTER INSERT ON projects_actualeventseal
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_type_sealed();
