-- Journal vouchers: written by one person, posted by another, and never changed afterwards (C6, G13, S2), for PostgreSQL.

-- guard journalvoucher_is_kept on accounting_journalvoucher
-- (C6) What somebody has written by hand is read by whoever examines the books.
CREATE TRIGGER guard_journalvoucher_is_kept BEFORE DELETE ON accounting_journalvoucher
FOR EACH ROW EXECUTE FUNCTION guard_refuse('journal vouchers are never deleted: discard a draft, reverse what is posted');

-- guard journalvoucher_is_not_emptied on accounting_journalvoucher
-- (C6) TRUNCATE fires no trigger for single rows.
CREATE TRIGGER guard_journalvoucher_is_not_emptied BEFORE TRUNCATE ON accounting_journalvoucher
FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse('journal vouchers are never deleted: discard a draft, reverse what is posted');

-- guard journalvoucherline_is_not_emptied on accounting_journalvoucherline
-- (C6) TRUNCATE fires no trigger for single rows.
CREATE TRIGGER guard_journalvoucherline_is_not_emptied BEFORE TRUNCATE ON accounting_journalvoucherline
FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse('lines of a journal voucher that is posted or discarded never change: reverse it');

-- guard journalvoucher_begins_as_draft on accounting_journalvoucher
-- (G13) What begins as posted has had no second person; what reverses nothing that is posted reverses nothing.
CREATE OR REPLACE FUNCTION guard_journalvoucher_begins_as_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'draft' THEN
        PERFORM guard_stop('a journal voucher begins as a draft: another person posts it');
    END IF;
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_journalvoucher o
        WHERE o.id = NEW.reverses_id AND o.status = 'posted' AND o.reverses_id IS NULL
          AND o.legal_entity_id = NEW.legal_entity_id AND o.date <= NEW.date
    ) THEN
        PERFORM guard_stop('a journal voucher reverses a posted one of its company, on its day or later');
    END IF;
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_journalvoucher o
        WHERE o.id = NEW.reverses_id AND o.kind = NEW.kind AND (o.kind <> 'year_end' OR o.date = NEW.date)
    ) THEN
        PERFORM guard_stop('the reversal of the close of a fiscal year is one as well, of the same day');
    END IF;
    IF NEW.kind = 'year_end' AND NEW.reverses_id IS NULL AND EXISTS (
        SELECT 1 FROM accounting_journalvoucher o
        WHERE o.kind = 'year_end' AND o.reverses_id IS NULL AND o.status IN ('draft', 'posted')
          AND o.legal_entity_id = NEW.legal_entity_id AND o.date = NEW.date
          AND NOT EXISTS (
              SELECT 1 FROM accounting_journalvoucher r WHERE r.reverses_id = o.id AND r.status = 'posted'
          )
    ) THEN
        PERFORM guard_stop('a fiscal year is closed once: reverse its close before another one');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_journalvoucher_begins_as_draft BEFORE INSERT ON accounting_journalvoucher
FOR EACH ROW EXECUTE FUNCTION guard_journalvoucher_begins_as_draft();

-- guard journalvoucher_steps on accounting_journalvoucher
-- (G13, J1) What is posted stays as it is, and balances; a reversal is its exact negation.
CREATE OR REPLACE FUNCTION guard_journalvoucher_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' THEN
        PERFORM guard_stop('a journal voucher that is posted or discarded never changes: reverse it');
    END IF;
    IF OLD.id <> NEW.id OR OLD.legal_entity_id <> NEW.legal_entity_id
        OR OLD.reverses_id IS DISTINCT FROM NEW.reverses_id
    THEN
        PERFORM guard_stop('a journal voucher stays in its company, and reverses what it was written for');
    END IF;
    IF OLD.kind <> NEW.kind OR (OLD.kind = 'year_end' AND OLD.date <> NEW.date) THEN
        PERFORM guard_stop('a journal voucher keeps its kind, and the close of a fiscal year its day: discard it');
    END IF;
    IF NEW.status = 'posted' AND (
        (SELECT count(*) FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id) < 2
        OR EXISTS (
            SELECT 1 FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id AND base_amount IS NULL
        )
        OR EXISTS (
            SELECT 1 FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id
            GROUP BY currency HAVING sum(amount) <> 0
        )
        OR (SELECT sum(base_amount) FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id) <> 0
    ) THEN
        PERFORM guard_stop('a journal voucher balances in each currency and in that of its company before it is posted');
    END IF;
    IF NEW.status = 'posted' AND EXISTS (
        SELECT 1 FROM accounting_journalvoucherline
        WHERE journal_voucher_id = NEW.id AND first_part IS NOT NULL GROUP BY first_part
        HAVING sum(percent) <> 1000000 OR sum(amount) <> max(whole) OR min(whole) <> max(whole)
            OR min(position) <> first_part OR min(account_id) <> max(account_id) OR min(currency) <> max(currency)
    ) THEN
        PERFORM guard_stop('the parts of a divided amount come to 100 percent and to the amount: divide it anew');
    END IF;
    IF NEW.status = 'posted' AND NEW.reverses_id IS NOT NULL AND (
        EXISTS (
            SELECT 1 FROM accounting_journalvoucherline o
            WHERE o.journal_voucher_id = NEW.reverses_id AND NOT EXISTS (
                SELECT 1 FROM accounting_journalvoucherline l
                WHERE l.journal_voucher_id = NEW.id AND l.position = o.position AND l.account_id = o.account_id
                  AND l.currency = o.currency AND l.amount = -o.amount AND l.base_amount = -o.base_amount
                  AND l.customer_id IS NOT DISTINCT FROM o.customer_id
                  AND l.project_id IS NOT DISTINCT FROM o.project_id AND l.dimension = o.dimension
            )
        )
        OR (SELECT count(*) FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id)
            <> (SELECT count(*) FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.reverses_id)
    ) THEN
        PERFORM guard_stop('the reversal of a journal voucher is its exact negation, line by line');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_journalvoucher_steps BEFORE UPDATE ON accounting_journalvoucher
FOR EACH ROW EXECUTE FUNCTION guard_journalvoucher_steps();

-- guard journalvoucherline_is_of_a_draft on accounting_journalvoucherline
-- (G13) The ledger has the lines that were there when it was posted.
CREATE OR REPLACE FUNCTION guard_journalvoucherline_is_of_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line accounting_journalvoucherline%ROWTYPE;
BEGIN
    line := CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END;
    -- Held, so that a line written beside a posting comes before it, or is refused after it.
    PERFORM 1 FROM accounting_journalvoucher WHERE id = line.journal_voucher_id FOR SHARE;
    IF (SELECT status FROM accounting_journalvoucher WHERE id = line.journal_voucher_id) <> 'draft'
        OR (TG_OP = 'UPDATE' AND (NEW.journal_voucher_id <> OLD.journal_voucher_id OR NEW.id <> OLD.id))
    THEN
        PERFORM guard_stop('lines of a journal voucher that is posted or discarded never change: reverse it');
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_journalvoucherline_is_of_a_draft BEFORE INSERT OR UPDATE OR DELETE ON accounting_journalvoucherline
FOR EACH ROW EXECUTE FUNCTION guard_journalvoucherline_is_of_a_draft();

-- guard voucher_of_journal_voucher on accounting_voucher
-- (G13, S2) The second person stands in the ledger as well.
CREATE OR REPLACE FUNCTION guard_voucher_of_journal_voucher() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM accounting_journalvoucher j
        WHERE j.id = NEW.source_id AND j.status = 'posted' AND j.legal_entity_id = NEW.legal_entity_id
          AND j.date = NEW.date AND j.posted_by_id = NEW.posted_by_id AND j.written_by_id <> NEW.posted_by_id
    ) THEN
        PERFORM guard_stop('a journal voucher is in the ledger as it was posted: by another person, on its day');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_voucher_of_journal_voucher BEFORE INSERT ON accounting_voucher
FOR EACH ROW WHEN (NEW.source_kind = 'journal_voucher') EXECUTE FUNCTION guard_voucher_of_journal_voucher();
