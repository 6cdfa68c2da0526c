-- What lowers a line of a proforma stays on it and never turns it negative (B12, decision 21), for SQLite.

-- guard discount_of_draft_inserted on billing_discount
-- (I1) A proforma that was confirmed stays as it was confirmed, discounts included.
CREATE TRIGGER guard_discount_of_draft_inserted BEFORE INSERT ON billing_discount
WHEN (
    SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE l.id = NEW.line_id
) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'discounts of a confirmed proforma never change: write a correction');
END;

-- guard discount_of_draft_updated on billing_discount
-- (I1) A proforma that was confirmed stays as it was confirmed, discounts included.
CREATE TRIGGER guard_discount_of_draft_updated BEFORE UPDATE ON billing_discount
WHEN (
    SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE l.id = OLD.line_id
) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'discounts of a confirmed proforma never change: write a correction');
END;

-- guard discount_of_draft_deleted on billing_discount
-- (I1) A proforma that was confirmed stays as it was confirmed, discounts included.
CREATE TRIGGER guard_discount_of_draft_deleted BEFORE DELETE ON billing_discount
WHEN (
    SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE l.id = OLD.line_id
) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'discounts of a confirmed proforma never change: write a correction');
END;

-- guard discount_stays_on_its_line on billing_discount
-- (B12) Its details were reckoned from what that line charges.
CREATE TRIGGER guard_discount_stays_on_its_line BEFORE UPDATE ON billing_discount
WHEN OLD.line_id <> NEW.line_id
BEGIN
    SELECT RAISE(ABORT, 'a discount stays on its line: remove it and grant another');
END;

-- guard discount_detail_inserted on billing_invoicelinedetail
-- (B12) What a discount takes off stands on the line it is granted on.
CREATE TRIGGER guard_discount_detail_inserted BEFORE INSERT ON billing_invoicelinedetail
WHEN NEW.discount_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM billing_discount WHERE id = NEW.discount_id AND line_id = NEW.line_id)
BEGIN
    SELECT RAISE(ABORT, 'a discount is on the line it lowers: grant it there');
END;

-- guard discount_detail_updated on billing_invoicelinedetail
-- (B12) What a discount takes off does not move without it.
CREATE TRIGGER guard_discount_detail_updated BEFORE UPDATE ON billing_invoicelinedetail
WHEN OLD.discount_id IS NOT NEW.discount_id OR (NEW.discount_id IS NOT NULL AND OLD.line_id <> NEW.line_id)
BEGIN
    SELECT RAISE(ABORT, 'a discount is on the line it lowers: grant it there');
END;

-- guard discounts_stay_within_lines on billing_proforma
-- (B12) A discount lowers what a line charges; what takes back more than that is a correction.
CREATE TRIGGER guard_discounts_stay_within_lines BEFORE UPDATE ON billing_proforma
WHEN OLD.status IN ('draft', 'in_review') AND NEW.status = 'confirmed' AND EXISTS (
    SELECT 1 FROM billing_invoiceline l
    JOIN billing_invoicelinedetail d ON d.line_id = l.id
    WHERE l.proforma_id = NEW.id AND d.billing_type = 1 AND d.corrects_id IS NULL AND d.replaces_id IS NULL
      AND d.transaction_class NOT IN ('retainer', 'retention')
      AND EXISTS (SELECT 1 FROM billing_discount WHERE line_id = l.id)
    GROUP BY l.id HAVING sum(d.amount) < 0
)
BEGIN
    SELECT RAISE(ABORT, 'a discount is never more than its line charges: lower it, or write a correction');
END;
