-- Estimates of fixed prices: posted, eliminated and reversed step by step, each by an event (C10, G18), for SQLite.

-- guard estimate_begins_as_created on accounting_revenueestimate
-- (G18) What begins as posted has no event and no voucher.
CREATE TRIGGER guard_estimate_begins_as_created BEFORE INSERT ON accounting_revenueestimate
BEGIN
    SELECT RAISE(ABORT, 'an estimate begins as created: post it afterwards')
    WHERE NEW.status <> 'created';
END;

-- guard estimate_steps on accounting_revenueestimate
-- (G18, I4) What is posted stays as it was estimated, and goes on with the event that says so.
CREATE TRIGGER guard_estimate_steps BEFORE UPDATE ON accounting_revenueestimate
BEGIN
    SELECT RAISE(ABORT, 'an estimate stays with its company, its project and its period: estimate another one')
    WHERE OLD.id <> NEW.id OR OLD.legal_entity_id <> NEW.legal_entity_id
       OR OLD.project_id <> NEW.project_id OR OLD.period_id <> NEW.period_id;

    SELECT RAISE(ABORT, 'the figures of an estimate that is posted never change: reverse its posting first')
    WHERE (OLD.status <> 'created' OR NEW.status <> 'created') AND (
        OLD.method <> NEW.method OR OLD.contract_amount <> NEW.contract_amount
        OR OLD.cost_to_date <> NEW.cost_to_date OR OLD.total_cost IS NOT NEW.total_cost
        OR OLD.percent <> NEW.percent OR OLD.amount <> NEW.amount
    );

    SELECT RAISE(ABORT, 'an estimate is created, posted and eliminated in this order: reverse one step to go back')
    WHERE OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        VALUES ('created', 'posted'), ('posted', 'eliminated'), ('eliminated', 'posted'), ('posted', 'created')
    );

    SELECT RAISE(ABORT, 'an estimate goes on by the event that posts, eliminates or reverses it: write that first')
    WHERE OLD.status <> NEW.status AND (
        (NEW.status = 'created') = EXISTS (
            SELECT 1 FROM accounting_estimateevent e
            WHERE e.estimate_id = NEW.id AND e.step = 'posted'
              AND NOT EXISTS (SELECT 1 FROM accounting_estimateevent r WHERE r.reverses_id = e.id)
        )
        OR (NEW.status = 'eliminated') <> EXISTS (
            SELECT 1 FROM accounting_estimateevent e JOIN accounting_revenueestimate o ON o.id = e.estimate_id
            WHERE o.project_id = NEW.project_id AND e.step = 'eliminated'
              AND NOT EXISTS (SELECT 1 FROM accounting_estimateevent r WHERE r.reverses_id = e.id)
        )
    );
END;

-- guard estimate_is_kept on accounting_revenueestimate
-- (G18) What was recognised of a project is read by whoever examines the books.
CREATE TRIGGER guard_estimate_is_kept BEFORE DELETE ON accounting_revenueestimate
WHEN OLD.status <> 'created'
BEGIN
    SELECT RAISE(ABORT, 'estimates that are posted are never deleted: reverse the posting, and estimate anew');
END;

-- guard estimate_event_reverses_its_own on accounting_estimateevent
-- (G18) A posting is taken back by the reversal of that posting, an elimination by that of the elimination.
CREATE TRIGGER guard_estimate_event_reverses_its_own BEFORE INSERT ON accounting_estimateevent
BEGIN
    SELECT RAISE(ABORT, 'the reversal of a step of an estimate reverses that step of it, and no other one')
    WHERE (NEW.reverses_id IS NOT NULL) <> (NEW.step IN ('posting_reversed', 'elimination_reversed'))
       OR (NEW.reverses_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM accounting_estimateevent o
            WHERE o.id = NEW.reverses_id AND o.estimate_id = NEW.estimate_id
              AND o.step = CASE NEW.step WHEN 'posting_reversed' THEN 'posted' ELSE 'eliminated' END
       ));
END;
