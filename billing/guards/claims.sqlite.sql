-- What a detail may claim (K2), and numbers that only go up (L2), for SQLite.
-- A backlog item exists for an open unbilled-sales actual alone, so finding it says all about the actual.

-- guard detail_claims_actual on billing_invoicelinedetail
-- (K2) Checked against the backlog item, which exists exactly while the actual is open.
CREATE TRIGGER guard_detail_claims_actual BEFORE INSERT ON billing_invoicelinedetail
WHEN NEW.actual_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM projects_backlogitem b
    JOIN projects_workitem w ON w.id = b.work_item_id
    JOIN billing_invoiceline l ON l.id = NEW.line_id AND l.contract_line_id = b.contract_line_id
    JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE b.actual_id = NEW.actual_id AND b.contract_id = p.contract_id AND b.customer_id = p.customer_id
      AND b.currency = p.currency AND w.legal_entity_id = p.legal_entity_id
      AND b.transaction_date <= p.cut_off_date
)
BEGIN
    SELECT RAISE(ABORT, 'a detail claims an open backlog item of its own line, contract, customer, currency and entity, dated up to the cut-off');
END;

-- guard detail_claims_share on billing_invoicelinedetail
-- (K2) A customer is asked for the own share of a milestone alone.
CREATE TRIGGER guard_detail_claims_share BEFORE INSERT ON billing_invoicelinedetail
WHEN NEW.milestone_share_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM billing_milestoneshare s
    JOIN billing_milestone m ON m.id = s.milestone_id
    JOIN billing_invoiceline l ON l.id = NEW.line_id AND l.contract_line_id = m.contract_line_id
    JOIN billing_proforma p ON p.id = l.proforma_id AND p.customer_id = s.customer_id
    JOIN projects_contractline c ON c.id = l.contract_line_id AND c.contract_id = p.contract_id
    WHERE s.id = NEW.milestone_share_id AND s.claim_number = NEW.claim_number
)
BEGIN
    SELECT RAISE(ABORT, 'a detail claims a milestone share of its own contract line and customer, under its present claim number');
END;

-- guard detail_corrects_billed on billing_invoicelinedetail
-- (J2, K2) A correction takes back what is billed to its own customer, exactly, and only while it is billed.
CREATE TRIGGER guard_detail_corrects_billed BEFORE INSERT ON billing_invoicelinedetail
WHEN NEW.corrects_id IS NOT NULL AND (
    EXISTS (SELECT 1 FROM projects_actual WHERE reverses_id = NEW.corrects_id)
    OR NOT EXISTS (
        SELECT 1 FROM projects_actual a
        JOIN projects_workitem w ON w.id = a.work_item_id
        JOIN billing_invoiceline l ON l.id = NEW.line_id AND l.contract_line_id = w.contract_line_id
        JOIN billing_proforma p ON p.id = l.proforma_id
        WHERE a.id = NEW.corrects_id AND a.type = 3 AND a.reverses_id IS NULL AND w.id = NEW.work_item_id
          AND a.quantity = -NEW.quantity AND a.amount = -NEW.amount AND a.price = NEW.price
          AND a.billing_type = NEW.billing_type AND w.contract_id = p.contract_id
          AND w.customer_id = p.customer_id AND w.currency = p.currency
          AND w.legal_entity_id = p.legal_entity_id
    )
)
BEGIN
    SELECT RAISE(ABORT, 'a correction negates billed sales of its own contract line and customer that stand: correct the latest billed row');
END;

-- guard detail_replaces_corrected on billing_invoicelinedetail
-- (K2) What stays billed stands beside what is taken back, for the same work and with the same billing type.
CREATE TRIGGER guard_detail_replaces_corrected BEFORE INSERT ON billing_invoicelinedetail
WHEN NEW.replaces_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM billing_invoicelinedetail c
    WHERE c.id = NEW.replaces_id AND c.corrects_id IS NOT NULL AND c.line_id = NEW.line_id
      AND c.work_item_id = NEW.work_item_id AND c.billing_type = NEW.billing_type AND NEW.actual_id IS NULL
)
BEGIN
    SELECT RAISE(ABORT, 'a replacement stands on the line of what it replaces, for the same work: correct the billed row');
END;

-- guard detail_keeps_its_claim on billing_invoicelinedetail
-- (K2) The claim was checked when the detail was inserted; another actual would not be.
-- A replacement gets its unbilled row when it is confirmed.
CREATE TRIGGER guard_detail_keeps_its_claim BEFORE UPDATE ON billing_invoicelinedetail
WHEN (OLD.milestone_share_id, OLD.claim_number, OLD.corrects_id, OLD.replaces_id)
    IS NOT (NEW.milestone_share_id, NEW.claim_number, NEW.corrects_id, NEW.replaces_id)
    OR (OLD.actual_id IS NOT NEW.actual_id AND NOT (
        OLD.actual_id IS NULL AND OLD.replaces_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM projects_backlogitem b JOIN projects_actual a ON a.id = b.actual_id
            WHERE b.actual_id = NEW.actual_id AND b.status = 'not_ready' AND a.work_item_id = NEW.work_item_id
              AND a.quantity = NEW.quantity AND a.amount = NEW.amount AND a.price = NEW.price
              AND a.billing_type = NEW.billing_type
        )
    ))
BEGIN
    SELECT RAISE(ABORT, 'a detail keeps what it claims: remove it and claim anew');
END;

-- guard correction_is_exact on billing_invoicelinedetail
-- (J2) What a correction takes back is what was billed; only what stays billed may be changed.
CREATE TRIGGER guard_correction_is_exact BEFORE UPDATE ON billing_invoicelinedetail
WHEN (OLD.corrects_id IS NOT NULL OR OLD.replaces_id IS NOT NULL) AND (
    OLD.work_item_id IS NOT NEW.work_item_id OR OLD.billing_type <> NEW.billing_type
    OR (OLD.corrects_id IS NOT NULL
        AND (OLD.quantity, OLD.price, OLD.amount) IS NOT (NEW.quantity, NEW.price, NEW.amount))
)
BEGIN
    SELECT RAISE(ABORT, 'a correction takes back exactly what was billed and keeps its billing type: change its replacement');
END;

-- guard billed_is_taken_back_by_correction on projects_actual
-- (J2) A customer was asked for it: only a confirmed correction, which the customer gets, takes it back.
CREATE TRIGGER guard_billed_is_taken_back_by_correction BEFORE INSERT ON projects_actual
WHEN NEW.type = 3 AND NEW.reverses_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM billing_invoicelinedetail d
    JOIN billing_invoiceline l ON l.id = d.line_id
    JOIN billing_proforma p ON p.id = l.proforma_id
    WHERE d.corrects_id = NEW.reverses_id AND p.event_id = NEW.event_id
)
BEGIN
    SELECT RAISE(ABORT, 'billed sales are taken back by the correction that names them: confirm a correction');
END;

-- guard detail_moves_within on billing_invoicelinedetail
-- (K2) A detail may change drafts (splitting, merging) but never what it claims or who pays it.
CREATE TRIGGER guard_detail_moves_within BEFORE UPDATE ON billing_invoicelinedetail
WHEN OLD.line_id <> NEW.line_id AND NOT EXISTS (
    SELECT 1 FROM billing_invoiceline o
    JOIN billing_proforma p ON p.id = o.proforma_id
    JOIN billing_invoiceline n ON n.id = NEW.line_id AND n.contract_line_id = o.contract_line_id
    JOIN billing_proforma q ON q.id = n.proforma_id
    WHERE o.id = OLD.line_id AND p.contract_id = q.contract_id AND p.customer_id = q.customer_id
      AND p.currency = q.currency AND p.legal_entity_id = q.legal_entity_id
      AND (NEW.actual_id IS NULL OR q.cut_off_date >= (
          SELECT b.transaction_date FROM projects_backlogitem b WHERE b.actual_id = NEW.actual_id
      ))
)
BEGIN
    SELECT RAISE(ABORT, 'a detail moves between drafts of the same contract, line, customer and currency, not beyond the cut-off');
END;

-- guard proforma_keeps_its_payer on billing_proforma
-- (K2) The claims were checked against contract, customer and currency.
CREATE TRIGGER guard_proforma_keeps_its_payer BEFORE UPDATE ON billing_proforma
WHEN (OLD.legal_entity_id, OLD.contract_id, OLD.customer_id, OLD.currency)
    IS NOT (NEW.legal_entity_id, NEW.contract_id, NEW.customer_id, NEW.currency)
BEGIN
    SELECT RAISE(ABORT, 'a proforma keeps its contract, customer, currency and entity: delete the draft and make another');
END;

-- guard proforma_covers_its_claims on billing_proforma
-- (K2) Work dated after the cut-off belongs to the next invoice.
CREATE TRIGGER guard_proforma_covers_its_claims BEFORE UPDATE ON billing_proforma
WHEN NEW.cut_off_date < OLD.cut_off_date AND EXISTS (
    SELECT 1 FROM billing_invoiceline l
    JOIN billing_invoicelinedetail d ON d.line_id = l.id
    JOIN projects_backlogitem b ON b.actual_id = d.actual_id
    WHERE l.proforma_id = NEW.id AND b.transaction_date > NEW.cut_off_date
)
BEGIN
    SELECT RAISE(ABORT, 'a draft holds items up to its cut-off: remove the later ones first');
END;

-- guard line_of_its_contract on billing_invoiceline
-- (K2) Otherwise one contract's work could be billed under another's terms.
CREATE TRIGGER guard_line_of_its_contract BEFORE INSERT ON billing_invoiceline
WHEN NOT EXISTS (
    SELECT 1 FROM billing_proforma p JOIN projects_contractline c ON c.contract_id = p.contract_id
    WHERE p.id = NEW.proforma_id AND c.id = NEW.contract_line_id
)
BEGIN
    SELECT RAISE(ABORT, 'a proforma has lines of its own contract alone: use a contract line of it');
END;

-- guard series_only_goes_up on billing_numberseries
-- (L2) A number that was given is never given again, and documents keep the name of their series.
CREATE TRIGGER guard_series_only_goes_up BEFORE UPDATE ON billing_numberseries
WHEN NEW.last_number < OLD.last_number OR (
    OLD.last_number > 0
    AND (OLD.id, OLD.legal_entity_id, OLD.kind, OLD.year, OLD.prefix)
        IS NOT (NEW.id, NEW.legal_entity_id, NEW.kind, NEW.year, NEW.prefix)
)
BEGIN
    SELECT RAISE(ABORT, 'a number series only goes up and keeps its name once used: open another series');
END;

-- guard series_is_kept on billing_numberseries
-- (L2) A series that is gone would start again at one, and numbers would repeat.
CREATE TRIGGER guard_series_is_kept BEFORE DELETE ON billing_numberseries
BEGIN
    SELECT RAISE(ABORT, 'number series are never deleted: their numbers are on documents');
END;

-- guard series_is_not_replaced on billing_numberseries
-- (L2) REPLACE deletes the old row without firing its trigger.
CREATE TRIGGER guard_series_is_not_replaced BEFORE INSERT ON billing_numberseries
WHEN EXISTS (SELECT 1 FROM billing_numberseries WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'number series are never replaced: their numbers are on documents');
END;
