-- What a change of billing type may write (J3), for SQLite.
-- Numbers: kind 10 billing type changed; type 2 unbilled sales.

-- guard billing_type_sealed on projects_actualeventseal
-- (J3) Asked when the event is complete: another billing type is all that may differ, so no money moves unseen.
CREATE TRIGGER guard_billing_type_sealed BEFORE INSERT ON projects_actualeventseal
WHEN (SELECT kind FROM projects_actualevent WHERE id = NEW.event_id) = 10
BEGIN
    SELECT RAISE(ABORT, 'a change of billing type reverses unbilled sales and writes them again: leave cost and new work out')
    WHERE EXISTS (SELECT 1 FROM projects_actual WHERE event_id = NEW.event_id AND type <> 2)
        OR EXISTS (SELECT 1 FROM projects_workitem WHERE event_id = NEW.event_id)
        OR EXISTS (SELECT 1 FROM projects_adjustment WHERE event_id = NEW.event_id);

    SELECT RAISE(ABORT, 'what a change of billing type writes differs by its billing type alone')
    WHERE EXISTS (
        SELECT 1 FROM (
            SELECT work_item_id, price, quantity, amount, 1 AS side FROM projects_actual
            WHERE event_id = NEW.event_id AND reverses_id IS NULL
            UNION ALL
            SELECT work_item_id, price, -quantity, -amount, -1 FROM projects_actual
            WHERE event_id = NEW.event_id AND reverses_id IS NOT NULL
        ) GROUP BY work_item_id, price, quantity, amount HAVING sum(side) <> 0
    );
END;
