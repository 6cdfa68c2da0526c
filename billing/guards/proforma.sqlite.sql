-- A proforma is drafted, confirmed and then frozen with its lines and details (I1, I2, I4), for
-- SQLite.

-- guard proforma_starts_as_a_draft on billing_proforma
-- (I4) Everything that confirming must fulfil is checked on the step from draft to confirmed.
CREATE TRIGGER guard_proforma_starts_as_a_draft BEFORE INSERT ON billing_proforma
WHEN NEW.status <> 'draft'
BEGIN
    SELECT RAISE(ABORT, 'a proforma starts as a draft: confirm it after that');
END;

-- guard proforma_steps on billing_proforma
-- (I4) The steps of the state machine in billing/models/proforma.py.
CREATE TRIGGER guard_proforma_steps BEFORE UPDATE ON billing_proforma
WHEN OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
    VALUES ('draft', 'in_review'), ('in_review', 'draft'), ('draft', 'confirmed'), ('in_review', 'confirmed'),
        ('confirmed', 'posted')
)
BEGIN
    SELECT RAISE(ABORT, 'a proforma is reviewed, confirmed and posted, and never goes back: write a correction');
END;

-- guard proforma_is_frozen on billing_proforma
-- (I1) What the customer is asked for does not change after the second approval; only status and invoice may follow.
CREATE TRIGGER guard_proforma_is_frozen BEFORE UPDATE ON billing_proforma
WHEN OLD.status NOT IN ('draft', 'in_review') AND (
    OLD.id, OLD.number, OLD.legal_entity_id, OLD.contract_id, OLD.customer_id, OLD.currency, OLD.description,
    OLD.invoice_date, OLD.cut_off_date, OLD.scheduled_for, OLD.sales_tax_group_id, OLD.net_amount,
    OLD.tax_amount, OLD.gross_amount, OLD.weighed_amount, OLD.lowered_advances, OLD.created_by_id, OLD.created_at,
    OLD.last_edited_by_id, OLD.confirmed_by_id, OLD.confirmed_at, OLD.event_id
) IS NOT (
    NEW.id, NEW.number, NEW.legal_entity_id, NEW.contract_id, NEW.customer_id, NEW.currency, NEW.description,
    NEW.invoice_date, NEW.cut_off_date, NEW.scheduled_for, NEW.sales_tax_group_id, NEW.net_amount,
    NEW.tax_amount, NEW.gross_amount, NEW.weighed_amount, NEW.lowered_advances, NEW.created_by_id, NEW.created_at,
    NEW.last_edited_by_id, NEW.confirmed_by_id, NEW.confirmed_at, NEW.event_id
)
BEGIN
    SELECT RAISE(ABORT, 'a confirmed proforma never changes: write a correction');
END;

-- guard proforma_is_stamped_once on billing_proforma
-- (I1) The customer knows the invoice by its number, so it cannot get another one.
CREATE TRIGGER guard_proforma_is_stamped_once BEFORE UPDATE ON billing_proforma
WHEN (
        OLD.customer_invoice_number, OLD.customer_invoice_date, OLD.customer_invoice_tax,
        OLD.customer_invoice_tax_group_id
    ) IS NOT (
        NEW.customer_invoice_number, NEW.customer_invoice_date, NEW.customer_invoice_tax,
        NEW.customer_invoice_tax_group_id
    )
    AND NOT (OLD.status = 'confirmed' AND NEW.status = 'posted')
BEGIN
    SELECT RAISE(ABORT, 'the number, date and tax of the customer invoice arrive when it is posted, once: post it');
END;

-- guard proforma_is_kept on billing_proforma
-- (I1) Its event and its billed sales name it.
CREATE TRIGGER guard_proforma_is_kept BEFORE DELETE ON billing_proforma
WHEN OLD.status NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'a confirmed proforma is never deleted: write a correction');
END;

-- guard proforma_adds_up on billing_proforma
-- (I2) Totals may lag behind while a draft is edited, never once it is confirmed.
CREATE TRIGGER guard_proforma_adds_up BEFORE UPDATE ON billing_proforma
WHEN OLD.status IN ('draft', 'in_review') AND NEW.status = 'confirmed'
BEGIN
    SELECT RAISE(ABORT, 'a proforma asks for the sum of its chargeable details: add it up before confirming')
    WHERE NEW.net_amount <> (
        SELECT coalesce(sum(d.amount), 0) FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id WHERE l.proforma_id = NEW.id AND d.billing_type = 1
    );

    SELECT RAISE(ABORT, 'each line is the sum of its chargeable details: add it up before confirming')
    WHERE EXISTS (
        SELECT 1 FROM billing_invoiceline l WHERE l.proforma_id = NEW.id AND l.amount <> (
            SELECT coalesce(sum(d.amount), 0) FROM billing_invoicelinedetail d
            WHERE d.line_id = l.id AND d.billing_type = 1
        )
    );

    SELECT RAISE(ABORT, 'each detail of a confirmed proforma has its work item: write the work items first')
    WHERE EXISTS (
        SELECT 1 FROM billing_invoicelinedetail d JOIN billing_invoiceline l ON l.id = d.line_id
        WHERE l.proforma_id = NEW.id AND d.actual_id IS NULL AND d.work_item_id IS NULL
    );

    SELECT RAISE(ABORT, 'what a correction takes back and what stays billed are on one proforma: move both')
    WHERE EXISTS (
        SELECT 1 FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        JOIN billing_invoicelinedetail c ON c.id = d.replaces_id
        WHERE l.proforma_id = NEW.id AND c.line_id <> d.line_id
    );
END;

-- guard line_of_draft_inserted on billing_invoiceline
-- (I1) A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_line_of_draft_inserted BEFORE INSERT ON billing_invoiceline
WHEN (SELECT status FROM billing_proforma WHERE id = NEW.proforma_id) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'lines of a confirmed proforma never change: write a correction');
END;

-- guard line_of_draft_updated on billing_invoiceline
-- (I1) A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_line_of_draft_updated BEFORE UPDATE ON billing_invoiceline
WHEN (SELECT status FROM billing_proforma WHERE id = OLD.proforma_id) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'lines of a confirmed proforma never change: write a correction');
END;

-- guard line_of_draft_deleted on billing_invoiceline
-- (I1) A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_line_of_draft_deleted BEFORE DELETE ON billing_invoiceline
WHEN (SELECT status FROM billing_proforma WHERE id = OLD.proforma_id) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'lines of a confirmed proforma never change: write a correction');
END;

-- guard line_stays_on_its_proforma on billing_invoiceline
-- (K2) Its details claim by contract line, customer and currency: moving the line would move all claims unchecked.
CREATE TRIGGER guard_line_stays_on_its_proforma BEFORE UPDATE ON billing_invoiceline
WHEN OLD.proforma_id <> NEW.proforma_id OR OLD.contract_line_id <> NEW.contract_line_id
BEGIN
    SELECT RAISE(ABORT, 'a line stays on its proforma and for its contract line: delete it and add another');
END;

-- guard detail_of_draft_inserted on billing_invoicelinedetail
-- (I1) A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_detail_of_draft_inserted BEFORE INSERT ON billing_invoicelinedetail
WHEN (
    SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE l.id = NEW.line_id
) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'details of a confirmed proforma never change: write a correction');
END;

-- guard detail_of_draft_updated on billing_invoicelinedetail
-- (I1) A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_detail_of_draft_updated BEFORE UPDATE ON billing_invoicelinedetail
WHEN (
    SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE l.id = OLD.line_id
) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'details of a confirmed proforma never change: write a correction');
END;

-- guard detail_of_draft_moved on billing_invoicelinedetail
-- (I1) The update is judged by the draft it leaves and, here, by the one it arrives at.
CREATE TRIGGER guard_detail_of_draft_moved BEFORE UPDATE ON billing_invoicelinedetail
WHEN OLD.line_id <> NEW.line_id AND (
    SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE l.id = NEW.line_id
) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'details of a confirmed proforma never change: write a correction');
END;

-- guard detail_of_draft_deleted on billing_invoicelinedetail
-- (I1) A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_detail_of_draft_deleted BEFORE DELETE ON billing_invoicelinedetail
WHEN (
    SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE l.id = OLD.line_id
) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'details of a confirmed proforma never change: write a correction');
END;
