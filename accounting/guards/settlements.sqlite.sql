-- Payments and settlements: nothing is settled twice, nor with what is not its own (C11), for SQLite.

-- guard payment_is_of_one_company on accounting_customerpayment
-- (C11) Money on the account of one company never pays another one; what takes a payment back is its negation.
CREATE TRIGGER guard_payment_is_of_one_company BEFORE INSERT ON accounting_customerpayment
BEGIN
    SELECT RAISE(ABORT, 'a payment is received by the company of its customer: choose a bank account of that company')
    WHERE (SELECT legal_entity_id FROM projects_customer WHERE id = NEW.customer_id) IS NOT
        (SELECT legal_entity_id FROM accounting_bankaccount WHERE id = NEW.bank_account_id);

    SELECT RAISE(ABORT, 'a bank booking is paid in once: reverse the payment that was entered for it')
    WHERE NEW.bank_booking_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM accounting_customerpayment p
        WHERE p.bank_booking_id = NEW.bank_booking_id
          -- One bank booking takes back several payments: each is noted on it.
          AND (NEW.reverses_id IS NULL OR p.reverses_id IS NULL)
          AND NOT EXISTS (
              SELECT 1 FROM accounting_customerpayment r WHERE r.reverses_id = p.id AND r.bank_booking_id IS NULL
          )
    );

    SELECT RAISE(ABORT, 'a bank booking that is set aside has no payment: bring it back first')
    WHERE NEW.bank_booking_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM accounting_setasidebooking a
        WHERE a.booking_id = NEW.bank_booking_id AND a.brought_back_at IS NULL
    );

    SELECT RAISE(ABORT, 'a booking takes back no more than the bank has booked: choose the payments that it is about')
    WHERE NEW.reverses_id IS NOT NULL AND NEW.bank_booking_id IS NOT NULL AND (
        SELECT b.amount FROM accounting_bankbooking b WHERE b.id = NEW.bank_booking_id
    ) > NEW.bank_amount + (
        SELECT coalesce(sum(p.bank_amount), 0) FROM accounting_customerpayment p
        WHERE p.bank_booking_id = NEW.bank_booking_id AND p.reverses_id IS NOT NULL
    );

    SELECT RAISE(ABORT, 'what takes a payment back is its exact negation, and is not taken back itself')
    WHERE NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_customerpayment p
        WHERE p.id = NEW.reverses_id AND p.reverses_id IS NULL AND p.customer_id = NEW.customer_id
          AND p.bank_account_id = NEW.bank_account_id AND p.currency = NEW.currency
          AND p.amount = -NEW.amount AND p.bank_amount = -NEW.bank_amount AND p.date <= NEW.date
    );
END;

-- guard set_aside_has_no_payment on accounting_setasidebooking
-- (C11) What has its payment is a payment.
CREATE TRIGGER guard_set_aside_has_no_payment BEFORE INSERT ON accounting_setasidebooking
BEGIN
    SELECT RAISE(ABORT, 'a bank booking with a payment is not set aside: reverse the payment first')
    WHERE EXISTS (
        SELECT 1 FROM accounting_customerpayment p
        WHERE p.bank_booking_id = NEW.booking_id AND NOT EXISTS (
            SELECT 1 FROM accounting_customerpayment r WHERE r.reverses_id = p.id AND r.bank_booking_id IS NULL
        )
    );

    SELECT RAISE(ABORT, 'a bank booking is set aside once: bring it back first')
    WHERE EXISTS (
        SELECT 1 FROM accounting_setasidebooking a WHERE a.booking_id = NEW.booking_id AND a.brought_back_at IS NULL
    );
END;

-- guard set_aside_is_brought_back_once on accounting_setasidebooking
-- (C11) Why a bank booking was no payment stays readable.
CREATE TRIGGER guard_set_aside_is_brought_back_once BEFORE UPDATE ON accounting_setasidebooking
BEGIN
    SELECT RAISE(ABORT, 'a bank booking is brought back once, and what was said of it is not changed: set it aside anew')
    WHERE OLD.brought_back_at IS NOT NULL OR NEW.brought_back_at IS NULL OR NEW.id IS NOT OLD.id
       OR NEW.booking_id IS NOT OLD.booking_id OR NEW.reason IS NOT OLD.reason
       OR NEW.set_aside_by_id IS NOT OLD.set_aside_by_id OR NEW.set_aside_at IS NOT OLD.set_aside_at;
END;

-- guard set_aside_is_kept on accounting_setasidebooking
-- (C11) Why a bank booking was no payment stays readable.
CREATE TRIGGER guard_set_aside_is_kept BEFORE DELETE ON accounting_setasidebooking
BEGIN
    SELECT RAISE(ABORT, 'what was said of a bank booking is kept: bring it back');
END;

-- guard writeoff_is_taken_back_whole on accounting_writeoff
-- (C11) Half of a difference taken back would leave the other half on nothing.
CREATE TRIGGER guard_writeoff_is_taken_back_whole BEFORE INSERT ON accounting_writeoff
WHEN NEW.reverses_id IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'what takes a write-off back is its exact negation, and is not taken back itself')
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_writeoff w
        WHERE w.id = NEW.reverses_id AND w.reverses_id IS NULL AND w.customer_id = NEW.customer_id
          AND w.currency = NEW.currency AND w.amount = -NEW.amount AND w.date <= NEW.date
    );
END;

-- guard discount_was_offered on accounting_writeoff
-- (C11) What an invoice did not offer, or not any more, nobody takes off its amount and its tax.
CREATE TRIGGER guard_discount_was_offered BEFORE INSERT ON accounting_writeoff
WHEN NEW.kind = 'discount' AND NEW.reverses_id IS NULL
BEGIN
    SELECT RAISE(ABORT, 'a cash discount is what its invoice offered, until that day: settle without it')
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_customerinvoice i
        WHERE i.id = NEW.invoice_id AND i.customer_id = NEW.customer_id AND i.currency = NEW.currency
          AND i.discount_until >= NEW.date AND NEW.amount BETWEEN 1 AND i.gross_amount
    );
END;

-- guard discount_tax_is_of_its_invoice on accounting_writeofftax
-- (C11, C15) The tax report takes it off the tax group, code and rate that the invoice was taxed under.
CREATE TRIGGER guard_discount_tax_is_of_its_invoice BEFORE INSERT ON accounting_writeofftax
BEGIN
    SELECT RAISE(ABORT, 'a cash discount lowers taxes that its invoice asks for: choose one of them')
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_writeoff w JOIN accounting_invoicetax t ON t.invoice_id = w.invoice_id
        WHERE w.id = NEW.write_off_id AND t.percent = NEW.percent AND t.tax_code_id IS NEW.tax_code_id
          AND t.sales_tax_group_id IS NEW.sales_tax_group_id
    );

    SELECT RAISE(ABORT, 'bases and taxes of a cash discount come to no more than the discount: divide it anew')
    WHERE EXISTS (
        SELECT 1 FROM accounting_writeoff w
        WHERE w.id = NEW.write_off_id AND NEW.base_amount + NEW.tax_amount + (
            SELECT coalesce(sum(t.base_amount + t.tax_amount), 0) FROM accounting_writeofftax t
            WHERE t.write_off_id = NEW.write_off_id
        ) NOT BETWEEN min(w.amount, 0) AND max(w.amount, 0)
    );
END;

-- guard settlement_is_sound on accounting_settlement
-- (C11, G6) Nothing is settled twice, with another customer's money, or in a period that has been reported.
CREATE TRIGGER guard_settlement_is_sound BEFORE INSERT ON accounting_settlement
BEGIN
    SELECT RAISE(ABORT, 'a settlement joins what one customer owes with what that customer is owed, in one company and currency')
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_customertransaction d
        JOIN accounting_customertransaction c ON c.id = NEW.credit_id
        WHERE d.id = NEW.debit_id AND d.amount > 0 AND c.amount < 0 AND d.customer_id = c.customer_id
          AND d.legal_entity_id = c.legal_entity_id AND d.currency = c.currency
    );

    SELECT RAISE(ABORT, 'what undoes a settlement is its exact negation, and is not undone itself')
    WHERE NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_settlement s
        WHERE s.id = NEW.reverses_id AND s.reverses_id IS NULL AND s.debit_id = NEW.debit_id
          AND s.credit_id = NEW.credit_id AND s.amount = -NEW.amount AND s.act = NEW.act
          AND s.debit_base = -NEW.debit_base AND s.credit_base = -NEW.credit_base
    );

    SELECT RAISE(ABORT, 'nothing is settled before both sides are in the books, nor before what was settled last: use a later date')
    WHERE EXISTS (
        SELECT 1 FROM accounting_customertransaction
        WHERE id IN (NEW.debit_id, NEW.credit_id) AND date > NEW.date
    ) OR EXISTS (SELECT 1 FROM accounting_settlement WHERE debit_id = NEW.debit_id AND date > NEW.date)
      OR EXISTS (SELECT 1 FROM accounting_settlement WHERE credit_id = NEW.credit_id AND date > NEW.date);

    SELECT RAISE(ABORT, 'a settlement never takes more than is open of either side: look at what is open now')
    WHERE EXISTS (
        SELECT 1 FROM accounting_customertransaction t
        WHERE t.id = NEW.debit_id AND NEW.amount + (
            SELECT coalesce(sum(amount), 0) FROM accounting_settlement WHERE debit_id = NEW.debit_id
        ) NOT BETWEEN 0 AND t.amount
    ) OR EXISTS (
        SELECT 1 FROM accounting_customertransaction t
        WHERE t.id = NEW.credit_id AND NEW.amount + (
            SELECT coalesce(sum(amount), 0) FROM accounting_settlement WHERE credit_id = NEW.credit_id
        ) NOT BETWEEN 0 AND -t.amount
    );

    SELECT RAISE(ABORT, 'what is settled in full leaves nothing in the currency of the company')
    WHERE EXISTS (
        SELECT 1 FROM accounting_customertransaction t, (
            SELECT NEW.amount + coalesce(sum(amount), 0) AS amount, NEW.debit_base + coalesce(sum(debit_base), 0) AS base
            FROM accounting_settlement WHERE debit_id = NEW.debit_id
        ) s
        WHERE t.id = NEW.debit_id
          AND (s.base NOT BETWEEN 0 AND t.base_amount OR (s.amount = t.amount) > (s.base = t.base_amount)
               OR (s.amount = 0) > (s.base = 0))
    ) OR EXISTS (
        SELECT 1 FROM accounting_customertransaction t, (
            SELECT NEW.amount + coalesce(sum(amount), 0) AS amount, NEW.credit_base + coalesce(sum(credit_base), 0) AS base
            FROM accounting_settlement WHERE credit_id = NEW.credit_id
        ) s
        WHERE t.id = NEW.credit_id
          AND (s.base NOT BETWEEN 0 AND -t.base_amount OR (s.amount = -t.amount) > (s.base = -t.base_amount)
               OR (s.amount = 0) > (s.base = 0))
    );

    SELECT RAISE(ABORT, 'nothing is settled in a closed period: choose a later date, or have it reopened')
    WHERE EXISTS (
        SELECT 1 FROM accounting_customertransaction t
        JOIN accounting_fiscalperiod f ON f.legal_entity_id = t.legal_entity_id
        WHERE t.id = NEW.debit_id AND NEW.date BETWEEN f.starts_on AND f.ends_on AND f.status = 'closed'
    ) OR EXISTS (
        SELECT 1 FROM accounting_customertransaction t JOIN projects_legalentity e ON e.id = t.legal_entity_id
        WHERE t.id = NEW.debit_id AND NEW.date <= e.locked_through
    );
END;
