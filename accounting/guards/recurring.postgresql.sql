-- Recurring journal vouchers: repeated as they were posted, and only their next month and their end change (C6), for PostgreSQL.

-- guard recurringvoucher_begins_with_a_posted_one on accounting_recurringvoucher
-- (G17) Lines of what is posted never change, so every month has the same ones.
CREATE OR REPLACE FUNCTION guard_recurringvoucher_begins_with_a_posted_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM accounting_journalvoucher j
        WHERE j.id = NEW.source_id AND j.status = 'posted' AND j.kind = 'ordinary' AND j.reverses_id IS NULL
          AND j.legal_entity_id = NEW.legal_entity_id
    ) THEN
        PERFORM guard_stop('what is repeated is a posted journal voucher of its company that reverses nothing');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_recurringvoucher_begins_with_a_posted_one BEFORE INSERT ON accounting_recurringvoucher
FOR EACH ROW EXECUTE FUNCTION guard_recurringvoucher_begins_with_a_posted_one();

-- guard recurringvoucher_goes_on on accounting_recurringvoucher
-- (G17) A month that was proposed is not proposed again.
CREATE OR REPLACE FUNCTION guard_recurringvoucher_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.id <> NEW.id OR OLD.legal_entity_id <> NEW.legal_entity_id OR OLD.source_id <> NEW.source_id
       OR OLD.first_month <> NEW.first_month OR OLD.last_month IS DISTINCT FROM NEW.last_month OR OLD.day <> NEW.day
       OR OLD.is_reversed <> NEW.is_reversed OR OLD.entered_by_id <> NEW.entered_by_id OR OLD.entered_at <> NEW.entered_at THEN
        PERFORM guard_stop('a recurring journal voucher is not changed: stop it, and repeat another one');
    END IF;
    IF (OLD.next_month IS NULL AND NEW.next_month IS NOT NULL) OR NEW.next_month < OLD.next_month
       OR (OLD.stopped_at IS NOT NULL AND (NEW.stopped_at IS NULL OR OLD.next_month IS DISTINCT FROM NEW.next_month)) THEN
        PERFORM guard_stop('a recurring journal voucher goes on month by month, until it is stopped');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_recurringvoucher_goes_on BEFORE UPDATE ON accounting_recurringvoucher
FOR EACH ROW EXECUTE FUNCTION guard_recurringvoucher_goes_on();

-- guard recurringvoucher_is_kept on accounting_recurringvoucher
-- (G17) What it proposed says where it came from.
CREATE TRIGGER guard_recurringvoucher_is_kept BEFORE DELETE ON accounting_recurringvoucher
FOR EACH ROW EXECUTE FUNCTION guard_refuse('a recurring journal voucher is never deleted: stop it');

-- guard recurringvoucher_is_not_emptied on accounting_recurringvoucher
-- (G17) TRUNCATE fires no trigger for single rows.
CREATE TRIGGER guard_recurringvoucher_is_not_emptied BEFORE TRUNCATE ON accounting_recurringvoucher
FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse('a recurring journal voucher is never deleted: stop it');
