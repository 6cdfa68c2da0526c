-- Above an amount that a company sets a second person confirms (decision 16), for PostgreSQL.

-- guard second_person_confirms on billing_proforma
-- (decision 16) Whoever edited it last or asked for the review is the first person, however it is confirmed.
-- What the same person confirmed of this contract and customer in the day before, unless asked by somebody else,
-- counts with it: dividing a draft changes nothing. A currency without a rate on the day is taken as above:
-- nobody can say that it is below. Rates have nine places.
CREATE OR REPLACE FUNCTION guard_second_person_confirms() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    weight numeric;
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_legalentity e WHERE e.id = NEW.legal_entity_id AND e.second_person_above IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
    SELECT greatest(abs(NEW.gross_amount), NEW.weighed_amount)::numeric + coalesce(sum(o.weighed_amount), 0)
    INTO weight
    FROM billing_proforma o
    WHERE o.contract_id = NEW.contract_id AND o.customer_id = NEW.customer_id AND o.currency = NEW.currency
      AND o.id <> NEW.id AND o.confirmed_by_id = NEW.confirmed_by_id
      AND o.confirmed_at > NEW.confirmed_at - interval '1 day'
      AND NOT EXISTS (
        SELECT 1 FROM billing_proformareview v
        WHERE v.proforma_id = o.id AND v.outcome IN ('open', 'confirmed')
          AND v.reviewer_id = o.confirmed_by_id AND v.reviewer_id <> v.asked_by_id
      );
    PERFORM guard_stop('above the amount of its company a second person confirms, who was asked and did not edit it last: ask somebody to review it')
    FROM projects_legalentity e
    WHERE e.id = NEW.legal_entity_id AND e.second_person_above IS NOT NULL AND CASE
        WHEN e.currency = NEW.currency THEN weight > e.second_person_above
        ELSE coalesce((
            SELECT weight * r.rate > e.second_person_above::numeric * 1000000000
            FROM projects_exchangerate r
            WHERE r.legal_entity_id = e.id AND r.currency = NEW.currency AND r.starts_on <= NEW.invoice_date
            ORDER BY r.starts_on DESC LIMIT 1
        ), true)
    END AND NOT EXISTS (
        SELECT 1 FROM billing_proformareview v
        WHERE v.proforma_id = NEW.id AND v.outcome = 'open' AND v.reviewer_id = NEW.confirmed_by_id
          AND v.reviewer_id <> v.asked_by_id AND NEW.last_edited_by_id IS DISTINCT FROM v.reviewer_id
    );
    RETURN NEW;
END $$;
CREATE TRIGGER guard_second_person_confirms BEFORE UPDATE ON billing_proforma
FOR EACH ROW WHEN (OLD.status IN ('draft', 'in_review') AND NEW.status = 'confirmed')
EXECUTE FUNCTION guard_second_person_confirms();
