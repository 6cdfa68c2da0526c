-- The days that fiscal periods cover, handed down to the app that takes entries (decision 18), for SQLite.

-- guard period_opens_its_days on accounting_fiscalperiod
-- (decision 18) Entries are refused where no period is; whoever makes a period makes its days known.
CREATE TRIGGER guard_period_opens_its_days AFTER INSERT ON accounting_fiscalperiod
BEGIN
    INSERT INTO projects_fiscalspan (period_key, legal_entity_id, starts_on, ends_on)
    VALUES (NEW.id, NEW.legal_entity_id, NEW.starts_on, NEW.ends_on);
END;

-- guard period_moves_its_days on accounting_fiscalperiod
-- (decision 18) A period that is moved or shortened takes its days along.
CREATE TRIGGER guard_period_moves_its_days AFTER UPDATE ON accounting_fiscalperiod
BEGIN
    UPDATE projects_fiscalspan
    SET legal_entity_id = NEW.legal_entity_id, starts_on = NEW.starts_on, ends_on = NEW.ends_on
    WHERE period_key = NEW.id;
END;

-- guard period_takes_its_days_away on accounting_fiscalperiod
-- (decision 18) Without its period a day cannot be posted, so nothing is entered on it.
CREATE TRIGGER guard_period_takes_its_days_away AFTER DELETE ON accounting_fiscalperiod
BEGIN
    DELETE FROM projects_fiscalspan WHERE period_key = OLD.id;
END;
