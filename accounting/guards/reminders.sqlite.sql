-- Reminders: nobody is reminded twice at one level, of what is paid, or of what is stopped (C11), for SQLite.

-- guard reminder_item_is_due on accounting_reminderitem
-- (C11) A letter about what is paid, disputed or another customer's costs more trust than it brings money.
CREATE TRIGGER guard_reminder_item_is_due BEFORE INSERT ON accounting_reminderitem
BEGIN
    SELECT RAISE(ABORT, 'a reminder names overdue invoices of its own customer, company and currency')
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_reminder r JOIN accounting_customerinvoice i ON i.id = NEW.invoice_id
        WHERE r.id = NEW.reminder_id AND i.customer_id = r.customer_id AND i.currency = r.currency
          AND i.legal_entity_id = r.legal_entity_id AND NEW.due_date < r.date
          AND NEW.level BETWEEN 1 AND r.level AND NEW.level <= 3
    );

    SELECT RAISE(ABORT, 'levels of a reminder follow one another: send the level before first')
    WHERE NEW.level > 1 AND NOT EXISTS (
        SELECT 1 FROM accounting_reminderitem b
        WHERE b.invoice_id = NEW.invoice_id AND b.part = NEW.part AND b.level = NEW.level - 1
    );

    SELECT RAISE(ABORT, 'a reminder asks for no more than is open: look at what is open now')
    WHERE NEW.open_amount <= 0 OR NOT EXISTS (
        SELECT 1 FROM accounting_customertransaction t
        WHERE t.invoice_id = NEW.invoice_id AND NEW.open_amount <= t.amount - (
            SELECT coalesce(sum(amount), 0) FROM accounting_settlement WHERE debit_id = t.id
        )
    );

    SELECT RAISE(ABORT, 'reminders of this invoice or customer are stopped: lift the stop first')
    WHERE EXISTS (
        SELECT 1 FROM accounting_reminderstop s
        JOIN accounting_reminder r ON r.id = NEW.reminder_id AND r.customer_id = s.customer_id
        WHERE s.lifted_at IS NULL AND (s.until IS NULL OR s.until >= r.date)
          AND (s.invoice_id IS NULL OR s.invoice_id = NEW.invoice_id)
    );
END;

-- guard reminder_stop_is_lifted_once on accounting_reminderstop
-- (C11) Why somebody was not reminded stays readable.
CREATE TRIGGER guard_reminder_stop_is_lifted_once BEFORE UPDATE ON accounting_reminderstop
BEGIN
    SELECT RAISE(ABORT, 'a stop of reminders is lifted once and not changed otherwise: write another one')
    WHERE OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL OR NEW.id IS NOT OLD.id
       OR NEW.customer_id IS NOT OLD.customer_id OR NEW.invoice_id IS NOT OLD.invoice_id
       OR NEW.until IS NOT OLD.until OR NEW.reason IS NOT OLD.reason
       OR NEW.stopped_by_id IS NOT OLD.stopped_by_id OR NEW.stopped_at IS NOT OLD.stopped_at;
END;

-- guard reminder_stop_is_kept on accounting_reminderstop
-- (C11) Why somebody was not reminded stays readable.
CREATE TRIGGER guard_reminder_stop_is_kept BEFORE DELETE ON accounting_reminderstop
BEGIN
    SELECT RAISE(ABORT, 'a stop of reminders is kept: lift it');
END;

-- guard reminder_stop_is_of_its_customer on accounting_reminderstop
-- (C11) A disputed invoice stops reminders of its own customer.
CREATE TRIGGER guard_reminder_stop_is_of_its_customer BEFORE INSERT ON accounting_reminderstop
WHEN NEW.invoice_id IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a disputed invoice is one of the customer whose reminders are stopped')
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_customerinvoice WHERE id = NEW.invoice_id AND customer_id = NEW.customer_id
    );
END;
