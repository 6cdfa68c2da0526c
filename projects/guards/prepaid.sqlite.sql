-- Prepaid hours keep what work was priced by (A12), for SQLite.

-- guard prepaid_keeps_its_line on projects_prepaidhours
-- (A12) Months and their money are those of this line, from this month on.
CREATE TRIGGER guard_prepaid_keeps_its_line BEFORE UPDATE ON projects_prepaidhours
WHEN (OLD.contract_line_id, OLD.first_month) IS NOT (NEW.contract_line_id, NEW.first_month)
BEGIN
    SELECT RAISE(ABORT, 'prepaid hours keep their line and first month: end them, and add another line');
END;

-- guard prepaid_month_is_as_bought on projects_prepaidmonth
-- (A12) The retainer of the month is hours times rate, and by its rates rows are known to be within or beyond.
CREATE TRIGGER guard_prepaid_month_is_as_bought BEFORE UPDATE ON projects_prepaidmonth
BEGIN
    SELECT RAISE(ABORT, 'a month of prepaid hours stays as it was bought: plan it anew while nothing of it is invoiced');
END;

-- guard prepaid_sealed on projects_actualeventseal
-- (A12, J3) Asked when the event is complete: a rate of the agreement is all that may differ, so no hour is lost.
-- Numbers: kind 11 prepaid hours counted again; type 2 unbilled sales.
CREATE TRIGGER guard_prepaid_sealed BEFORE INSERT ON projects_actualeventseal
WHEN (SELECT kind FROM projects_actualevent WHERE id = NEW.event_id) = 11
BEGIN
    SELECT RAISE(ABORT, 'counting prepaid hours writes unbilled sales again at another rate: leave cost, new work and hours out')
    WHERE EXISTS (SELECT 1 FROM projects_actual WHERE event_id = NEW.event_id AND type <> 2)
        OR EXISTS (SELECT 1 FROM projects_workitem WHERE event_id = NEW.event_id)
        OR EXISTS (SELECT 1 FROM projects_adjustment WHERE event_id = NEW.event_id AND quantity <> 0);

    SELECT RAISE(ABORT, 'prepaid hours have a rate of their month: that of the block, beyond it, or at which they rolled in')
    WHERE EXISTS (
        SELECT 1 FROM projects_actual a JOIN projects_workitem w ON w.id = a.work_item_id
        WHERE a.event_id = NEW.event_id AND a.reverses_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM projects_prepaidhours p JOIN projects_prepaidmonth m ON m.prepaid_hours_id = p.id
            WHERE p.contract_line_id = w.contract_line_id AND (
                (m.month = date(w.transaction_date, 'start of month')
                    AND a.price IN (m.block_rate, m.overage_rate))
                OR (m.month = date(w.transaction_date, 'start of month', '-1 month')
                    AND m.roll_over_hours > 0 AND a.price = m.block_rate)
            )
        )
    );
END;
