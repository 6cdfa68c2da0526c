-- Numbers without a gap, two pairs of eyes, and journal lines that only take what is theirs to decide
-- (L1-L5, S2, J1), for PostgreSQL.

-- guard invoice_takes_next_number on accounting_customerinvoice
-- (L1, L2, L5) A gap or a step back in the dates of a series cannot be mended once the invoice is with the customer.
CREATE OR REPLACE FUNCTION guard_invoice_takes_next_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    series billing_numberseries%ROWTYPE;
BEGIN
    SELECT * INTO series FROM billing_numberseries WHERE id = NEW.series_id;
    IF series.legal_entity_id IS DISTINCT FROM NEW.legal_entity_id OR series.kind <> 'customer_invoice' THEN
        PERFORM guard_stop('an invoice is numbered in a series of invoices of its own legal entity');
    END IF;
    IF NEW.series_number <> 1 + coalesce(
        (SELECT max(series_number) FROM accounting_customerinvoice WHERE series_id = NEW.series_id), 0
    ) THEN
        PERFORM guard_stop('an invoice takes the next number of its series, without a gap: take it from the series');
    END IF;
    IF series.last_number < NEW.series_number THEN
        PERFORM guard_stop('a number is taken from its series before an invoice carries it');
    END IF;
    IF NEW.invoice_date < (
        SELECT invoice_date FROM accounting_customerinvoice
        WHERE series_id = NEW.series_id AND series_number = NEW.series_number - 1
    ) THEN
        PERFORM guard_stop('invoice dates never go back within a series: use the date of the last invoice or a later one');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_invoice_takes_next_number BEFORE INSERT ON accounting_customerinvoice
FOR EACH ROW EXECUTE FUNCTION guard_invoice_takes_next_number();

-- guard invoice_follows_proforma on accounting_customerinvoice
-- (I3, I4, S2) The amount was confirmed by one person and is posted by another; neither may be bypassed.
CREATE OR REPLACE FUNCTION guard_invoice_follows_proforma() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proforma billing_proforma%ROWTYPE;
BEGIN
    SELECT p.* INTO proforma FROM accounting_invoiceproposal o JOIN billing_proforma p ON p.id = o.proforma_id
    WHERE o.id = NEW.proposal_id;
    IF proforma.confirmed_by_id IS NULL OR proforma.status IN ('draft', 'in_review') THEN
        PERFORM guard_stop('only a confirmed proforma becomes an invoice: confirm it first');
    END IF;
    IF NEW.gross_amount > 0 AND EXISTS (
        SELECT 1 FROM projects_customer c WHERE c.id = NEW.customer_id AND c.is_on_hold
    ) THEN
        PERFORM guard_stop('a customer on hold is not invoiced: release the customer first');
    END IF;
    IF proforma.confirmed_by_id = NEW.posted_by_id THEN
        PERFORM guard_stop('whoever confirmed a proforma does not post its invoice: ask a colleague');
    END IF;
    IF (proforma.legal_entity_id, proforma.customer_id, proforma.currency, proforma.net_amount)
        IS DISTINCT FROM (NEW.legal_entity_id, NEW.customer_id, NEW.currency, NEW.net_amount)
    THEN
        PERFORM guard_stop('an invoice asks the customer of its proforma for the net amount confirmed there');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_invoice_follows_proforma BEFORE INSERT ON accounting_customerinvoice
FOR EACH ROW EXECUTE FUNCTION guard_invoice_follows_proforma();

-- guard journalline_is_final_once_posted on accounting_integrationjournalline
-- (J1) Its voucher repeats it; a change here would leave the ledger without a reason.
CREATE TRIGGER guard_journalline_is_final_once_posted BEFORE UPDATE ON accounting_integrationjournalline
FOR EACH ROW WHEN (OLD.status = 'posted')
EXECUTE FUNCTION guard_refuse('a posted journal line is never changed: write a correction of the actual');

-- guard journalline_is_kept_once_posted on accounting_integrationjournalline
-- (J1) A deleted line would be pulled and posted once more.
CREATE TRIGGER guard_journalline_is_kept_once_posted BEFORE DELETE ON accounting_integrationjournalline
FOR EACH ROW WHEN (OLD.status = 'posted')
EXECUTE FUNCTION guard_refuse('a posted journal line is never deleted: write a correction of the actual');

-- guard journalline_is_not_emptied on accounting_integrationjournalline
-- (J1) TRUNCATE fires no row trigger, so it is refused for the whole statement.
CREATE TRIGGER guard_journalline_is_not_emptied BEFORE TRUNCATE ON accounting_integrationjournalline
FOR EACH STATEMENT
EXECUTE FUNCTION guard_refuse('posted journal lines are never deleted: delete open ones by their journal');

-- guard journalline_repeats_its_actual on accounting_integrationjournalline
-- (J1) Work is corrected where it was recorded, never in the books.
CREATE TRIGGER guard_journalline_repeats_its_actual BEFORE UPDATE ON accounting_integrationjournalline
FOR EACH ROW WHEN (
    (OLD.id, OLD.actual_id, OLD.project_id, OLD.accounting_date, OLD.currency, OLD.amount, OLD.base_amount)
    IS DISTINCT FROM
    (NEW.id, NEW.actual_id, NEW.project_id, NEW.accounting_date, NEW.currency, NEW.amount, NEW.base_amount)
)
EXECUTE FUNCTION guard_refuse('a journal line repeats its actual: only its dimension may change');

-- guard proposalline_is_taxed_once on accounting_invoiceproposalline
-- (J1) A line is in the base of one tax of its invoice for ever: the tax report adds up what was posted.
CREATE TRIGGER guard_proposalline_is_taxed_once BEFORE UPDATE ON accounting_invoiceproposalline
FOR EACH ROW WHEN (OLD.tax_id IS NOT NULL)
EXECUTE FUNCTION guard_refuse('a line of a posted invoice is never changed: post a correction');

-- guard advance_keeps_its_tax_group on accounting_invoiceproposal
-- (K5) What was taken off of an advance bears the tax of its proforma; its invoice asks for that tax as well.
CREATE OR REPLACE FUNCTION guard_advance_keeps_its_tax_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM billing_invoicelinedetail d
        JOIN billing_invoiceline l ON l.id = d.line_id
        JOIN billing_retainer r ON r.id = d.retainer_id
        WHERE l.proforma_id = NEW.proforma_id AND d.retainer_use = 'invoice'
          AND (r.used_amount > 0 OR r.drafted_amount > 0)
    ) THEN
        PERFORM guard_stop('an advance that is taken off keeps its tax group: take it off the drafts first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_advance_keeps_its_tax_group BEFORE UPDATE ON accounting_invoiceproposal
FOR EACH ROW WHEN (OLD.sales_tax_group_id IS DISTINCT FROM NEW.sales_tax_group_id)
EXECUTE FUNCTION guard_advance_keeps_its_tax_group();

-- guard advance_keeps_its_item_tax_group on accounting_invoiceproposalline
-- (K5) What is taken off of an advance bears the tax of its own line.
CREATE OR REPLACE FUNCTION guard_advance_keeps_its_item_tax_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM billing_invoicelinedetail d WHERE d.id = NEW.detail_id AND d.retainer_use = 'invoice'
    ) THEN
        PERFORM guard_stop('an advance keeps the item sales tax group that it was planned with');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_advance_keeps_its_item_tax_group BEFORE UPDATE ON accounting_invoiceproposalline
FOR EACH ROW WHEN (OLD.item_sales_tax_group_id IS DISTINCT FROM NEW.item_sales_tax_group_id)
EXECUTE FUNCTION guard_advance_keeps_its_item_tax_group();
