-- Revaluations: one stands for a period, and a reversal is its exact negation (C9, G14), for PostgreSQL.

-- guard revaluation_is_one_of_its_period on accounting_revaluation
-- (G14) A period valued twice would show the same difference twice.
CREATE OR REPLACE FUNCTION guard_revaluation_is_one_of_its_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM accounting_fiscalperiod p
        WHERE p.id = NEW.period_id AND p.legal_entity_id = NEW.legal_entity_id
          AND NEW.valued_on BETWEEN p.starts_on AND p.ends_on
    ) THEN
        PERFORM guard_stop('a revaluation is of a day of its period, in its company: choose another day');
    END IF;
    IF NEW.reverses_id IS NULL AND EXISTS (
        SELECT 1 FROM accounting_revaluation r
        WHERE r.period_id = NEW.period_id AND r.reverses_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM accounting_revaluation b WHERE b.reverses_id = r.id)
    ) THEN
        PERFORM guard_stop('a period is revalued once: reverse its revaluation before another one');
    END IF;
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounting_revaluation r
        WHERE r.id = NEW.reverses_id AND r.reverses_id IS NULL AND r.period_id = NEW.period_id
          AND r.valued_on = NEW.valued_on AND r.reversed_on = NEW.reversed_on
    ) THEN
        PERFORM guard_stop('the reversal of a revaluation is of its days, and is not reversed itself');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_revaluation_is_one_of_its_period BEFORE INSERT ON accounting_revaluation
FOR EACH ROW EXECUTE FUNCTION guard_revaluation_is_one_of_its_period();

-- guard voucher_of_revaluation on accounting_voucher
-- (G14) What is valued on a day is in the books on that day, and out of them on the next.
CREATE OR REPLACE FUNCTION guard_voucher_of_revaluation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM accounting_revaluation r
        WHERE r.id = NEW.source_id AND r.legal_entity_id = NEW.legal_entity_id
          AND NEW.date = CASE NEW.source_kind WHEN 'revaluation' THEN r.valued_on ELSE r.reversed_on END
    ) THEN
        PERFORM guard_stop('a revaluation is in the ledger on its day, and is reversed on the day after');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_voucher_of_revaluation BEFORE INSERT ON accounting_voucher
FOR EACH ROW WHEN (NEW.source_kind IN ('revaluation', 'revaluation_reversal')) EXECUTE FUNCTION guard_voucher_of_revaluation();
