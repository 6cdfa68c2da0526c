-- Prepaid hours keep what work was priced by (A12), for SQLite.

-- guard prepaid_keeps_its_rates on projects_prepaidhours
-- (A12) By these rates rows are known to lie within the block or beyond it.
CREATE TRIGGER guard_prepaid_keeps_its_rates BEFORE UPDATE ON projects_prepaidhours
WHEN (OLD.contract_line_id, OLD.hours, OLD.block_rate, OLD.overage_rate, OLD.roll_over_hours, OLD.first_month)
  IS NOT (NEW.contract_line_id, NEW.hours, NEW.block_rate, NEW.overage_rate, NEW.roll_over_hours, NEW.first_month)
BEGIN
    SELECT RAISE(ABORT, 'prepaid hours keep their line, hours and rates: end them, and add another line');
END;

-- guard prepaid_month_is_as_bought on projects_prepaidmonth
-- (A12) The retainer of the month is hours times rate.
CREATE TRIGGER guard_prepaid_month_is_as_bought BEFORE UPDATE ON projects_prepaidmonth
BEGIN
    SELECT RAISE(ABORT, 'a month of prepaid hours stays as it was bought: end the prepaid hours before it');
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

    SELECT RAISE(ABORT, 'prepaid hours have a rate of their agreement: that of the block, or beyond it')
    WHERE EXISTS (
        SELECT 1 FROM projects_actual a JOIN projects_workitem w ON w.id = a.work_item_id
        WHERE a.event_id = NEW.event_id AND a.reverses_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM projects_prepaidhours p
            WHERE p.contract_line_id = w.contract_line_id AND a.price IN (p.block_rate, p.overage_rate)
        )
    );
END;
