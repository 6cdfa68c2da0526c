-- Vouchers that balance or do not exist, and closed periods (G1-G6), for SQLite.
-- CROSS JOIN keeps the order as written: from the lines of the voucher to their accounts.

-- guard voucher_in_open_period on accounting_voucher
-- (G6) Figures of a closed period have been reported; a day of no period is in no report.
CREATE TRIGGER guard_voucher_in_open_period BEFORE INSERT ON accounting_voucher
BEGIN
    SELECT RAISE(ABORT, 'nothing is posted into a closed period: choose a later date, or have it reopened')
    WHERE EXISTS (
        SELECT 1 FROM accounting_fiscalperiod
        WHERE legal_entity_id = NEW.legal_entity_id AND NEW.date BETWEEN starts_on AND ends_on
          AND status = 'closed'
    );

    SELECT RAISE(ABORT, 'nothing is posted on a day without a fiscal period: choose another date, or create it')
    WHERE NOT EXISTS (
        SELECT 1 FROM projects_fiscalspan
        WHERE legal_entity_id = NEW.legal_entity_id AND NEW.date BETWEEN starts_on AND ends_on
    );

    SELECT RAISE(ABORT, 'nothing is posted on or before the lock date: choose a later date')
    WHERE EXISTS (
        SELECT 1 FROM projects_legalentity WHERE id = NEW.legal_entity_id AND NEW.date <= locked_through
    );
END;

-- guard voucherline_before_seal on accounting_voucherline
-- (G2) The seal adds the lines up, so none may come after it.
CREATE TRIGGER guard_voucherline_before_seal BEFORE INSERT ON accounting_voucherline
WHEN EXISTS (SELECT 1 FROM accounting_voucherseal WHERE voucher_id = NEW.voucher_id)
BEGIN
    SELECT RAISE(ABORT, 'a sealed voucher takes no more lines: post another voucher');
END;

-- guard voucherline_names_customer on accounting_voucherline
-- (G4) Without a party the subledger cannot equal its control account.
CREATE TRIGGER guard_voucherline_names_customer BEFORE INSERT ON accounting_voucherline
WHEN NEW.customer_id IS NULL AND EXISTS (
    SELECT 1 FROM accounting_account WHERE id = NEW.account_id AND control = 'customer'
)
BEGIN
    SELECT RAISE(ABORT, 'a line on the control account of customers names its customer');
END;

-- guard voucher_seal on accounting_voucherseal
-- (G1, G2) A voucher balances in each currency and in that of its entity, on accounts of its own entity.
CREATE TRIGGER guard_voucher_seal BEFORE INSERT ON accounting_voucherseal
BEGIN
    SELECT RAISE(ABORT, 'a seal closes the voucher that names it: use the key the voucher carries')
    WHERE NOT EXISTS (SELECT 1 FROM accounting_voucher WHERE id = NEW.voucher_id AND seal_id = NEW.key);

    SELECT RAISE(ABORT, 'a voucher has at least two lines: write debit and credit before the seal')
    WHERE (SELECT count(*) FROM accounting_voucherline WHERE voucher_id = NEW.voucher_id) < 2;

    SELECT RAISE(ABORT, 'a voucher balances in each currency and in that of its entity: debit and credit differ')
    WHERE EXISTS (
        SELECT 1 FROM accounting_voucherline WHERE voucher_id = NEW.voucher_id
        GROUP BY currency HAVING sum(amount) <> 0
    ) OR (SELECT sum(base_amount) FROM accounting_voucherline WHERE voucher_id = NEW.voucher_id) <> 0;

    SELECT RAISE(ABORT, 'a voucher moves accounts of its own legal entity alone')
    WHERE EXISTS (
        SELECT 1 FROM accounting_voucherline l
        CROSS JOIN accounting_account a ON a.id = l.account_id
        WHERE l.voucher_id = NEW.voucher_id AND a.legal_entity_id <> (
            SELECT legal_entity_id FROM accounting_voucher WHERE id = NEW.voucher_id
        )
    );
END;
