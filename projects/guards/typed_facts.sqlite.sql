-- Journals of facts that somebody types, and of their cancellation (#11, #11b), for SQLite.
-- Numbers: kind 8 entry journal, 9 cancellation of one; type 3 billed sales.

-- guard entryjournal_not_changed on projects_entryjournal
-- (#11) What is confirmed has written its facts; a change would make it say something else than these.
CREATE TRIGGER guard_entryjournal_not_changed BEFORE UPDATE ON projects_entryjournal
WHEN OLD.status = 'confirmed'
BEGIN
    SELECT RAISE(ABORT, 'a confirmed entry journal is final: cancel what it wrote by a cancellation journal');
END;

-- guard entryjournal_not_deleted on projects_entryjournal
-- (#11) Its facts would lose where they come from.
CREATE TRIGGER guard_entryjournal_not_deleted BEFORE DELETE ON projects_entryjournal
WHEN OLD.status = 'confirmed'
BEGIN
    SELECT RAISE(ABORT, 'a confirmed entry journal is final: cancel what it wrote by a cancellation journal');
END;

-- guard entryjournalline_not_added on projects_entryjournalline
-- (#11) A line that is added afterwards has no fact.
CREATE TRIGGER guard_entryjournalline_not_added BEFORE INSERT ON projects_entryjournalline
WHEN EXISTS (SELECT 1 FROM projects_entryjournal WHERE id = NEW.journal_id AND status = 'confirmed')
BEGIN
    SELECT RAISE(ABORT, 'lines of a confirmed entry journal are final: write another journal');
END;

-- guard entryjournalline_not_changed on projects_entryjournalline
-- (#11) A line says what its fact says.
CREATE TRIGGER guard_entryjournalline_not_changed BEFORE UPDATE ON projects_entryjournalline
WHEN EXISTS (
    SELECT 1 FROM projects_entryjournal WHERE id IN (OLD.journal_id, NEW.journal_id) AND status = 'confirmed'
)
BEGIN
    SELECT RAISE(ABORT, 'lines of a confirmed entry journal are final: write another journal');
END;

-- guard entryjournalline_not_deleted on projects_entryjournalline
-- (#11) A fact keeps its line.
CREATE TRIGGER guard_entryjournalline_not_deleted BEFORE DELETE ON projects_entryjournalline
WHEN EXISTS (SELECT 1 FROM projects_entryjournal WHERE id = OLD.journal_id AND status = 'confirmed')
BEGIN
    SELECT RAISE(ABORT, 'lines of a confirmed entry journal are final: write another journal');
END;

-- guard cancellationjournal_not_changed on projects_cancellationjournal
-- (#11b) Confirming is irreversible, and what was let go is over.
CREATE TRIGGER guard_cancellationjournal_not_changed BEFORE UPDATE ON projects_cancellationjournal
WHEN OLD.status <> 'in_process'
BEGIN
    SELECT RAISE(ABORT, 'a cancellation journal that is not in process is final: write another journal');
END;

-- guard cancellationjournal_not_deleted on projects_cancellationjournal
-- (#11b) Its number was taken.
CREATE TRIGGER guard_cancellationjournal_not_deleted BEFORE DELETE ON projects_cancellationjournal
BEGIN
    SELECT RAISE(ABORT, 'cancellation journals are kept: discard one that is in process');
END;

-- guard cancellationline_cancels_typed on projects_cancellationline
-- (#11b) What approvals and proformas wrote has ways back of its own.
CREATE TRIGGER guard_cancellationline_cancels_typed BEFORE INSERT ON projects_cancellationline
WHEN NOT EXISTS (
    SELECT 1 FROM projects_actual a JOIN projects_actualevent e ON e.id = a.event_id
    WHERE a.id = NEW.actual_id AND a.reverses_id IS NULL AND e.kind = 8
) OR NOT EXISTS (
    SELECT 1 FROM projects_cancellationjournal WHERE id = NEW.journal_id AND status = 'in_process'
)
BEGIN
    SELECT RAISE(ABORT, 'a journal in process cancels originals that an entry journal wrote, and nothing else');
END;

-- guard cancellationline_not_changed on projects_cancellationline
-- (#11b) Another actual needs a line of its own.
CREATE TRIGGER guard_cancellationline_not_changed BEFORE UPDATE ON projects_cancellationline
BEGIN
    SELECT RAISE(ABORT, 'lines of a cancellation journal are not changed: discard the journal and choose again');
END;

-- guard cancellationline_not_deleted on projects_cancellationline
-- (#11b) A reversal keeps its line.
CREATE TRIGGER guard_cancellationline_not_deleted BEFORE DELETE ON projects_cancellationline
WHEN EXISTS (
    SELECT 1 FROM projects_cancellationjournal WHERE id = OLD.journal_id AND status <> 'in_process'
)
BEGIN
    SELECT RAISE(ABORT, 'lines of a cancellation journal are not changed: discard the journal and choose again');
END;

-- guard typed_facts_sealed on projects_actualeventseal
-- (#11, #11b) Asked when an event is complete, so that no other way leads to facts without an approval.
CREATE TRIGGER guard_typed_facts_sealed BEFORE INSERT ON projects_actualeventseal
BEGIN
    SELECT RAISE(ABORT, 'an entry journal writes cost and unbilled sales of work that nobody submitted')
    WHERE EXISTS (
        SELECT 1 FROM projects_actualevent e
        JOIN projects_actual a ON a.event_id = e.id
        JOIN projects_workitem w ON w.id = a.work_item_id
        WHERE e.id = NEW.event_id AND e.kind = 8
          AND (a.type = 3 OR a.reverses_id IS NOT NULL OR w.approval_id IS NOT NULL)
    );

    SELECT RAISE(ABORT, 'cancelling an entry journal reverses what an entry journal wrote, and nothing else')
    WHERE EXISTS (
        SELECT 1 FROM projects_actualevent e
        JOIN projects_actual a ON a.event_id = e.id
        LEFT JOIN projects_actual o ON o.id = a.reverses_id
        LEFT JOIN projects_actualevent b ON b.id = o.event_id
        WHERE e.id = NEW.event_id AND e.kind = 9 AND b.kind IS NOT 8
    );
END;
