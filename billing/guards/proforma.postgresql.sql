-- A proforma is drafted, confirmed and then frozen with its lines and details (I1, I2, I4), for
-- PostgreSQL.

-- guard proforma_starts_as_a_draft on billing_proforma
-- (I4) Everything that confirming must fulfil is checked on the step from draft to confirmed.
CREATE TRIGGER guard_proforma_starts_as_a_draft BEFORE INSERT ON billing_proforma
FOR EACH ROW WHEN (NEW.status <> 'draft')
EXECUTE FUNCTION guard_refuse('a proforma starts as a draft: confirm it after that');

-- guard proforma_steps on billing_proforma
-- (I4) The steps of the state machine in billing/models/proforma.py.
CREATE TRIGGER guard_proforma_steps BEFORE UPDATE ON billing_proforma
FOR EACH ROW WHEN (
    OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('draft', 'in_review'), ('in_review', 'draft'), ('draft', 'confirmed'), ('in_review', 'confirmed'),
        ('confirmed', 'posted')
    )
)
EXECUTE FUNCTION guard_refuse('a proforma is reviewed, confirmed and posted, and never goes back: write a correction');

-- guard proforma_is_frozen on billing_proforma
-- (I1) What the customer is asked for does not change after the second approval; only status and invoice may follow.
CREATE TRIGGER guard_proforma_is_frozen BEFORE UPDATE ON billing_proforma
FOR EACH ROW WHEN (
    OLD.status NOT IN ('draft', 'in_review')
    AND to_jsonb(OLD) - ARRAY[
        'status', 'customer_invoice_number', 'customer_invoice_date', 'customer_invoice_tax', 'customer_invoice_tax_group_id'
    ]
        IS DISTINCT FROM
        to_jsonb(NEW) - ARRAY[
        'status', 'customer_invoice_number', 'customer_invoice_date', 'customer_invoice_tax', 'customer_invoice_tax_group_id'
    ]
)
EXECUTE FUNCTION guard_refuse('a confirmed proforma never changes: write a correction');

-- guard proforma_is_stamped_once on billing_proforma
-- (I1) The customer knows the invoice by its number, so it cannot get another one.
CREATE TRIGGER guard_proforma_is_stamped_once BEFORE UPDATE ON billing_proforma
FOR EACH ROW WHEN (
    (
        OLD.customer_invoice_number, OLD.customer_invoice_date, OLD.customer_invoice_tax,
        OLD.customer_invoice_tax_group_id
    ) IS DISTINCT FROM (
        NEW.customer_invoice_number, NEW.customer_invoice_date, NEW.customer_invoice_tax,
        NEW.customer_invoice_tax_group_id
    )
    AND NOT (OLD.status = 'confirmed' AND NEW.status = 'posted')
)
EXECUTE FUNCTION guard_refuse('the number, date and tax of the customer invoice arrive when it is posted, once: post it');

-- guard proforma_is_kept on billing_proforma
-- (I1) Its event and its billed sales name it.
CREATE TRIGGER guard_proforma_is_kept BEFORE DELETE ON billing_proforma
FOR EACH ROW WHEN (OLD.status NOT IN ('draft', 'in_review'))
EXECUTE FUNCTION guard_refuse('a confirmed proforma is never deleted: write a correction');

-- guard proforma_is_not_emptied on billing_proforma
-- (I1) TRUNCATE fires no row triggers.
CREATE TRIGGER guard_proforma_is_not_emptied BEFORE TRUNCATE ON billing_proforma
FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse('confirmed proformas are never deleted: delete drafts one by one');

-- guard invoiceline_is_not_emptied on billing_invoiceline
-- (I1) TRUNCATE fires no row triggers.
CREATE TRIGGER guard_invoiceline_is_not_emptied BEFORE TRUNCATE ON billing_invoiceline
FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse('lines of confirmed proformas are never deleted: delete drafts one by one');

-- guard detail_is_not_emptied on billing_invoicelinedetail
-- (I1) TRUNCATE fires no row triggers.
CREATE TRIGGER guard_detail_is_not_emptied BEFORE TRUNCATE ON billing_invoicelinedetail
FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse('details of confirmed proformas are never deleted: delete drafts one by one');

-- guard proforma_adds_up on billing_proforma
-- (I2) Totals may lag behind while a draft is edited, never once it is confirmed.
CREATE OR REPLACE FUNCTION guard_proforma_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.net_amount <> (
        SELECT coalesce(sum(d.amount), 0) FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id WHERE l.proforma_id = NEW.id AND d.billing_type = 1
    ) THEN
        PERFORM guard_stop('a proforma asks for the sum of its chargeable details: add it up before confirming');
    END IF;
    IF EXISTS (
        SELECT 1 FROM billing_invoiceline l WHERE l.proforma_id = NEW.id AND l.amount <> (
            SELECT coalesce(sum(d.amount), 0) FROM billing_invoicelinedetail d
            WHERE d.line_id = l.id AND d.billing_type = 1
        )
    ) THEN
        PERFORM guard_stop('each line is the sum of its chargeable details: add it up before confirming');
    END IF;
    IF EXISTS (
        SELECT 1 FROM billing_invoicelinedetail d JOIN billing_invoiceline l ON l.id = d.line_id
        WHERE l.proforma_id = NEW.id AND d.actual_id IS NULL AND d.work_item_id IS NULL
    ) THEN
        PERFORM guard_stop('each detail of a confirmed proforma has its work item: write the work items first');
    END IF;
    IF EXISTS (
        SELECT 1 FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        JOIN billing_invoicelinedetail c ON c.id = d.replaces_id
        WHERE l.proforma_id = NEW.id AND c.line_id <> d.line_id
    ) THEN
        PERFORM guard_stop('what a correction takes back and what stays billed are on one proforma: move both');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_proforma_adds_up BEFORE UPDATE ON billing_proforma
FOR EACH ROW WHEN (OLD.status IN ('draft', 'in_review') AND NEW.status = 'confirmed')
EXECUTE FUNCTION guard_proforma_adds_up();

-- guard line_of_draft_inserted on billing_invoiceline
-- (I1) A proforma that was confirmed stays as it was confirmed, line by line.
CREATE OR REPLACE FUNCTION guard_lines_of_drafts() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    -- Holding the parent makes a confirmation running beside this one come first, or after (D4). The check is
    -- a statement of its own, so that it sees what was confirmed while the lock was awaited.
    PERFORM 1 FROM billing_proforma
    WHERE id = ANY (ARRAY (SELECT DISTINCT proforma_id FROM touched)) ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM billing_proforma
        WHERE id = ANY (ARRAY (SELECT DISTINCT proforma_id FROM touched)) AND status NOT IN ('draft', 'in_review')
    ) THEN
        PERFORM guard_stop('lines of a confirmed proforma never change: write a correction');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_line_of_draft_inserted AFTER INSERT ON billing_invoiceline
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_lines_of_drafts();

-- guard line_of_draft_updated on billing_invoiceline
-- A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_line_of_draft_updated AFTER UPDATE ON billing_invoiceline
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_lines_of_drafts();

-- guard line_of_draft_deleted on billing_invoiceline
-- A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_line_of_draft_deleted AFTER DELETE ON billing_invoiceline
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_lines_of_drafts();

-- guard line_stays_on_its_proforma on billing_invoiceline
-- (K2) Its details claim by contract line, customer and currency: moving the line would move all claims unchecked.
CREATE TRIGGER guard_line_stays_on_its_proforma BEFORE UPDATE ON billing_invoiceline
FOR EACH ROW WHEN (OLD.proforma_id <> NEW.proforma_id OR OLD.contract_line_id <> NEW.contract_line_id)
EXECUTE FUNCTION guard_refuse('a line stays on its proforma and for its contract line: delete it and add another');

-- guard detail_of_draft_inserted on billing_invoicelinedetail
-- (I1) A proforma that was confirmed stays as it was confirmed, line by line.
CREATE OR REPLACE FUNCTION guard_details_of_drafts() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    parents bigint[];
BEGIN
    parents := ARRAY (
        SELECT DISTINCT l.proforma_id FROM billing_invoiceline l
        WHERE l.id = ANY (ARRAY (SELECT DISTINCT line_id FROM touched))
    );
    PERFORM 1 FROM billing_proforma WHERE id = ANY (parents) ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM billing_proforma WHERE id = ANY (parents) AND status NOT IN ('draft', 'in_review')
    ) THEN
        PERFORM guard_stop('details of a confirmed proforma never change: write a correction');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_detail_of_draft_inserted AFTER INSERT ON billing_invoicelinedetail
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_details_of_drafts();

-- guard detail_of_draft_updated on billing_invoicelinedetail
-- A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_detail_of_draft_updated AFTER UPDATE ON billing_invoicelinedetail
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_details_of_drafts();

-- guard detail_of_draft_moved on billing_invoicelinedetail
-- The update is judged by the draft it leaves and, here, by the one it arrives at.
CREATE TRIGGER guard_detail_of_draft_moved AFTER UPDATE ON billing_invoicelinedetail
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_details_of_drafts();

-- guard detail_of_draft_deleted on billing_invoicelinedetail
-- A proforma that was confirmed stays as it was confirmed, line by line.
CREATE TRIGGER guard_detail_of_draft_deleted AFTER DELETE ON billing_invoicelinedetail
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_details_of_drafts();
