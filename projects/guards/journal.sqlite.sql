-- Reversals, bills, seals and the backlog of open actuals (J2-J6, K3), for SQLite.
-- CROSS JOIN keeps the order as written: from the rows of the event to the others by their key.
-- Numbers: type 1 cost, 2 unbilled sales, 3 billed sales; kind 1 approval, 2 confirmation.

-- guard actual_before_seal on projects_actual
-- (J3) The seal has added up the event; a row written after it would escape the sum.
CREATE TRIGGER guard_actual_before_seal BEFORE INSERT ON projects_actual
WHEN EXISTS (SELECT 1 FROM projects_actualeventseal WHERE event_id = NEW.event_id)
BEGIN
    SELECT RAISE(ABORT, 'a sealed event takes no more actuals: write another event');
END;

-- guard workitem_before_seal on projects_workitem
-- (J3) The seal has added up the event; a work item written after it would escape the sum.
CREATE TRIGGER guard_workitem_before_seal BEFORE INSERT ON projects_workitem
WHEN EXISTS (SELECT 1 FROM projects_actualeventseal WHERE event_id = NEW.event_id)
BEGIN
    SELECT RAISE(ABORT, 'a sealed event takes no more work items: write another event');
END;

-- guard adjustment_before_seal on projects_adjustment
-- (J3) The seal has added up the event; an adjustment written after it would escape the sum.
CREATE TRIGGER guard_adjustment_before_seal BEFORE INSERT ON projects_adjustment
WHEN EXISTS (SELECT 1 FROM projects_actualeventseal WHERE event_id = NEW.event_id)
BEGIN
    SELECT RAISE(ABORT, 'a sealed event takes no more adjustments: write another event');
END;

-- guard mirror_negates on projects_actual
-- (J2) Original and reversal add up to nothing, in quantity and amount, whatever code wrote them.
CREATE TRIGGER guard_mirror_negates BEFORE INSERT ON projects_actual
WHEN NEW.reverses_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM projects_actual o
    WHERE o.id = NEW.reverses_id AND o.reverses_id IS NULL AND o.work_item_id = NEW.work_item_id
      AND o.type = NEW.type AND o.billing_type = NEW.billing_type AND o.price = NEW.price
      AND o.quantity = -NEW.quantity AND o.amount = -NEW.amount
)
BEGIN
    SELECT RAISE(ABORT, 'a reversal is the exact negation of an original: copy it and negate quantity and amount');
END;

-- guard billed_bills_unbilled on projects_actual
-- (J2) What is billed can be followed to what was approved.
CREATE TRIGGER guard_billed_bills_unbilled BEFORE INSERT ON projects_actual
WHEN NEW.bills_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM projects_actual o
    WHERE o.id = NEW.bills_id AND o.type = 2 AND o.reverses_id IS NULL AND o.work_item_id = NEW.work_item_id
)
BEGIN
    SELECT RAISE(ABORT, 'billed sales bill an original unbilled-sales actual of their own work item');
END;

-- guard unbilled_names_its_contract on projects_actual
-- (K3) The backlog item is made of these keys; without them the work could never be billed.
CREATE TRIGGER guard_unbilled_names_its_contract BEFORE INSERT ON projects_actual
WHEN NEW.type = 2 AND NEW.reverses_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM projects_workitem w
    WHERE w.id = NEW.work_item_id AND w.contract_id IS NOT NULL AND w.contract_line_id IS NOT NULL
      AND w.customer_id IS NOT NULL AND w.project_id IS NOT NULL
)
BEGIN
    SELECT RAISE(ABORT, 'unbilled sales name contract, contract line, customer and project on their work item');
END;

-- guard ended_contract_opens_nothing on projects_actual
-- (A2) Nothing of a contract that was completed or lost is drafted any more: what it opened would never be billed.
CREATE TRIGGER guard_ended_contract_opens_nothing BEFORE INSERT ON projects_actual
WHEN NEW.type = 2 AND NEW.reverses_id IS NULL AND EXISTS (
    SELECT 1 FROM projects_workitem w CROSS JOIN projects_projectcontract c ON c.id = w.contract_id
    WHERE w.id = NEW.work_item_id AND c.status IN ('completed', 'lost')
)
BEGIN
    SELECT RAISE(ABORT, 'a contract that has ended takes no unbilled sales: record them on another contract');
END;

-- guard drafted_is_not_taken_back on projects_actual
-- (decision 6) A draft asks for this work already; only confirming that draft reverses it.
CREATE TRIGGER guard_drafted_is_not_taken_back BEFORE INSERT ON projects_actual
WHEN NEW.type = 2 AND NEW.reverses_id IS NOT NULL
    AND EXISTS (SELECT 1 FROM projects_backlogitem WHERE actual_id = NEW.reverses_id AND status = 'on_draft')
    AND NOT EXISTS (SELECT 1 FROM projects_actualevent WHERE id = NEW.event_id AND kind = 2)
BEGIN
    SELECT RAISE(ABORT, 'work on a draft is not taken back: take it off the draft first');
END;

-- guard actual_opens_backlog on projects_actual
-- Made by the database, so that no other way into the table leaves open unbilled sales out of the backlog.
-- The balance of a retainer is open as well, but is applied to other work and never billed itself (N11).
CREATE TRIGGER guard_actual_opens_backlog AFTER INSERT ON projects_actual
WHEN NEW.type = 2 AND NEW.reverses_id IS NULL
BEGIN
    INSERT INTO projects_backlogitem (
        actual_id, work_item_id, contract_id, contract_line_id, customer_id, project_id, currency,
        transaction_date, billing_type, quantity, amount, status, hold_reason, not_to_exceed_status,
        proforma_number, exceeded_limit, external_description
    )
    SELECT NEW.id, w.id, w.contract_id, w.contract_line_id, w.customer_id, w.project_id, w.currency,
        w.transaction_date, NEW.billing_type, NEW.quantity, NEW.amount, 'not_ready', '', 'not_applicable', '', '', ''
    FROM projects_workitem w WHERE w.id = NEW.work_item_id AND w.transaction_class NOT IN ('retainer', 'retention');
END;

-- guard mirror_closes_backlog on projects_actual
-- What is reversed is no longer open.
CREATE TRIGGER guard_mirror_closes_backlog AFTER INSERT ON projects_actual
WHEN NEW.type = 2 AND NEW.reverses_id IS NOT NULL
BEGIN
    DELETE FROM projects_backlogitem WHERE actual_id = NEW.reverses_id;
END;

-- guard event_seal on projects_actualeventseal
-- (J3, J4, J6) The event is complete when its seal is inserted, so this is where its rows are added up.
CREATE TRIGGER guard_event_seal BEFORE INSERT ON projects_actualeventseal
BEGIN
    SELECT RAISE(ABORT, 'a seal closes the event that names it: use the key the event carries')
    WHERE NOT EXISTS (SELECT 1 FROM projects_actualevent WHERE id = NEW.event_id AND seal_id = NEW.key);

    SELECT RAISE(ABORT, 'an event without actuals is not sealed: write its actuals first')
    WHERE NOT EXISTS (SELECT 1 FROM projects_actual WHERE event_id = NEW.event_id);

    SELECT RAISE(ABORT, 'an event adds up to its work items and adjustments: unbilled plus billed rows differ')
    WHERE EXISTS (
        SELECT 1 FROM (
            SELECT work_item_id, quantity, amount FROM projects_actual
            WHERE event_id = NEW.event_id AND type IN (2, 3)
            UNION ALL
            SELECT work_item_id, -quantity, -amount FROM projects_adjustment WHERE event_id = NEW.event_id
            UNION ALL
            SELECT id, -quantity, -amount FROM projects_workitem WHERE event_id = NEW.event_id
        ) GROUP BY work_item_id HAVING sum(quantity) <> 0 OR sum(amount) <> 0
    );

    SELECT RAISE(ABORT, 'billed and unbilled quantity stay between nothing and the whole of a work item')
    WHERE EXISTS (
        SELECT 1
        FROM (
            SELECT DISTINCT work_item_id FROM projects_actual WHERE event_id = NEW.event_id AND type IN (2, 3)
        ) touched
        CROSS JOIN projects_workitem w ON w.id = touched.work_item_id AND w.transaction_class NOT IN ('retainer', 'retention')
        CROSS JOIN projects_actual a ON a.work_item_id = w.id AND a.type IN (2, 3)
        GROUP BY w.id, w.quantity
        HAVING (w.quantity > 0 AND min(sum(iif(a.type = 2, a.quantity, 0)), sum(iif(a.type = 3, a.quantity, 0))) < 0)
            OR (w.quantity < 0 AND max(sum(iif(a.type = 2, a.quantity, 0)), sum(iif(a.type = 3, a.quantity, 0))) > 0)
            OR (
                min(sum(iif(a.type = 2, a.quantity, 0)), sum(iif(a.type = 3, a.quantity, 0))) < 0
                AND max(sum(iif(a.type = 2, a.quantity, 0)), sum(iif(a.type = 3, a.quantity, 0))) > 0
            )
    );

    SELECT RAISE(ABORT, 'a retainer is applied up to what was invoiced of it: its unbilled rows are what is left, negated')
    WHERE EXISTS (
        SELECT 1
        FROM (
            SELECT DISTINCT work_item_id FROM projects_actual WHERE event_id = NEW.event_id AND type IN (2, 3)
        ) touched
        CROSS JOIN projects_workitem w ON w.id = touched.work_item_id AND w.transaction_class = 'retainer'
        CROSS JOIN projects_actual a ON a.work_item_id = w.id AND a.type IN (2, 3)
        GROUP BY w.id, w.amount
        HAVING w.amount <> 0 OR sum(a.amount) <> 0 OR sum(iif(a.type = 3, a.amount, 0)) < 0
    );

    SELECT RAISE(ABORT, 'a retention is released up to what was kept back: its unbilled rows are what is open')
    WHERE EXISTS (
        SELECT 1
        FROM (
            SELECT DISTINCT work_item_id FROM projects_actual WHERE event_id = NEW.event_id AND type IN (2, 3)
        ) touched
        CROSS JOIN projects_workitem w ON w.id = touched.work_item_id AND w.transaction_class = 'retention'
        CROSS JOIN projects_actual a ON a.work_item_id = w.id AND a.type IN (2, 3)
        GROUP BY w.id, w.amount
        HAVING w.amount <> 0 OR sum(a.amount) <> 0 OR sum(iif(a.type = 3, a.amount, 0)) > 0
    );

    SELECT RAISE(ABORT, 'approving time, expenses and material writes their cost: a work item lacks its cost row')
    WHERE EXISTS (
        SELECT w.id FROM projects_actualevent e JOIN projects_workitem w ON w.event_id = e.id
        WHERE e.id = NEW.event_id AND e.kind = 1 AND w.transaction_class IN ('time', 'expense', 'material')
        EXCEPT
        SELECT work_item_id FROM projects_actual WHERE event_id = NEW.event_id AND type = 1
    );

    SELECT RAISE(ABORT, 'confirming bills what was approved and writes no cost: leave the cost rows out')
    WHERE EXISTS (
        SELECT 1 FROM projects_actualevent e JOIN projects_actual a ON a.event_id = e.id
        WHERE e.id = NEW.event_id AND e.kind = 2 AND a.type = 1
    );
END;
