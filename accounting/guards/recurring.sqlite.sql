-- Recurring journal vouchers: repeated as they were posted, and only their next month and their end change (C6), for SQLite.

-- guard recurringvoucher_begins_with_a_posted_one on accounting_recurringvoucher
-- (G17) Lines of what is posted never change, so every month has the same ones.
CREATE TRIGGER guard_recurringvoucher_begins_with_a_posted_one BEFORE INSERT ON accounting_recurringvoucher
BEGIN
    SELECT RAISE(ABORT, 'what is repeated is a posted journal voucher of its company that reverses nothing')
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_journalvoucher j
        WHERE j.id = NEW.source_id AND j.status = 'posted' AND j.kind = 'ordinary' AND j.reverses_id IS NULL
          AND j.legal_entity_id = NEW.legal_entity_id
    );
END;

-- guard recurringvoucher_goes_on on accounting_recurringvoucher
-- (G17) A month that was proposed is not proposed again.
CREATE TRIGGER guard_recurringvoucher_goes_on BEFORE UPDATE ON accounting_recurringvoucher
BEGIN
    SELECT RAISE(ABORT, 'a recurring journal voucher is not changed: stop it, and repeat another one')
    WHERE OLD.id <> NEW.id OR OLD.legal_entity_id <> NEW.legal_entity_id OR OLD.source_id <> NEW.source_id
       OR OLD.first_month <> NEW.first_month OR OLD.last_month IS NOT NEW.last_month OR OLD.day <> NEW.day
       OR OLD.is_reversed <> NEW.is_reversed OR OLD.entered_by_id <> NEW.entered_by_id OR OLD.entered_at <> NEW.entered_at;

    SELECT RAISE(ABORT, 'a recurring journal voucher goes on month by month, until it is stopped')
    WHERE (OLD.next_month IS NULL AND NEW.next_month IS NOT NULL) OR NEW.next_month < OLD.next_month
       OR (OLD.stopped_at IS NOT NULL AND (NEW.stopped_at IS NULL OR OLD.next_month IS NOT NEW.next_month));
END;

-- guard recurringvoucher_is_kept on accounting_recurringvoucher
-- (G17) What it proposed says where it came from.
CREATE TRIGGER guard_recurringvoucher_is_kept BEFORE DELETE ON accounting_recurringvoucher
BEGIN
    SELECT RAISE(ABORT, 'a recurring journal voucher is never deleted: stop it');
END;
