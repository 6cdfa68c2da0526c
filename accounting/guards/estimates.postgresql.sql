-- Estimates of fixed prices: posted, eliminated and reversed step by step, each by an event (C10, G18), for PostgreSQL.

-- guard estimate_begins_as_created on accounting_revenueestimate
-- (G18) What begins as posted has no event and no voucher.
CREATE OR REPLACE FUNCTION guard_estimate_begins_as_created() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM guard_stop('an estimate begins as created: post it afterwards');
    RETURN NEW;
END $$;
CREATE TRIGGER guard_estimate_begins_as_created BEFORE INSERT ON accounting_revenueestimate
FOR EACH ROW WHEN (NEW.status <> 'created') EXECUTE FUNCTION guard_estimate_begins_as_created();

-- guard estimate_steps on accounting_revenueestimate
-- (G18, I4) What is posted stays as it was estimated, and goes on with the event that says so.
CREATE OR REPLACE FUNCTION guard_estimate_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.legal_entity_id, OLD.project_id, OLD.period_id)
        IS DISTINCT FROM (NEW.id, NEW.legal_entity_id, NEW.project_id, NEW.period_id) THEN
        PERFORM guard_stop(
            'an estimate stays with its company, its project and its period: estimate another one'
        );
    END IF;
    IF (OLD.status <> 'created' OR NEW.status <> 'created') AND
        (OLD.method, OLD.contract_amount, OLD.cost_to_date, OLD.total_cost, OLD.percent, OLD.amount)
        IS DISTINCT FROM
        (NEW.method, NEW.contract_amount, NEW.cost_to_date, NEW.total_cost, NEW.percent, NEW.amount) THEN
        PERFORM guard_stop(
            'the figures of an estimate that is posted never change: reverse its posting first'
        );
    END IF;
    IF OLD.status = NEW.status THEN
        RETURN NEW;
    END IF;
    IF (OLD.status, NEW.status) NOT IN (
        ('created', 'posted'), ('posted', 'eliminated'), ('eliminated', 'posted'), ('posted', 'created')
    ) THEN
        PERFORM guard_stop(
            'an estimate is created, posted and eliminated in this order: reverse one step to go back'
        );
    END IF;
    IF (NEW.status = 'created') = EXISTS (
            SELECT 1 FROM accounting_estimateevent e
            WHERE e.estimate_id = NEW.id AND e.step = 'posted'
              AND NOT EXISTS (SELECT 1 FROM accounting_estimateevent r WHERE r.reverses_id = e.id)
        )
        OR (NEW.status = 'eliminated') <> EXISTS (
            SELECT 1 FROM accounting_estimateevent e JOIN accounting_revenueestimate o ON o.id = e.estimate_id
            WHERE o.project_id = NEW.project_id AND e.step = 'eliminated'
              AND NOT EXISTS (SELECT 1 FROM accounting_estimateevent r WHERE r.reverses_id = e.id)
        ) THEN
        PERFORM guard_stop(
            'an estimate goes on by the event that posts, eliminates or reverses it: write that first'
        );
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_estimate_steps BEFORE UPDATE ON accounting_revenueestimate
FOR EACH ROW EXECUTE FUNCTION guard_estimate_steps();

-- guard estimate_is_kept on accounting_revenueestimate
-- (G18) What was recognised of a project is read by whoever examines the books.
CREATE OR REPLACE FUNCTION guard_estimate_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM guard_stop('estimates that are posted are never deleted: reverse the posting, and estimate anew');
    RETURN OLD;
END $$;
CREATE TRIGGER guard_estimate_is_kept BEFORE DELETE ON accounting_revenueestimate
FOR EACH ROW WHEN (OLD.status <> 'created') EXECUTE FUNCTION guard_estimate_is_kept();

-- guard estimate_event_reverses_its_own on accounting_estimateevent
-- (G18) A posting is taken back by the reversal of that posting, an elimination by that of the elimination.
CREATE OR REPLACE FUNCTION guard_estimate_event_reverses_its_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.reverses_id IS NOT NULL) <> (NEW.step IN ('posting_reversed', 'elimination_reversed'))
       OR (NEW.reverses_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM accounting_estimateevent o
            WHERE o.id = NEW.reverses_id AND o.estimate_id = NEW.estimate_id
              AND o.step = CASE NEW.step WHEN 'posting_reversed' THEN 'posted' ELSE 'eliminated' END
       )) THEN
        PERFORM guard_stop('the reversal of a step of an estimate reverses that step of it, and no other one');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_estimate_event_reverses_its_own BEFORE INSERT ON accounting_estimateevent
FOR EACH ROW EXECUTE FUNCTION guard_estimate_event_reverses_its_own();
