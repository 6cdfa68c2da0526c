-- Reversals, bills, seals and the backlog of open actuals (J2-J6, K3), for PostgreSQL.
-- Numbers: type 1 cost, 2 unbilled sales, 3 billed sales; kind 1 approval, 2 confirmation.
-- Inserts are checked once per statement. The sub-selects are kept scalar and sequential scans off because
-- plpgsql keeps the plan of its first call: it must start from the new rows, however many, and use the keys.

-- guard actual_inserted on projects_actual
-- (J3, J2, K3, A2, decision 6) Everything an inserted actual must fulfil, in one statement trigger, so that a set costs as much as its rows.
CREATE OR REPLACE FUNCTION guard_actual_inserted() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    opened bigint[];
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT event_id FROM inserted) e
        WHERE (SELECT true FROM projects_actualeventseal s WHERE s.event_id = e.event_id LIMIT 1)
    ) THEN
        PERFORM guard_stop('a sealed event takes no more actuals: write another event');
    END IF;
    IF EXISTS (
        SELECT 1 FROM inserted m WHERE m.reverses_id IS NOT NULL AND (
            SELECT o.reverses_id IS NULL AND o.work_item_id = m.work_item_id AND o.type = m.type
                AND o.billing_type = m.billing_type AND o.price = m.price
                AND o.quantity = -m.quantity AND o.amount = -m.amount
            FROM projects_actual o WHERE o.id = m.reverses_id LIMIT 1
        ) IS NOT TRUE
    ) THEN
        PERFORM guard_stop('a reversal is the exact negation of an original: copy it and negate quantity and amount');
    END IF;
    IF EXISTS (
        SELECT 1 FROM inserted b WHERE b.bills_id IS NOT NULL AND (
            SELECT o.type = 2 AND o.reverses_id IS NULL AND o.work_item_id = b.work_item_id
            FROM projects_actual o WHERE o.id = b.bills_id LIMIT 1
        ) IS NOT TRUE
    ) THEN
        PERFORM guard_stop('billed sales bill an original unbilled-sales actual of their own work item');
    END IF;
    IF EXISTS (
        SELECT 1 FROM inserted b WHERE b.type = 2 AND b.reverses_id IS NULL AND (
            SELECT num_nulls(w.contract_id, w.contract_line_id, w.customer_id, w.project_id) = 0
            FROM projects_workitem w WHERE w.id = b.work_item_id LIMIT 1
        ) IS NOT TRUE
    ) THEN
        PERFORM guard_stop('unbilled sales name contract, contract line, customer and project on their work item');
    END IF;
    opened := ARRAY (
        SELECT DISTINCT (SELECT w.contract_id FROM projects_workitem w WHERE w.id = b.work_item_id LIMIT 1)
        FROM inserted b WHERE b.type = 2 AND b.reverses_id IS NULL
    );
    -- Held, so that a contract that ends beside it ends before, which is refused here, or after, and sees these rows (D4).
    PERFORM 1 FROM projects_projectcontract WHERE id = ANY (opened) ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM projects_projectcontract WHERE id = ANY (opened) AND status IN ('completed', 'lost')
    ) THEN
        PERFORM guard_stop('a contract that has ended takes no unbilled sales: record them on another contract');
    END IF;
    IF EXISTS (
        SELECT 1 FROM inserted m WHERE m.type = 2 AND m.reverses_id IS NOT NULL
            AND (SELECT kind <> 2 FROM projects_actualevent e WHERE e.id = m.event_id LIMIT 1)
            AND (SELECT status = 'on_draft' FROM projects_backlogitem b WHERE b.actual_id = m.reverses_id LIMIT 1)
    ) THEN
        PERFORM guard_stop('work on a draft is not taken back: take it off the draft first');
    END IF;
    INSERT INTO projects_backlogitem (
        actual_id, work_item_id, contract_id, contract_line_id, customer_id, project_id, currency,
        transaction_date, billing_type, quantity, amount, status, hold_reason, not_to_exceed_status,
        proforma_number, exceeded_limit, external_description
    )
    SELECT b.id, w.id, w.contract_id, w.contract_line_id, w.customer_id, w.project_id, w.currency,
        w.transaction_date, b.billing_type, b.quantity, b.amount, 'not_ready', '', 'not_applicable', '', '', ''
    FROM inserted b CROSS JOIN LATERAL (
        SELECT * FROM projects_workitem i WHERE i.id = b.work_item_id OFFSET 0
    ) w
    -- The balance of a retainer is open as well, but is applied to other work and never billed itself (N11).
    WHERE b.type = 2 AND b.reverses_id IS NULL AND w.transaction_class NOT IN ('retainer', 'retention');
    DELETE FROM projects_backlogitem WHERE actual_id = ANY (
        ARRAY (SELECT reverses_id FROM inserted WHERE type = 2 AND reverses_id IS NOT NULL)
    );
    RETURN NULL;
END $$;
CREATE TRIGGER guard_actual_inserted AFTER INSERT ON projects_actual
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_actual_inserted();

-- guard workitem_before_seal on projects_workitem
-- (J3) The seal has added up the event; a work item written after it would escape the sum.
CREATE OR REPLACE FUNCTION guard_before_seal() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT event_id FROM inserted) e
        WHERE (SELECT true FROM projects_actualeventseal s WHERE s.event_id = e.event_id LIMIT 1)
    ) THEN
        PERFORM guard_stop(TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_workitem_before_seal AFTER INSERT ON projects_workitem
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT
EXECUTE FUNCTION guard_before_seal('a sealed event takes no more work items: write another event');

-- guard adjustment_before_seal on projects_adjustment
-- (J3) The seal has added up the event; an adjustment written after it would escape the sum.
CREATE TRIGGER guard_adjustment_before_seal AFTER INSERT ON projects_adjustment
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT
EXECUTE FUNCTION guard_before_seal('a sealed event takes no more adjustments: write another event');

-- guard event_seal on projects_actualeventseal
-- (J3, J4, J6) The event is complete when its seal is inserted, so this is where its rows are added up.
-- Asked once for all seals of a statement, by the array of their events, so that every question runs on an index
-- whatever the statistics of a table that this very transaction filled.
CREATE OR REPLACE FUNCTION guard_event_seal() RETURNS trigger LANGUAGE plpgsql
SET jit = off AS $$
DECLARE
    events bigint[] := (SELECT array_agg(event_id) FROM inserted);
    approvals bigint[] := (SELECT array_agg(id) FROM projects_actualevent WHERE id = ANY (events) AND kind = 1);
    confirmations bigint[] := (SELECT array_agg(id) FROM projects_actualevent WHERE id = ANY (events) AND kind = 2);
BEGIN
    IF EXISTS (
        SELECT 1 FROM inserted b JOIN projects_actualevent e ON e.id = b.event_id
        WHERE e.id = ANY (events) AND e.seal_id IS DISTINCT FROM b.key
    ) THEN
        PERFORM guard_stop('a seal closes the event that names it: use the key the event carries');
    END IF;
    IF EXISTS (
        SELECT unnest(events) EXCEPT SELECT event_id FROM projects_actual WHERE event_id = ANY (events)
    ) THEN
        PERFORM guard_stop('an event without actuals is not sealed: write its actuals first');
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT event_id, work_item_id, quantity, amount FROM projects_actual
            WHERE event_id = ANY (events) AND type IN (2, 3)
            UNION ALL
            SELECT event_id, work_item_id, -quantity, -amount FROM projects_adjustment WHERE event_id = ANY (events)
            UNION ALL
            SELECT event_id, id, -quantity, -amount FROM projects_workitem WHERE event_id = ANY (events)
        ) moved GROUP BY event_id, work_item_id HAVING sum(quantity) <> 0 OR sum(amount) <> 0
    ) THEN
        PERFORM guard_stop('an event adds up to its work items and adjustments: unbilled plus billed rows differ');
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT w.quantity AS whole,
                coalesce(sum(a.quantity) FILTER (WHERE a.type = 2), 0) AS unbilled,
                coalesce(sum(a.quantity) FILTER (WHERE a.type = 3), 0) AS billed
            FROM projects_workitem w
            JOIN projects_actual a ON a.work_item_id = w.id AND a.type IN (2, 3)
            WHERE w.id = ANY (ARRAY(
                SELECT DISTINCT work_item_id FROM projects_actual WHERE event_id = ANY (events) AND type IN (2, 3)
            )) AND w.transaction_class NOT IN ('retainer', 'retention')
            GROUP BY w.id, w.quantity
        ) chain
        WHERE (whole > 0 AND least(unbilled, billed) < 0) OR (whole < 0 AND greatest(unbilled, billed) > 0)
            OR (least(unbilled, billed) < 0 AND greatest(unbilled, billed) > 0)
    ) THEN
        PERFORM guard_stop('billed and unbilled quantity stay between nothing and the whole of a work item');
    END IF;
    IF EXISTS (
        SELECT 1 FROM projects_workitem w
        JOIN projects_actual a ON a.work_item_id = w.id AND a.type IN (2, 3)
        WHERE w.id = ANY (ARRAY(
            SELECT DISTINCT work_item_id FROM projects_actual WHERE event_id = ANY (events) AND type IN (2, 3)
        )) AND w.transaction_class = 'retainer'
        GROUP BY w.id, w.amount
        HAVING w.amount <> 0 OR sum(a.amount) <> 0 OR coalesce(sum(a.amount) FILTER (WHERE a.type = 3), 0) < 0
    ) THEN
        PERFORM guard_stop('a retainer is applied up to what was invoiced of it: its unbilled rows are what is left, negated');
    END IF;
    IF EXISTS (
        SELECT 1 FROM projects_workitem w
        JOIN projects_actual a ON a.work_item_id = w.id AND a.type IN (2, 3)
        WHERE w.id = ANY (ARRAY(
            SELECT DISTINCT work_item_id FROM projects_actual WHERE event_id = ANY (events) AND type IN (2, 3)
        )) AND w.transaction_class = 'retention'
        GROUP BY w.id, w.amount
        HAVING w.amount <> 0 OR sum(a.amount) <> 0 OR coalesce(sum(a.amount) FILTER (WHERE a.type = 3), 0) > 0
    ) THEN
        PERFORM guard_stop('a retention is released up to what was kept back: its unbilled rows are what is open');
    END IF;
    IF EXISTS (
        SELECT id FROM projects_workitem
        WHERE event_id = ANY (approvals) AND transaction_class IN ('time', 'expense', 'material')
        EXCEPT
        SELECT work_item_id FROM projects_actual WHERE event_id = ANY (approvals) AND type = 1
    ) THEN
        PERFORM guard_stop('approving time, expenses and material writes their cost: a work item lacks its cost row');
    END IF;
    IF EXISTS (SELECT 1 FROM projects_actual WHERE event_id = ANY (confirmations) AND type = 1) THEN
        PERFORM guard_stop('confirming bills what was approved and writes no cost: leave the cost rows out');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_event_seal AFTER INSERT ON projects_actualeventseal
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_event_seal();
