-- What lowers a line of a proforma stays on it and never turns it negative (B12, decision 21), for PostgreSQL.

-- guard discount_of_draft_inserted on billing_discount
-- (I1) A proforma that was confirmed stays as it was confirmed, discounts included.
CREATE OR REPLACE FUNCTION guard_discounts_of_drafts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Holding the parent makes a confirmation running beside this one come first, or after (D4).
    PERFORM 1 FROM billing_proforma
    WHERE id IN (SELECT l.proforma_id FROM billing_invoiceline l JOIN touched t ON t.line_id = l.id)
    ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM touched t JOIN billing_invoiceline l ON l.id = t.line_id
        JOIN billing_proforma p ON p.id = l.proforma_id WHERE p.status NOT IN ('draft', 'in_review')
    ) THEN
        PERFORM guard_stop('discounts of a confirmed proforma never change: write a correction');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_discount_of_draft_inserted AFTER INSERT ON billing_discount
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_discounts_of_drafts();

-- guard discount_of_draft_updated on billing_discount
-- A proforma that was confirmed stays as it was confirmed, discounts included.
CREATE TRIGGER guard_discount_of_draft_updated AFTER UPDATE ON billing_discount
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_discounts_of_drafts();

-- guard discount_of_draft_deleted on billing_discount
-- A proforma that was confirmed stays as it was confirmed, discounts included.
CREATE TRIGGER guard_discount_of_draft_deleted AFTER DELETE ON billing_discount
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_discounts_of_drafts();

-- guard discount_is_not_emptied on billing_discount
-- (I1) TRUNCATE fires no row triggers.
CREATE TRIGGER guard_discount_is_not_emptied BEFORE TRUNCATE ON billing_discount
FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse('discounts of confirmed proformas are never deleted: delete drafts one by one');

-- guard discount_stays_on_its_line on billing_discount
-- (B12) Its details were reckoned from what that line charges.
CREATE TRIGGER guard_discount_stays_on_its_line BEFORE UPDATE ON billing_discount
FOR EACH ROW WHEN (OLD.line_id <> NEW.line_id)
EXECUTE FUNCTION guard_refuse('a discount stays on its line: remove it and grant another');

-- guard discount_detail_inserted on billing_invoicelinedetail
-- (B12) What a discount takes off stands on the line it is granted on.
CREATE OR REPLACE FUNCTION guard_discount_on_its_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM billing_discount WHERE id = NEW.discount_id AND line_id = NEW.line_id) THEN
        PERFORM guard_stop('a discount is on the line it lowers: grant it there');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_discount_detail_inserted BEFORE INSERT ON billing_invoicelinedetail
FOR EACH ROW WHEN (NEW.discount_id IS NOT NULL) EXECUTE FUNCTION guard_discount_on_its_line();

-- guard discount_detail_updated on billing_invoicelinedetail
-- (B12) What a discount takes off does not move without it.
CREATE TRIGGER guard_discount_detail_updated BEFORE UPDATE ON billing_invoicelinedetail
FOR EACH ROW WHEN (
    OLD.discount_id IS DISTINCT FROM NEW.discount_id
    OR (NEW.discount_id IS NOT NULL AND OLD.line_id <> NEW.line_id)
)
EXECUTE FUNCTION guard_refuse('a discount is on the line it lowers: grant it there');

-- guard discounts_stay_within_lines on billing_proforma
-- (B12) A discount lowers what a line charges; what takes back more than that is a correction.
CREATE OR REPLACE FUNCTION guard_discounts_stay_within_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM billing_invoiceline l
        JOIN billing_invoicelinedetail d ON d.line_id = l.id
        WHERE l.proforma_id = NEW.id AND d.billing_type = 1 AND d.corrects_id IS NULL AND d.replaces_id IS NULL
          AND d.transaction_class NOT IN ('retainer', 'retention')
          AND EXISTS (SELECT 1 FROM billing_discount WHERE line_id = l.id)
        GROUP BY l.id HAVING sum(d.amount) < 0
    ) THEN
        PERFORM guard_stop('a discount is never more than its line charges: lower it, or write a correction');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_discounts_stay_within_lines BEFORE UPDATE ON billing_proforma
FOR EACH ROW WHEN (OLD.status IN ('draft', 'in_review') AND NEW.status = 'confirmed')
EXECUTE FUNCTION guard_discounts_stay_within_lines();
