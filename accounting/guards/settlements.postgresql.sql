-- Payments and settlements: nothing is settled twice, nor with what is not its own (C11), for PostgreSQL.

-- guard payment_is_of_one_company on accounting_customerpayment
-- (C11) Money on the account of one company never pays another one; what takes a payment back is its negation.
CREATE OR REPLACE FUNCTION guard_payment_is_of_one_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT legal_entity_id FROM projects_customer WHERE id = NEW.customer_id) IS DISTINCT FROM
        (SELECT legal_entity_id FROM accounting_bankaccount WHERE id = NEW.bank_account_id)
    THEN
        PERFORM guard_stop('a payment is received by the company of its customer: choose a bank account of that company');
    END IF;
    IF NEW.bank_booking_id IS NOT NULL THEN
        -- Held, so that two who enter the same booking come one after the other.
        PERFORM 1 FROM accounting_bankbooking WHERE id = NEW.bank_booking_id FOR NO KEY UPDATE;
        IF EXISTS (
            SELECT 1 FROM accounting_customerpayment p
            WHERE p.bank_booking_id = NEW.bank_booking_id
              -- One bank booking takes back several payments: each is noted on it.
              AND (NEW.reverses_id IS NULL OR p.reverses_id IS NULL)
              AND NOT EXISTS (
                  SELECT 1 FROM accounting_customerpayment r WHERE r.reverses_id = p.id AND r.bank_booking_id IS NULL
              )
        ) THEN
            PERFORM guard_stop('a bank booking is paid in once: reverse the payment that was entered for it');
        END IF;
        IF EXISTS (
            SELECT 1 FROM accounting_setasidebooking a
            WHERE a.booking_id = NEW.bank_booking_id AND a.brought_back_at IS NULL
        ) THEN
            PERFORM guard_stop('a bank booking that is set aside has no payment: bring it back first');
        END IF;
        IF NEW.reverses_id IS NOT NULL AND (
            SELECT b.amount FROM accounting_bankbooking b WHERE b.id = NEW.bank_booking_id
        ) > NEW.bank_amount + (
            SELECT coalesce(sum(p.bank_amount), 0) FROM accounting_customerpayment p
            WHERE p.bank_booking_id = NEW.bank_booking_id AND p.reverses_id IS NOT NULL
        ) THEN
            PERFORM guard_stop('a booking takes back no more than the bank has booked: choose the payments that it is about');
        END IF;
    END IF;
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_customerpayment p
        WHERE p.id = NEW.reverses_id AND p.reverses_id IS NULL AND p.customer_id = NEW.customer_id
          AND p.bank_account_id = NEW.bank_account_id AND p.currency = NEW.currency
          AND p.amount = -NEW.amount AND p.bank_amount = -NEW.bank_amount AND p.date <= NEW.date
    ) THEN
        PERFORM guard_stop('what takes a payment back is its exact negation, and is not taken back itself');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_payment_is_of_one_company BEFORE INSERT ON accounting_customerpayment
FOR EACH ROW EXECUTE FUNCTION guard_payment_is_of_one_company();

-- guard set_aside_has_no_payment on accounting_setasidebooking
-- (C11) What has its payment is a payment.
CREATE OR REPLACE FUNCTION guard_set_aside_has_no_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Held, so that whoever enters its payment comes before or after.
    PERFORM 1 FROM accounting_bankbooking WHERE id = NEW.booking_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM accounting_customerpayment p
        WHERE p.bank_booking_id = NEW.booking_id AND NOT EXISTS (
            SELECT 1 FROM accounting_customerpayment r WHERE r.reverses_id = p.id AND r.bank_booking_id IS NULL
        )
    ) THEN
        PERFORM guard_stop('a bank booking with a payment is not set aside: reverse the payment first');
    END IF;
    IF EXISTS (
        SELECT 1 FROM accounting_setasidebooking a WHERE a.booking_id = NEW.booking_id AND a.brought_back_at IS NULL
    ) THEN
        PERFORM guard_stop('a bank booking is set aside once: bring it back first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_set_aside_has_no_payment BEFORE INSERT ON accounting_setasidebooking
FOR EACH ROW EXECUTE FUNCTION guard_set_aside_has_no_payment();

-- guard set_aside_is_brought_back_once on accounting_setasidebooking
-- (C11) Why a bank booking was no payment stays readable.
CREATE OR REPLACE FUNCTION guard_set_aside_is_brought_back_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.brought_back_at IS NOT NULL OR NEW.brought_back_at IS NULL OR NEW.id IS DISTINCT FROM OLD.id
       OR NEW.booking_id IS DISTINCT FROM OLD.booking_id OR NEW.reason IS DISTINCT FROM OLD.reason
       OR NEW.set_aside_by_id IS DISTINCT FROM OLD.set_aside_by_id
       OR NEW.set_aside_at IS DISTINCT FROM OLD.set_aside_at
    THEN
        PERFORM guard_stop('a bank booking is brought back once, and what was said of it is not changed: set it aside anew');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_set_aside_is_brought_back_once BEFORE UPDATE ON accounting_setasidebooking
FOR EACH ROW EXECUTE FUNCTION guard_set_aside_is_brought_back_once();

-- guard set_aside_is_kept on accounting_setasidebooking
-- (C11) Why a bank booking was no payment stays readable.
CREATE TRIGGER guard_set_aside_is_kept BEFORE DELETE ON accounting_setasidebooking
FOR EACH ROW EXECUTE FUNCTION guard_refuse('what was said of a bank booking is kept: bring it back');

-- guard writeoff_is_taken_back_whole on accounting_writeoff
-- (C11) Half of a difference taken back would leave the other half on nothing.
CREATE OR REPLACE FUNCTION guard_writeoff_is_taken_back_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM accounting_writeoff w
        WHERE w.id = NEW.reverses_id AND w.reverses_id IS NULL AND w.customer_id = NEW.customer_id
          AND w.currency = NEW.currency AND w.amount = -NEW.amount AND w.date <= NEW.date
    ) THEN
        PERFORM guard_stop('what takes a write-off back is its exact negation, and is not taken back itself');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_writeoff_is_taken_back_whole BEFORE INSERT ON accounting_writeoff
FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION guard_writeoff_is_taken_back_whole();

-- guard discount_was_offered on accounting_writeoff
-- (C11) What an invoice did not offer, or not any more, nobody takes off its amount and its tax.
CREATE OR REPLACE FUNCTION guard_discount_was_offered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM accounting_customerinvoice i
        WHERE i.id = NEW.invoice_id AND i.customer_id = NEW.customer_id AND i.currency = NEW.currency
          AND i.discount_until >= NEW.date AND NEW.amount BETWEEN 1 AND i.gross_amount
    ) THEN
        PERFORM guard_stop('a cash discount is what its invoice offered, until that day: settle without it');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_discount_was_offered BEFORE INSERT ON accounting_writeoff
FOR EACH ROW WHEN (NEW.kind = 'discount' AND NEW.reverses_id IS NULL) EXECUTE FUNCTION guard_discount_was_offered();

-- guard discount_tax_is_of_its_invoice on accounting_writeofftax
-- (C11, C15) The tax report takes it off the tax group, code and rate that the invoice was taxed under.
CREATE OR REPLACE FUNCTION guard_discount_tax_is_of_its_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off accounting_writeoff%ROWTYPE;
BEGIN
    SELECT * INTO off FROM accounting_writeoff WHERE id = NEW.write_off_id;
    IF NOT EXISTS (
        SELECT 1 FROM accounting_invoicetax t
        WHERE t.invoice_id = off.invoice_id AND t.percent = NEW.percent
          AND t.tax_code_id IS NOT DISTINCT FROM NEW.tax_code_id
          AND t.sales_tax_group_id IS NOT DISTINCT FROM NEW.sales_tax_group_id
    ) THEN
        PERFORM guard_stop('a cash discount lowers taxes that its invoice asks for: choose one of them');
    END IF;
    IF NEW.base_amount + NEW.tax_amount + (
        SELECT coalesce(sum(t.base_amount + t.tax_amount), 0) FROM accounting_writeofftax t
        WHERE t.write_off_id = NEW.write_off_id
    ) NOT BETWEEN least(off.amount, 0) AND greatest(off.amount, 0) THEN
        PERFORM guard_stop('bases and taxes of a cash discount come to no more than the discount: divide it anew');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_discount_tax_is_of_its_invoice BEFORE INSERT ON accounting_writeofftax
FOR EACH ROW EXECUTE FUNCTION guard_discount_tax_is_of_its_invoice();

-- guard settlement_is_sound on accounting_settlement
-- (C11, G6) Nothing is settled twice, with another customer's money, or in a period that has been reported.
CREATE OR REPLACE FUNCTION guard_settlement_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owed accounting_customertransaction%ROWTYPE;
    had accounting_customertransaction%ROWTYPE;
    of_debit record;
    of_credit record;
BEGIN
    -- Held in order of key, so that two who settle the same rows come one after the other: each check is a
    -- statement of its own and sees what the other one wrote.
    PERFORM 1 FROM accounting_customertransaction WHERE id IN (NEW.debit_id, NEW.credit_id)
    ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO owed FROM accounting_customertransaction WHERE id = NEW.debit_id;
    SELECT * INTO had FROM accounting_customertransaction WHERE id = NEW.credit_id;
    IF (owed.amount > 0 AND had.amount < 0 AND owed.customer_id = had.customer_id
        AND owed.legal_entity_id = had.legal_entity_id AND owed.currency = had.currency) IS NOT TRUE
    THEN
        PERFORM guard_stop('a settlement joins what one customer owes with what that customer is owed, in one company and currency');
    END IF;
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_settlement s
        WHERE s.id = NEW.reverses_id AND s.reverses_id IS NULL AND s.debit_id = NEW.debit_id
          AND s.credit_id = NEW.credit_id AND s.amount = -NEW.amount AND s.act = NEW.act
          AND s.debit_base = -NEW.debit_base AND s.credit_base = -NEW.credit_base
    ) THEN
        PERFORM guard_stop('what undoes a settlement is its exact negation, and is not undone itself');
    END IF;
    SELECT NEW.amount + coalesce(sum(amount), 0) AS amount, NEW.debit_base + coalesce(sum(debit_base), 0) AS base,
           max(date) AS last
    INTO of_debit FROM accounting_settlement WHERE debit_id = NEW.debit_id;
    SELECT NEW.amount + coalesce(sum(amount), 0) AS amount, NEW.credit_base + coalesce(sum(credit_base), 0) AS base,
           max(date) AS last
    INTO of_credit FROM accounting_settlement WHERE credit_id = NEW.credit_id;
    IF NEW.date < greatest(owed.date, had.date, of_debit.last, of_credit.last) THEN
        PERFORM guard_stop('nothing is settled before both sides are in the books, nor before what was settled last: use a later date');
    END IF;
    IF of_debit.amount NOT BETWEEN 0 AND owed.amount OR of_credit.amount NOT BETWEEN 0 AND -had.amount THEN
        PERFORM guard_stop('a settlement never takes more than is open of either side: look at what is open now');
    END IF;
    IF of_debit.base NOT BETWEEN 0 AND owed.base_amount OR of_credit.base NOT BETWEEN 0 AND -had.base_amount
        OR (of_debit.amount = owed.amount AND of_debit.base <> owed.base_amount)
        OR (of_credit.amount = -had.amount AND of_credit.base <> -had.base_amount)
        OR (of_debit.amount = 0 AND of_debit.base <> 0) OR (of_credit.amount = 0 AND of_credit.base <> 0)
    THEN
        PERFORM guard_stop('what is settled in full leaves nothing in the currency of the company');
    END IF;
    PERFORM 1 FROM accounting_fiscalperiod f
    WHERE f.legal_entity_id = owed.legal_entity_id AND NEW.date BETWEEN f.starts_on AND f.ends_on
    ORDER BY f.id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM accounting_fiscalperiod f
        WHERE f.legal_entity_id = owed.legal_entity_id AND NEW.date BETWEEN f.starts_on AND f.ends_on
          AND f.status = 'closed'
    ) OR EXISTS (
        SELECT 1 FROM projects_legalentity e WHERE e.id = owed.legal_entity_id AND NEW.date <= e.locked_through
    ) THEN
        PERFORM guard_stop('nothing is settled in a closed period: choose a later date, or have it reopened');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_settlement_is_sound BEFORE INSERT ON accounting_settlement
FOR EACH ROW EXECUTE FUNCTION guard_settlement_is_sound();
