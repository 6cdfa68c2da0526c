-- What a detail may claim (K2), and numbers that only go up (L2), for PostgreSQL.
-- A backlog item exists for an open unbilled-sales actual alone, so finding it says all about the actual.

-- guard detail_claims on billing_invoicelinedetail
-- (K2) Checked against the backlog item, which exists exactly while the actual is open.
CREATE OR REPLACE FUNCTION guard_detail_claims() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM inserted d WHERE d.actual_id IS NOT NULL AND (
            SELECT b.contract_line_id = l.contract_line_id AND b.contract_id = p.contract_id
                AND b.customer_id = p.customer_id AND b.currency = p.currency
                AND b.transaction_date <= p.cut_off_date
                AND p.legal_entity_id = (
                    SELECT w.legal_entity_id FROM projects_workitem w WHERE w.id = b.work_item_id
                )
            FROM projects_backlogitem b, billing_invoiceline l, billing_proforma p
            WHERE b.actual_id = d.actual_id AND l.id = d.line_id AND p.id = l.proforma_id LIMIT 1
        ) IS NOT TRUE
    ) THEN
        PERFORM guard_stop('a detail claims an open backlog item of its own line, contract, customer, currency and entity, dated up to the cut-off');
    END IF;
    IF EXISTS (
        SELECT 1 FROM inserted d WHERE d.milestone_share_id IS NOT NULL AND (
            SELECT m.contract_line_id = l.contract_line_id AND c.contract_id = p.contract_id
                AND s.customer_id = p.customer_id
            FROM billing_milestoneshare s, billing_milestone m, billing_invoiceline l,
                billing_proforma p, projects_contractline c
            WHERE s.id = d.milestone_share_id AND s.claim_number = d.claim_number AND m.id = s.milestone_id
              AND l.id = d.line_id AND p.id = l.proforma_id AND c.id = l.contract_line_id LIMIT 1
        ) IS NOT TRUE
    ) THEN
        PERFORM guard_stop('a detail claims a milestone share of its own contract line and customer, under its present claim number');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_detail_claims AFTER INSERT ON billing_invoicelinedetail
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_detail_claims();

-- guard detail_corrects_billed on billing_invoicelinedetail
-- (J2, K2) A correction takes back what is billed to its own customer, exactly, and only while it is billed.
CREATE OR REPLACE FUNCTION guard_detail_corrects_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM projects_actual WHERE reverses_id = NEW.corrects_id) OR NOT EXISTS (
        SELECT 1 FROM projects_actual a
        JOIN projects_workitem w ON w.id = a.work_item_id
        JOIN billing_invoiceline l ON l.id = NEW.line_id AND l.contract_line_id = w.contract_line_id
        JOIN billing_proforma p ON p.id = l.proforma_id
        WHERE a.id = NEW.corrects_id AND a.type = 3 AND a.reverses_id IS NULL AND w.id = NEW.work_item_id
          AND a.quantity = -NEW.quantity AND a.amount = -NEW.amount AND a.price = NEW.price
          AND a.billing_type = NEW.billing_type AND w.contract_id = p.contract_id
          AND w.customer_id = p.customer_id AND w.currency = p.currency
          AND w.legal_entity_id = p.legal_entity_id
    ) THEN
        PERFORM guard_stop('a correction negates billed sales of its own contract line and customer that stand: correct the latest billed row');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_detail_corrects_billed BEFORE INSERT ON billing_invoicelinedetail
FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION guard_detail_corrects_billed();

-- guard detail_replaces_corrected on billing_invoicelinedetail
-- (K2) What stays billed stands beside what is taken back, for the same work and with the same billing type.
CREATE OR REPLACE FUNCTION guard_detail_replaces_corrected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM billing_invoicelinedetail c
        WHERE c.id = NEW.replaces_id AND c.corrects_id IS NOT NULL AND c.line_id = NEW.line_id
          AND c.work_item_id = NEW.work_item_id AND c.billing_type = NEW.billing_type AND NEW.actual_id IS NULL
    ) THEN
        PERFORM guard_stop('a replacement stands on the line of what it replaces, for the same work: correct the billed row');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_detail_replaces_corrected BEFORE INSERT ON billing_invoicelinedetail
FOR EACH ROW WHEN (NEW.replaces_id IS NOT NULL) EXECUTE FUNCTION guard_detail_replaces_corrected();

-- guard detail_keeps_its_claim on billing_invoicelinedetail
-- (K2) The claim was checked when the detail was inserted; another actual would not be.
-- A replacement gets its unbilled row when it is confirmed.
CREATE OR REPLACE FUNCTION guard_detail_keeps_its_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.milestone_share_id, OLD.claim_number, OLD.corrects_id, OLD.replaces_id)
        IS DISTINCT FROM (NEW.milestone_share_id, NEW.claim_number, NEW.corrects_id, NEW.replaces_id)
        OR OLD.actual_id IS NOT NULL OR OLD.replaces_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM projects_backlogitem b JOIN projects_actual a ON a.id = b.actual_id
            WHERE b.actual_id = NEW.actual_id AND b.status = 'not_ready' AND a.work_item_id = NEW.work_item_id
              AND a.quantity = NEW.quantity AND a.amount = NEW.amount AND a.price = NEW.price
              AND a.billing_type = NEW.billing_type
        )
    THEN
        PERFORM guard_stop('a detail keeps what it claims: remove it and claim anew');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_detail_keeps_its_claim BEFORE UPDATE ON billing_invoicelinedetail
FOR EACH ROW WHEN (
    (OLD.actual_id, OLD.milestone_share_id, OLD.claim_number, OLD.corrects_id, OLD.replaces_id)
    IS DISTINCT FROM (NEW.actual_id, NEW.milestone_share_id, NEW.claim_number, NEW.corrects_id, NEW.replaces_id)
)
EXECUTE FUNCTION guard_detail_keeps_its_claim();

-- guard correction_is_exact on billing_invoicelinedetail
-- (J2) What a correction takes back is what was billed; only what stays billed may be changed.
CREATE TRIGGER guard_correction_is_exact BEFORE UPDATE ON billing_invoicelinedetail
FOR EACH ROW WHEN (
    (OLD.corrects_id IS NOT NULL OR OLD.replaces_id IS NOT NULL) AND (
        OLD.work_item_id IS DISTINCT FROM NEW.work_item_id OR OLD.billing_type <> NEW.billing_type
        OR (OLD.corrects_id IS NOT NULL
            AND (OLD.quantity, OLD.price, OLD.amount) IS DISTINCT FROM (NEW.quantity, NEW.price, NEW.amount))
    )
)
EXECUTE FUNCTION guard_refuse('a correction takes back exactly what was billed and keeps its billing type: change its replacement');

-- guard billed_is_taken_back_by_correction on projects_actual
-- (J2) A customer was asked for it: only a confirmed correction, which the customer gets, takes it back.
CREATE OR REPLACE FUNCTION guard_billed_is_taken_back_by_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        JOIN billing_proforma p ON p.id = l.proforma_id
        WHERE d.corrects_id = NEW.reverses_id AND p.event_id = NEW.event_id
    ) THEN
        PERFORM guard_stop('billed sales are taken back by the correction that names them: confirm a correction');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_billed_is_taken_back_by_correction BEFORE INSERT ON projects_actual
FOR EACH ROW WHEN (NEW.type = 3 AND NEW.reverses_id IS NOT NULL)
EXECUTE FUNCTION guard_billed_is_taken_back_by_correction();

-- guard detail_moves_within on billing_invoicelinedetail
-- (K2) A detail may change drafts (splitting, merging) but never what it claims or who pays it.
CREATE OR REPLACE FUNCTION guard_detail_moves_within() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM billing_invoiceline o JOIN billing_proforma p ON p.id = o.proforma_id,
            billing_invoiceline n JOIN billing_proforma q ON q.id = n.proforma_id
        WHERE o.id = OLD.line_id AND n.id = NEW.line_id AND o.contract_line_id = n.contract_line_id
          AND p.contract_id = q.contract_id AND p.customer_id = q.customer_id AND p.currency = q.currency
          AND p.legal_entity_id = q.legal_entity_id
          AND (NEW.actual_id IS NULL OR q.cut_off_date >= (
              SELECT b.transaction_date FROM projects_backlogitem b WHERE b.actual_id = NEW.actual_id
          ))
    ) THEN
        PERFORM guard_stop('a detail moves between drafts of the same contract, line, customer and currency, not beyond the cut-off');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_detail_moves_within BEFORE UPDATE ON billing_invoicelinedetail
FOR EACH ROW WHEN (OLD.line_id <> NEW.line_id) EXECUTE FUNCTION guard_detail_moves_within();

-- guard proforma_keeps_its_payer on billing_proforma
-- (K2) The claims were checked against contract, customer and currency.
CREATE TRIGGER guard_proforma_keeps_its_payer BEFORE UPDATE ON billing_proforma
FOR EACH ROW WHEN (
    (OLD.legal_entity_id, OLD.contract_id, OLD.customer_id, OLD.currency)
    IS DISTINCT FROM (NEW.legal_entity_id, NEW.contract_id, NEW.customer_id, NEW.currency)
)
EXECUTE FUNCTION guard_refuse('a proforma keeps its contract, customer, currency and entity: delete the draft and make another');

-- guard proforma_covers_its_claims on billing_proforma
-- (K2) Work dated after the cut-off belongs to the next invoice.
CREATE OR REPLACE FUNCTION guard_proforma_covers_its_claims() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM billing_invoiceline l
        JOIN billing_invoicelinedetail d ON d.line_id = l.id
        JOIN projects_backlogitem b ON b.actual_id = d.actual_id
        WHERE l.proforma_id = NEW.id AND b.transaction_date > NEW.cut_off_date
    ) THEN
        PERFORM guard_stop('a draft holds items up to its cut-off: remove the later ones first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_proforma_covers_its_claims BEFORE UPDATE ON billing_proforma
FOR EACH ROW WHEN (NEW.cut_off_date < OLD.cut_off_date) EXECUTE FUNCTION guard_proforma_covers_its_claims();

-- guard line_of_its_contract on billing_invoiceline
-- (K2) Otherwise one contract's work could be billed under another's terms.
CREATE OR REPLACE FUNCTION guard_line_of_its_contract() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM billing_proforma p JOIN projects_contractline c ON c.contract_id = p.contract_id
        WHERE p.id = NEW.proforma_id AND c.id = NEW.contract_line_id
    ) THEN
        PERFORM guard_stop('a proforma has lines of its own contract alone: use a contract line of it');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_line_of_its_contract BEFORE INSERT ON billing_invoiceline
FOR EACH ROW EXECUTE FUNCTION guard_line_of_its_contract();

-- guard series_only_goes_up on billing_numberseries
-- (L2) A number that was given is never given again, and documents keep the name of their series.
CREATE TRIGGER guard_series_only_goes_up BEFORE UPDATE ON billing_numberseries
FOR EACH ROW WHEN (
    NEW.last_number < OLD.last_number OR (
        OLD.last_number > 0
        AND to_jsonb(OLD) - 'last_number' IS DISTINCT FROM to_jsonb(NEW) - 'last_number'
    )
)
EXECUTE FUNCTION guard_refuse('a number series only goes up and keeps its name once used: open another series');

-- guard series_is_kept on billing_numberseries
-- (L2) A series that is gone would start again at one, and numbers would repeat.
CREATE TRIGGER guard_series_is_kept BEFORE DELETE ON billing_numberseries
FOR EACH ROW EXECUTE FUNCTION guard_refuse('number series are never deleted: their numbers are on documents');

-- guard series_is_not_emptied on billing_numberseries
-- (L2) TRUNCATE fires no row triggers.
CREATE TRIGGER guard_series_is_not_emptied BEFORE TRUNCATE ON billing_numberseries
FOR EACH STATEMENT
EXECUTE FUNCTION guard_refuse('number series are never deleted: their numbers are on documents');
