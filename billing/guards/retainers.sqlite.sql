-- Retainers: who holds which part of a balance is added up by the database from the details (B3, K5), for SQLite.

-- guard detail_claims_retainer on billing_invoicelinedetail
-- (K5) A customer's advance is invoiced in full and applied to nobody else's proforma; it only lowers what is paid.
CREATE TRIGGER guard_detail_claims_retainer BEFORE INSERT ON billing_invoicelinedetail
WHEN NEW.retainer_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM billing_retainer r
    JOIN billing_invoiceline l ON l.id = NEW.line_id AND l.contract_line_id = r.contract_line_id
    JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE r.id = NEW.retainer_id AND r.contract_id = p.contract_id AND r.customer_id = p.customer_id
      AND NEW.transaction_class = 'retainer' AND NEW.billing_type = 1 AND NEW.quantity = NEW.amount
      AND (
          NEW.corrects_id IS NOT NULL
          OR (NEW.retainer_use = 'invoice' AND NEW.amount = r.amount AND NEW.claim_number = r.claim_number)
          OR (NEW.retainer_use IN ('apply', 'refund') AND NEW.amount < 0)
      )
)
BEGIN
    SELECT RAISE(ABORT, 'a detail invoices a whole retainer or takes a part of it off, on its own contract line and customer');
END;

-- guard detail_takes_off_as_invoiced on billing_invoicelinedetail
-- (K5) An advance gives back the tax it was invoiced with, and none where it was invoiced without (decision 9).
CREATE TRIGGER guard_detail_takes_off_as_invoiced BEFORE INSERT ON billing_invoicelinedetail
WHEN NEW.retainer_use IN ('apply', 'refund') AND NEW.corrects_id IS NULL AND EXISTS (
    SELECT 1 FROM billing_invoicelinedetail d
    JOIN billing_invoiceline l ON l.id = d.line_id
    JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE d.id = (
        SELECT max(i.id) FROM billing_invoicelinedetail i
        WHERE i.retainer_id = NEW.retainer_id AND i.retainer_use = 'invoice' AND i.corrects_id IS NULL
    )
      AND (
          NOT NEW.is_taxed_apart
          OR (NEW.sales_tax_group_id, NEW.item_sales_tax_group_id)
              IS NOT (coalesce(p.customer_invoice_tax_group_id, p.sales_tax_group_id), d.item_sales_tax_group_id)
      )
)
BEGIN
    SELECT RAISE(ABORT, 'what takes an advance off bears the tax that it was invoiced with');
END;

-- guard detail_keeps_its_retainer on billing_invoicelinedetail
-- (K5) The claim was checked when the detail was inserted; only the amount that is applied may change.
CREATE TRIGGER guard_detail_keeps_its_retainer BEFORE UPDATE ON billing_invoicelinedetail
WHEN (OLD.retainer_id IS NOT NEW.retainer_id OR OLD.retainer_use <> NEW.retainer_use)
    OR (
        OLD.retainer_id IS NOT NULL AND (
            NEW.transaction_class <> 'retainer' OR NEW.billing_type <> 1 OR NEW.quantity <> NEW.amount
            OR (NEW.amount <> OLD.amount AND (NEW.retainer_use <> 'apply' OR NEW.amount >= 0))
            OR (
                NEW.retainer_use <> 'invoice'
                AND (OLD.is_taxed_apart, OLD.sales_tax_group_id, OLD.item_sales_tax_group_id, OLD.tax_date)
                    IS NOT (NEW.is_taxed_apart, NEW.sales_tax_group_id, NEW.item_sales_tax_group_id, NEW.tax_date)
            )
        )
    )
BEGIN
    SELECT RAISE(ABORT, 'a detail of a retainer keeps what it does: only the amount that is applied may change');
END;

-- guard retainer_starts_unused on billing_retainer
-- (K5) What is invoiced and used is on proformas, so a new one has nothing of either.
CREATE TRIGGER guard_retainer_starts_unused BEFORE INSERT ON billing_retainer
WHEN NEW.invoiced_amount <> 0 OR NEW.used_amount <> 0 OR NEW.drafted_amount <> 0 OR NEW.work_item_id IS NOT NULL
    OR NEW.status NOT IN ('not_ready', 'ready')
BEGIN
    SELECT RAISE(ABORT, 'a retainer starts without a balance: put it on a proforma and confirm that');
END;

-- guard retainer_belongs_to_its_payer on billing_retainer
-- (K5) Its project takes the actuals, and its customer gets the invoice.
CREATE TRIGGER guard_retainer_belongs_to_its_payer BEFORE INSERT ON billing_retainer
WHEN NOT EXISTS (
    SELECT 1 FROM projects_contractline l JOIN projects_contractlinecustomer c ON c.contract_line_id = l.id
    WHERE l.id = NEW.contract_line_id AND l.contract_id = NEW.contract_id AND l.project_id IS NOT NULL
      AND c.customer_id = NEW.customer_id
)
BEGIN
    SELECT RAISE(ABORT, 'a retainer is paid by a customer of its contract line, which has a project: choose another line');
END;

-- guard retainer_keeps_its_terms on billing_retainer
-- (K5) What a proforma says of it would no longer be true.
CREATE TRIGGER guard_retainer_keeps_its_terms BEFORE UPDATE ON billing_retainer
WHEN (OLD.contract_id, OLD.customer_id, OLD.contract_line_id) IS NOT (NEW.contract_id, NEW.customer_id, NEW.contract_line_id)
    OR (OLD.work_item_id IS NOT NULL AND OLD.work_item_id IS NOT NEW.work_item_id)
    OR (
        (OLD.amount, OLD.item_sales_tax_group_id) IS NOT (NEW.amount, NEW.item_sales_tax_group_id)
        AND (OLD.status NOT IN ('not_ready', 'ready') OR OLD.claim_number > 1)
    )
BEGIN
    SELECT RAISE(ABORT, 'a retainer keeps its payer, and its amount once it is on a proforma: plan another one');
END;

-- guard retainer_steps on billing_retainer
-- (I4) The steps of the state machine in billing/models/retainers.py.
CREATE TRIGGER guard_retainer_steps BEFORE UPDATE ON billing_retainer
WHEN OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
    VALUES ('not_ready', 'ready'), ('ready', 'not_ready'), ('ready', 'on_draft'), ('on_draft', 'ready'),
        ('on_draft', 'available'), ('available', 'used_up'), ('used_up', 'available'), ('refunded', 'available'),
        ('available', 'to_refund'), ('to_refund', 'available'), ('to_refund', 'refunded'),
        ('available', 'ready'), ('to_refund', 'ready')
)
BEGIN
    SELECT RAISE(ABORT, 'a retainer is invoiced, applied or refunded, one step at a time');
END;

-- guard retainer_figures_follow on billing_retainer
-- (K5) The three amounts repeat what details say, so nobody can give a balance that is not there.
CREATE TRIGGER guard_retainer_figures_follow BEFORE UPDATE ON billing_retainer
WHEN (OLD.invoiced_amount, OLD.used_amount, OLD.drafted_amount)
    IS NOT (NEW.invoiced_amount, NEW.used_amount, NEW.drafted_amount)
    AND (NEW.invoiced_amount, NEW.used_amount, NEW.drafted_amount) IS NOT (
        SELECT
            coalesce(sum(iif(d.retainer_use = 'invoice' AND p.status NOT IN ('draft', 'in_review'), d.amount, 0)), 0),
            coalesce(sum(iif(d.retainer_use <> 'invoice' AND p.status NOT IN ('draft', 'in_review'), -d.amount, 0)), 0),
            coalesce(sum(iif(d.amount < 0 AND p.status IN ('draft', 'in_review'), -d.amount, 0)), 0)
        FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        JOIN billing_proforma p ON p.id = l.proforma_id
        WHERE d.retainer_id = NEW.id
    )
BEGIN
    SELECT RAISE(ABORT, 'what is invoiced and used of a retainer is added up from proformas: change those');
END;

-- guard retainer_held_by_new_detail on billing_invoicelinedetail
-- (K5) Held as soon as a draft has it, so that no other draft can take the same balance.
CREATE TRIGGER guard_retainer_held_by_new_detail AFTER INSERT ON billing_invoicelinedetail
WHEN NEW.retainer_id IS NOT NULL AND NEW.amount < 0
BEGIN
    UPDATE billing_retainer SET drafted_amount = (
        SELECT coalesce(-sum(d.amount), 0) FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        JOIN billing_proforma p ON p.id = l.proforma_id
        WHERE d.retainer_id = billing_retainer.id AND d.amount < 0 AND p.status IN ('draft', 'in_review')
    ) WHERE id = NEW.retainer_id;
END;

-- guard retainer_held_by_changed_detail on billing_invoicelinedetail
-- (K5) More or less is applied: the rest is available.
CREATE TRIGGER guard_retainer_held_by_changed_detail AFTER UPDATE ON billing_invoicelinedetail
WHEN NEW.retainer_id IS NOT NULL AND OLD.amount <> NEW.amount
BEGIN
    UPDATE billing_retainer SET drafted_amount = (
        SELECT coalesce(-sum(d.amount), 0) FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        JOIN billing_proforma p ON p.id = l.proforma_id
        WHERE d.retainer_id = billing_retainer.id AND d.amount < 0 AND p.status IN ('draft', 'in_review')
    ) WHERE id = NEW.retainer_id;
END;

-- guard retainer_given_back on billing_invoicelinedetail
-- (K5) What is taken off a draft is available again.
CREATE TRIGGER guard_retainer_given_back AFTER DELETE ON billing_invoicelinedetail
WHEN OLD.retainer_id IS NOT NULL AND OLD.amount < 0
BEGIN
    UPDATE billing_retainer SET drafted_amount = (
        SELECT coalesce(-sum(d.amount), 0) FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        JOIN billing_proforma p ON p.id = l.proforma_id
        WHERE d.retainer_id = billing_retainer.id AND d.amount < 0 AND p.status IN ('draft', 'in_review')
    ) WHERE id = OLD.retainer_id;
END;

-- guard retainer_confirmed on billing_proforma
-- (K5) What drafts held is invoiced or used from the confirmation on.
CREATE TRIGGER guard_retainer_confirmed AFTER UPDATE ON billing_proforma
WHEN OLD.status IN ('draft', 'in_review') AND NEW.status = 'confirmed'
BEGIN
    UPDATE billing_retainer SET (invoiced_amount, used_amount, drafted_amount) = (
        SELECT
            coalesce(sum(iif(d.retainer_use = 'invoice' AND p.status NOT IN ('draft', 'in_review'), d.amount, 0)), 0),
            coalesce(sum(iif(d.retainer_use <> 'invoice' AND p.status NOT IN ('draft', 'in_review'), -d.amount, 0)), 0),
            coalesce(sum(iif(d.amount < 0 AND p.status IN ('draft', 'in_review'), -d.amount, 0)), 0)
        FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        JOIN billing_proforma p ON p.id = l.proforma_id
        WHERE d.retainer_id = billing_retainer.id
    ) WHERE id IN (
        SELECT d.retainer_id FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        WHERE l.proforma_id = NEW.id AND d.retainer_id IS NOT NULL
    );
END;

-- guard contract_with_retainers_keeps_its_currency on projects_projectcontract
-- (M4) Retainers are amounts in the contract's currency; changing it would revalue them in silence.
CREATE TRIGGER guard_contract_with_retainers_keeps_its_currency BEFORE UPDATE ON projects_projectcontract
WHEN OLD.currency <> NEW.currency AND EXISTS (SELECT 1 FROM billing_retainer WHERE contract_id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a contract with retainers keeps its currency: make another contract');
END;
