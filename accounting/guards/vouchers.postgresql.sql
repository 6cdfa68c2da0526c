-- Vouchers that balance or do not exist, and closed periods (G1-G6), for PostgreSQL.

-- guard voucher_in_open_period on accounting_voucher
-- (G6) Figures of a closed period have been reported; a day of no period is in no report.
CREATE OR REPLACE FUNCTION guard_voucher_in_open_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Holding the periods makes a closing running beside this posting come first, or after. The checks
    -- are statements of their own, so that they see what the closing wrote while the lock was awaited. The lock
    -- date moves only together with a period, so the entity itself needs no lock.
    PERFORM 1 FROM accounting_fiscalperiod f
    WHERE EXISTS (
        SELECT 1 FROM (SELECT DISTINCT legal_entity_id, date FROM inserted) v
        WHERE v.legal_entity_id = f.legal_entity_id AND v.date BETWEEN f.starts_on AND f.ends_on
    )
    ORDER BY f.id FOR SHARE OF f;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT legal_entity_id, date FROM inserted) v
        JOIN accounting_fiscalperiod f
          ON f.legal_entity_id = v.legal_entity_id AND v.date BETWEEN f.starts_on AND f.ends_on
        WHERE f.status = 'closed'
    ) THEN
        PERFORM guard_stop('nothing is posted into a closed period: choose a later date, or have it reopened');
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT legal_entity_id, date FROM inserted) v
        WHERE NOT EXISTS (
            SELECT 1 FROM projects_fiscalspan s
            WHERE s.legal_entity_id = v.legal_entity_id AND v.date BETWEEN s.starts_on AND s.ends_on
        )
    ) THEN
        PERFORM guard_stop('nothing is posted on a day without a fiscal period: choose another date, or create it');
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT legal_entity_id, min(date) AS date FROM inserted GROUP BY legal_entity_id) v
        JOIN projects_legalentity e ON e.id = v.legal_entity_id
        WHERE v.date <= e.locked_through
    ) THEN
        PERFORM guard_stop('nothing is posted on or before the lock date: choose a later date');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_voucher_in_open_period AFTER INSERT ON accounting_voucher
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_voucher_in_open_period();

-- guard voucherline_inserted on accounting_voucherline
-- (G2, G4) The seal adds the lines up, so none may come after it; without a party the customer subledger
-- cannot equal its control account.
CREATE OR REPLACE FUNCTION guard_voucherline_inserted() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT voucher_id FROM inserted) b
        WHERE (SELECT true FROM accounting_voucherseal s WHERE s.voucher_id = b.voucher_id LIMIT 1)
    ) THEN
        PERFORM guard_stop('a sealed voucher takes no more lines: post another voucher');
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT account_id FROM inserted WHERE customer_id IS NULL) b
        WHERE (SELECT a.control = 'customer' FROM accounting_account a WHERE a.id = b.account_id LIMIT 1)
    ) THEN
        PERFORM guard_stop('a line on the control account of customers names its customer');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_voucherline_inserted AFTER INSERT ON accounting_voucherline
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_voucherline_inserted();

-- guard voucher_seal on accounting_voucherseal
-- (G1, G2) A voucher balances in each currency and in that of its entity, on accounts of its own entity.
CREATE OR REPLACE FUNCTION guard_voucher_seal() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM inserted s
        WHERE (SELECT v.seal_id = s.key FROM accounting_voucher v WHERE v.id = s.voucher_id LIMIT 1) IS NOT TRUE
    ) THEN
        PERFORM guard_stop('a seal closes the voucher that names it: use the key the voucher carries');
    END IF;
    IF EXISTS (
        SELECT 1 FROM inserted s
        WHERE (SELECT count(*) < 2 FROM accounting_voucherline l WHERE l.voucher_id = s.voucher_id)
    ) THEN
        PERFORM guard_stop('a voucher has at least two lines: write debit and credit before the seal');
    END IF;
    IF EXISTS (
        SELECT 1 FROM inserted s WHERE EXISTS (
            SELECT 1 FROM accounting_voucherline l WHERE l.voucher_id = s.voucher_id
            GROUP BY l.currency HAVING sum(l.amount) <> 0
        ) OR (SELECT sum(l.base_amount) <> 0 FROM accounting_voucherline l WHERE l.voucher_id = s.voucher_id)
    ) THEN
        PERFORM guard_stop('a voucher balances in each currency and in that of its entity: debit and credit differ');
    END IF;
    IF EXISTS (
        SELECT 1 FROM inserted s CROSS JOIN LATERAL (
            SELECT 1 FROM accounting_voucherline l
            WHERE l.voucher_id = s.voucher_id
              AND (SELECT a.legal_entity_id FROM accounting_account a WHERE a.id = l.account_id)
                  <> (SELECT v.legal_entity_id FROM accounting_voucher v WHERE v.id = s.voucher_id)
            OFFSET 0
        ) foreign_account
    ) THEN
        PERFORM guard_stop('a voucher moves accounts of its own legal entity alone');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_voucher_seal AFTER INSERT ON accounting_voucherseal
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_voucher_seal();
