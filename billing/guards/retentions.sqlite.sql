-- Retentions: a share of one proforma that is paid later, never more than was kept back (B12, K6), for SQLite.

-- guard detail_of_retention on billing_invoicelinedetail
-- (K6) It is kept back where it was agreed and released to the same customer, on the same contract line.
CREATE TRIGGER guard_detail_of_retention BEFORE INSERT ON billing_invoicelinedetail
WHEN NEW.retention_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM billing_retention r
    JOIN billing_invoiceline o ON o.id = r.line_id
    JOIN billing_proforma k ON k.id = o.proforma_id
    JOIN billing_invoiceline l ON l.id = NEW.line_id AND l.contract_line_id = o.contract_line_id
    JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE r.id = NEW.retention_id AND p.contract_id = k.contract_id AND p.customer_id = k.customer_id
      AND p.currency = k.currency
      AND (
          NEW.corrects_id IS NOT NULL OR NEW.replaces_id IS NOT NULL
          OR (NEW.line_id = r.line_id AND NEW.amount < 0)
          OR (NEW.line_id <> r.line_id AND NEW.amount > 0 AND k.status NOT IN ('draft', 'in_review'))
      )
)
BEGIN
    SELECT RAISE(ABORT, 'a retention is kept back on its own proforma and released later, to the same customer and line');
END;

-- guard retention_released_within_kept on billing_invoicelinedetail
-- (K6) What drafts release is held as soon as one has it, so that no two of them ask for the same money.
CREATE TRIGGER guard_retention_released_within_kept BEFORE INSERT ON billing_invoicelinedetail
WHEN NEW.retention_id IS NOT NULL AND NEW.amount > 0 AND NEW.corrects_id IS NULL AND NEW.amount + (
    SELECT coalesce(sum(d.amount), 0) FROM billing_invoicelinedetail d
    JOIN billing_invoiceline l ON l.id = d.line_id
    JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE d.retention_id = NEW.retention_id AND (p.status NOT IN ('draft', 'in_review') OR d.amount > 0)
) > 0
BEGIN
    SELECT RAISE(ABORT, 'no more is released of a retention than is kept back: release what is open');
END;

-- guard detail_keeps_its_retention on billing_invoicelinedetail
-- (K6) What was checked when it was inserted; only what a draft keeps back of itself follows its net.
CREATE TRIGGER guard_detail_keeps_its_retention BEFORE UPDATE ON billing_invoicelinedetail
WHEN OLD.retention_id IS NOT NEW.retention_id OR (
    OLD.retention_id IS NOT NULL AND (
        (NEW.line_id <> OLD.line_id AND NEW.corrects_id IS NULL AND NEW.replaces_id IS NULL)
        OR (NEW.amount <> OLD.amount AND (OLD.amount >= 0 OR NEW.amount >= 0))
    )
)
BEGIN
    SELECT RAISE(ABORT, 'a detail of a retention keeps what it does: remove it, and keep back or release anew');
END;

-- guard retention_keeps_its_terms on billing_retention
-- (K6) What a confirmed proforma says of it stays true; only its release may be agreed otherwise.
CREATE TRIGGER guard_retention_keeps_its_terms BEFORE UPDATE ON billing_retention
WHEN OLD.line_id <> NEW.line_id
    OR (OLD.work_item_id IS NOT NULL AND OLD.work_item_id IS NOT NEW.work_item_id)
    OR (OLD.percent <> NEW.percent AND (
        SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
        WHERE l.id = OLD.line_id
    ) NOT IN ('draft', 'in_review'))
BEGIN
    SELECT RAISE(ABORT, 'a retention keeps its proforma and, once that is confirmed, its share: correct the invoice');
END;

-- guard retention_of_draft_deleted on billing_retention
-- (I1) A proforma that was confirmed stays as it was confirmed, with what it kept back.
CREATE TRIGGER guard_retention_of_draft_deleted BEFORE DELETE ON billing_retention
WHEN (
    SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE l.id = OLD.line_id
) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'what a confirmed proforma keeps back never goes: release it, or correct the invoice');
END;

-- guard retention_of_draft_inserted on billing_retention
-- (I1) A proforma that was confirmed keeps back what it was confirmed with.
CREATE TRIGGER guard_retention_of_draft_inserted BEFORE INSERT ON billing_retention
WHEN (
    SELECT p.status FROM billing_invoiceline l JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE l.id = NEW.line_id
) NOT IN ('draft', 'in_review')
BEGIN
    SELECT RAISE(ABORT, 'a confirmed proforma keeps nothing more back: correct the invoice');
END;
