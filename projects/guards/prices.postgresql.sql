-- Price lists that never hold on one day together, and prices that stay where work took them from (A7), for PostgreSQL.

-- guard pricelist_overlap on projects_pricelist
-- (A7) Of two lists that hold on one day, nobody could say which one decides. The lock on the legal entity makes
-- two lists that are written at once see each other; it does not hold up work that is recorded for the entity.
CREATE OR REPLACE FUNCTION guard_pricelist_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM projects_legalentity WHERE id = NEW.legal_entity_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM projects_pricelist
        WHERE id <> NEW.id AND legal_entity_id = NEW.legal_entity_id AND context = NEW.context
          AND currency = NEW.currency AND contract_id IS NOT DISTINCT FROM NEW.contract_id
          AND coalesce(starts_on, '-infinity') <= coalesce(NEW.ends_on, 'infinity')
          AND coalesce(NEW.starts_on, '-infinity') <= coalesce(ends_on, 'infinity')
    ) THEN
        PERFORM guard_stop('two price lists of one kind never hold on one day: end one before the other starts');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_pricelist_overlap BEFORE INSERT OR UPDATE ON projects_pricelist
FOR EACH ROW EXECUTE FUNCTION guard_pricelist_overlap();

-- guard pricelist_keeps_its_kind on projects_pricelist
-- (A7) Work that took prices from it would have been priced in another currency or for another contract.
CREATE TRIGGER guard_pricelist_keeps_its_kind BEFORE UPDATE ON projects_pricelist
FOR EACH ROW WHEN (
    (OLD.legal_entity_id, OLD.context, OLD.currency, OLD.contract_id)
    IS DISTINCT FROM (NEW.legal_entity_id, NEW.context, NEW.currency, NEW.contract_id)
)
EXECUTE FUNCTION guard_refuse('a price list keeps its legal entity, context, currency and contract: make another list');

-- guard roleprice_is_kept_once_used on projects_roleprice
-- (A7) Work must stay able to say what it was priced by.
CREATE OR REPLACE FUNCTION guard_roleprice_is_kept_once_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM projects_approval a JOIN projects_entry e ON e.id = a.entry_id
        WHERE (a.price_list_id = OLD.price_list_id OR a.cost_price_list_id = OLD.price_list_id)
          AND e.transaction_class = 'time' AND e.role_id = OLD.role_id
    ) THEN
        PERFORM guard_stop('a price that work took is never deleted: let it end on a day');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard_roleprice_is_kept_once_used BEFORE DELETE ON projects_roleprice
FOR EACH ROW EXECUTE FUNCTION guard_roleprice_is_kept_once_used();

-- guard categoryprice_is_kept_once_used on projects_categoryprice
-- (A7) The same for categories.
CREATE OR REPLACE FUNCTION guard_categoryprice_is_kept_once_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM projects_approval a JOIN projects_entry e ON e.id = a.entry_id
        WHERE (a.price_list_id = OLD.price_list_id OR a.cost_price_list_id = OLD.price_list_id)
          AND e.transaction_class <> 'time' AND e.category_id = OLD.category_id AND OLD.unit IN ('', e.unit)
    ) THEN
        PERFORM guard_stop('a price that work took is never deleted: let it end on a day');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard_categoryprice_is_kept_once_used BEFORE DELETE ON projects_categoryprice
FOR EACH ROW EXECUTE FUNCTION guard_categoryprice_is_kept_once_used();

-- guard materialprice_is_kept_once_used on projects_materialprice
-- (A7) The same for materials.
CREATE OR REPLACE FUNCTION guard_materialprice_is_kept_once_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM projects_approval a JOIN projects_entry e ON e.id = a.entry_id
        WHERE (a.price_list_id = OLD.price_list_id OR a.cost_price_list_id = OLD.price_list_id)
          AND e.transaction_class = 'material' AND e.product = OLD.product AND e.unit = OLD.unit
    ) THEN
        PERFORM guard_stop('a price that work took is never deleted: let it end on a day');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard_materialprice_is_kept_once_used BEFORE DELETE ON projects_materialprice
FOR EACH ROW EXECUTE FUNCTION guard_materialprice_is_kept_once_used();
