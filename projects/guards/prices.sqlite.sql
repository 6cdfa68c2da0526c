-- Price lists that never hold on one day together, and prices that stay where work took them from (A7), for SQLite.

-- guard pricelist_overlap_inserted on projects_pricelist
-- (A7) Of two lists that hold on one day, nobody could say which one decides.
CREATE TRIGGER guard_pricelist_overlap_inserted BEFORE INSERT ON projects_pricelist
WHEN EXISTS (
    SELECT 1 FROM projects_pricelist
    WHERE legal_entity_id = NEW.legal_entity_id AND context = NEW.context AND currency = NEW.currency
      AND contract_id IS NEW.contract_id
      AND coalesce(starts_on, '0001-01-01') <= coalesce(NEW.ends_on, '9999-12-31')
      AND coalesce(NEW.starts_on, '0001-01-01') <= coalesce(ends_on, '9999-12-31')
)
BEGIN
    SELECT RAISE(ABORT, 'two price lists of one kind never hold on one day: end one before the other starts');
END;

-- guard pricelist_overlap_updated on projects_pricelist
-- (A7) The same for a list whose days are moved.
CREATE TRIGGER guard_pricelist_overlap_updated BEFORE UPDATE ON projects_pricelist
WHEN EXISTS (
    SELECT 1 FROM projects_pricelist
    WHERE id <> OLD.id AND legal_entity_id = NEW.legal_entity_id AND context = NEW.context
      AND currency = NEW.currency AND contract_id IS NEW.contract_id
      AND coalesce(starts_on, '0001-01-01') <= coalesce(NEW.ends_on, '9999-12-31')
      AND coalesce(NEW.starts_on, '0001-01-01') <= coalesce(ends_on, '9999-12-31')
)
BEGIN
    SELECT RAISE(ABORT, 'two price lists of one kind never hold on one day: end one before the other starts');
END;

-- guard pricelist_keeps_its_kind on projects_pricelist
-- (A7) Work that took prices from it would have been priced in another currency or for another contract.
CREATE TRIGGER guard_pricelist_keeps_its_kind BEFORE UPDATE ON projects_pricelist
WHEN (OLD.legal_entity_id, OLD.context, OLD.currency) IS NOT (NEW.legal_entity_id, NEW.context, NEW.currency)
    OR OLD.contract_id IS NOT NEW.contract_id
BEGIN
    SELECT RAISE(ABORT, 'a price list keeps its legal entity, context, currency and contract: make another list');
END;

-- guard roleprice_is_kept_once_used on projects_roleprice
-- (A7) Work must stay able to say what it was priced by.
CREATE TRIGGER guard_roleprice_is_kept_once_used BEFORE DELETE ON projects_roleprice
WHEN EXISTS (
    SELECT 1 FROM projects_approval a JOIN projects_entry e ON e.id = a.entry_id
    WHERE OLD.price_list_id IN (a.price_list_id, a.cost_price_list_id)
      AND e.transaction_class = 'time' AND e.role_id = OLD.role_id
)
BEGIN
    SELECT RAISE(ABORT, 'a price that work took is never deleted: let it end on a day');
END;

-- guard categoryprice_is_kept_once_used on projects_categoryprice
-- (A7) The same for categories.
CREATE TRIGGER guard_categoryprice_is_kept_once_used BEFORE DELETE ON projects_categoryprice
WHEN EXISTS (
    SELECT 1 FROM projects_approval a JOIN projects_entry e ON e.id = a.entry_id
    WHERE OLD.price_list_id IN (a.price_list_id, a.cost_price_list_id)
      AND e.transaction_class <> 'time' AND e.category_id = OLD.category_id AND OLD.unit IN ('', e.unit)
)
BEGIN
    SELECT RAISE(ABORT, 'a price that work took is never deleted: let it end on a day');
END;

-- guard materialprice_is_kept_once_used on projects_materialprice
-- (A7) The same for materials.
CREATE TRIGGER guard_materialprice_is_kept_once_used BEFORE DELETE ON projects_materialprice
WHEN EXISTS (
    SELECT 1 FROM projects_approval a JOIN projects_entry e ON e.id = a.entry_id
    WHERE OLD.price_list_id IN (a.price_list_id, a.cost_price_list_id)
      AND e.transaction_class = 'material' AND e.product = OLD.product AND e.unit = OLD.unit
)
BEGIN
    SELECT RAISE(ABORT, 'a price that work took is never deleted: let it end on a day');
END;
