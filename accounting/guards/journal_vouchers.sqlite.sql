-- Journal vouchers: written by one person, posted by another, and never changed afterwards (C6, G13, S2), for SQLite.

-- guard journalvoucher_is_kept on accounting_journalvoucher
-- (C6) What somebody has written by hand is read by whoever examines the books.
CREATE TRIGGER guard_journalvoucher_is_kept BEFORE DELETE ON accounting_journalvoucher
BEGIN
    SELECT RAISE(ABORT, 'journal vouchers are never deleted: discard a draft, reverse what is posted');
END;

-- guard journalvoucher_begins_as_draft on accounting_journalvoucher
-- (G13) What begins as posted has had no second person; what reverses nothing that is posted reverses nothing.
CREATE TRIGGER guard_journalvoucher_begins_as_draft BEFORE INSERT ON accounting_journalvoucher
BEGIN
    SELECT RAISE(ABORT, 'journal vouchers are not replaced: write another one')
    WHERE EXISTS (
        SELECT 1 FROM accounting_journalvoucher
        WHERE id = NEW.id OR (reverses_id = NEW.reverses_id AND status IN ('draft', 'posted'))
    );

    SELECT RAISE(ABORT, 'a journal voucher begins as a draft: another person posts it')
    WHERE NEW.status <> 'draft';

    SELECT RAISE(ABORT, 'a journal voucher reverses a posted one of its company, on its day or later')
    WHERE NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_journalvoucher o
        WHERE o.id = NEW.reverses_id AND o.status = 'posted' AND o.reverses_id IS NULL
          AND o.legal_entity_id = NEW.legal_entity_id AND o.date <= NEW.date
    );

    SELECT RAISE(ABORT, 'the reversal of the close of a fiscal year is one as well, of the same day')
    WHERE NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_journalvoucher o
        WHERE o.id = NEW.reverses_id AND o.kind = NEW.kind AND (o.kind <> 'year_end' OR o.date = NEW.date)
    );

    SELECT RAISE(ABORT, 'a fiscal year is closed once: reverse its close before another one')
    WHERE NEW.kind = 'year_end' AND NEW.reverses_id IS NULL AND EXISTS (
        SELECT 1 FROM accounting_journalvoucher o
        WHERE o.kind = 'year_end' AND o.reverses_id IS NULL AND o.status IN ('draft', 'posted')
          AND o.legal_entity_id = NEW.legal_entity_id AND o.date = NEW.date
          AND NOT EXISTS (
              SELECT 1 FROM accounting_journalvoucher r WHERE r.reverses_id = o.id AND r.status = 'posted'
          )
    );
END;

-- guard journalvoucher_steps on accounting_journalvoucher
-- (G13, J1) What is posted stays as it is, and balances; a reversal is its exact negation.
CREATE TRIGGER guard_journalvoucher_steps BEFORE UPDATE ON accounting_journalvoucher
BEGIN
    SELECT RAISE(ABORT, 'a journal voucher that is posted or discarded never changes: reverse it')
    WHERE OLD.status <> 'draft';

    SELECT RAISE(ABORT, 'a journal voucher stays in its company, and reverses what it was written for')
    WHERE OLD.id <> NEW.id OR OLD.legal_entity_id <> NEW.legal_entity_id OR OLD.reverses_id IS NOT NEW.reverses_id;

    SELECT RAISE(ABORT, 'a journal voucher keeps its kind, and the close of a fiscal year its day: discard it')
    WHERE OLD.kind <> NEW.kind OR (OLD.kind = 'year_end' AND OLD.date <> NEW.date);

    SELECT RAISE(ABORT, 'a journal voucher balances in each currency and in that of its company before it is posted')
    WHERE NEW.status = 'posted' AND (
        (SELECT count(*) FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id) < 2
        OR EXISTS (
            SELECT 1 FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id AND base_amount IS NULL
        )
        OR EXISTS (
            SELECT 1 FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id
            GROUP BY currency HAVING sum(amount) <> 0
        )
        OR (SELECT sum(base_amount) FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id) <> 0
    );

    SELECT RAISE(ABORT, 'the parts of a divided amount come to 100 percent and to the amount: divide it anew')
    WHERE NEW.status = 'posted' AND EXISTS (
        SELECT 1 FROM accounting_journalvoucherline
        WHERE journal_voucher_id = NEW.id AND first_part IS NOT NULL GROUP BY first_part
        HAVING sum(percent) <> 1000000 OR sum(amount) <> max(whole) OR min(whole) <> max(whole)
            OR min(position) <> first_part OR min(account_id) <> max(account_id) OR min(currency) <> max(currency)
    );

    SELECT RAISE(ABORT, 'the reversal of a journal voucher is its exact negation, line by line')
    WHERE NEW.status = 'posted' AND NEW.reverses_id IS NOT NULL AND (
        EXISTS (
            SELECT 1 FROM accounting_journalvoucherline o
            WHERE o.journal_voucher_id = NEW.reverses_id AND NOT EXISTS (
                SELECT 1 FROM accounting_journalvoucherline l
                WHERE l.journal_voucher_id = NEW.id AND l.position = o.position AND l.account_id = o.account_id
                  AND l.currency = o.currency AND l.amount = -o.amount AND l.base_amount = -o.base_amount
                  AND l.customer_id IS o.customer_id AND l.project_id IS o.project_id AND l.dimension = o.dimension
            )
        )
        OR (SELECT count(*) FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.id)
            <> (SELECT count(*) FROM accounting_journalvoucherline WHERE journal_voucher_id = NEW.reverses_id)
    );
END;

-- guard journalvoucherline_inserted on accounting_journalvoucherline
-- (G13) The ledger has the lines that were there when it was posted.
CREATE TRIGGER guard_journalvoucherline_inserted BEFORE INSERT ON accounting_journalvoucherline
WHEN (SELECT status FROM accounting_journalvoucher WHERE id = NEW.journal_voucher_id) <> 'draft'
BEGIN
    SELECT RAISE(ABORT, 'lines of a journal voucher that is posted or discarded never change: reverse it');
END;

-- guard journalvoucherline_updated on accounting_journalvoucherline
-- (G13) The ledger has the lines that were there when it was posted.
CREATE TRIGGER guard_journalvoucherline_updated BEFORE UPDATE ON accounting_journalvoucherline
WHEN (SELECT status FROM accounting_journalvoucher WHERE id = OLD.journal_voucher_id) <> 'draft'
  OR NEW.journal_voucher_id <> OLD.journal_voucher_id OR NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'lines of a journal voucher that is posted or discarded never change: reverse it');
END;

-- guard journalvoucherline_deleted on accounting_journalvoucherline
-- (G13) The ledger has the lines that were there when it was posted.
CREATE TRIGGER guard_journalvoucherline_deleted BEFORE DELETE ON accounting_journalvoucherline
WHEN (SELECT status FROM accounting_journalvoucher WHERE id = OLD.journal_voucher_id) <> 'draft'
BEGIN
    SELECT RAISE(ABORT, 'lines of a journal voucher that is posted or discarded never change: reverse it');
END;

-- guard voucher_of_journal_voucher on accounting_voucher
-- (G13, S2) The second person stands in the ledger as well.
CREATE TRIGGER guard_voucher_of_journal_voucher BEFORE INSERT ON accounting_voucher
WHEN NEW.source_kind = 'journal_voucher'
BEGIN
    SELECT RAISE(ABORT, 'a journal voucher is in the ledger as it was posted: by another person, on its day')
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_journalvoucher j
        WHERE j.id = NEW.source_id AND j.status = 'posted' AND j.legal_entity_id = NEW.legal_entity_id
          AND j.date = NEW.date AND j.posted_by_id = NEW.posted_by_id AND j.written_by_id <> NEW.posted_by_id
    );
END;
