-- Open items from another system: one for each number, reversed whole (C13, G16), for PostgreSQL.

-- guard openingitem_is_brought_once on accounting_openingitem
-- (G16) An invoice brought in twice would be asked for twice; half of one reversed leaves the other on nothing.
CREATE OR REPLACE FUNCTION guard_openingitem_is_brought_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT legal_entity_id FROM projects_customer WHERE id = NEW.customer_id) IS DISTINCT FROM NEW.legal_entity_id THEN
        PERFORM guard_stop('an open item is of a customer of its company');
    END IF;
    IF NEW.reverses_id IS NULL AND EXISTS (
        SELECT 1 FROM accounting_openingitem o
        WHERE o.customer_id = NEW.customer_id AND o.number = NEW.number AND o.reverses_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM accounting_openingitem b WHERE b.reverses_id = o.id)
    ) THEN
        PERFORM guard_stop('an open item is brought in once: reverse the other one first');
    END IF;
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_openingitem o
        WHERE o.id = NEW.reverses_id AND o.reverses_id IS NULL AND o.customer_id = NEW.customer_id
          AND o.currency = NEW.currency AND o.opened_on = NEW.opened_on
          AND o.amount = -NEW.amount AND o.base_amount = -NEW.base_amount
    ) THEN
        PERFORM guard_stop('the reversal of an open item is its exact negation, and is not reversed itself');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_openingitem_is_brought_once BEFORE INSERT ON accounting_openingitem
FOR EACH ROW EXECUTE FUNCTION guard_openingitem_is_brought_once();

-- guard voucher_of_opening_item on accounting_voucher
-- (G16) The subledger begins on the opening date.
CREATE OR REPLACE FUNCTION guard_voucher_of_opening_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM accounting_openingitem o
        WHERE o.id = NEW.source_id AND o.legal_entity_id = NEW.legal_entity_id AND o.opened_on = NEW.date
    ) THEN
        PERFORM guard_stop('an open item is in the ledger on the opening date');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_voucher_of_opening_item BEFORE INSERT ON accounting_voucher
FOR EACH ROW WHEN (NEW.source_kind = 'opening_item') EXECUTE FUNCTION guard_voucher_of_opening_item();
