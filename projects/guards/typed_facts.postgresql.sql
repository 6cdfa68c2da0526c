-- Journals of facts that somebody types, and of their cancellation (#11, #11b), for PostgreSQL.
-- Numbers: kind 8 entry journal, 9 cancellation of one; type 3 billed sales.

-- guard entryjournal_is_final on projects_entryjournal
-- (#11) What is confirmed has written its facts; a change would make it say something else than these.
CREATE TRIGGER guard_entryjournal_is_final BEFORE UPDATE OR DELETE ON projects_entryjournal
FOR EACH ROW WHEN (OLD.status = 'confirmed')
EXECUTE FUNCTION guard_refuse('a confirmed entry journal is final: cancel what it wrote by a cancellation journal');

-- guard entryjournalline_is_final on projects_entryjournalline
-- (#11) A line says what its fact says; one that is added afterwards has none.
CREATE OR REPLACE FUNCTION guard_entryjournalline_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    journals bigint[];
BEGIN
    journals := CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.journal_id]
        WHEN 'DELETE' THEN ARRAY[OLD.journal_id]
        ELSE ARRAY[OLD.journal_id, NEW.journal_id]
    END;
    IF EXISTS (SELECT 1 FROM projects_entryjournal WHERE id = ANY (journals) AND status = 'confirmed') THEN
        PERFORM guard_stop('lines of a confirmed entry journal are final: write another journal');
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER guard_entryjournalline_is_final BEFORE INSERT OR UPDATE OR DELETE ON projects_entryjournalline
FOR EACH ROW EXECUTE FUNCTION guard_entryjournalline_is_final();

-- guard cancellationjournal_not_changed on projects_cancellationjournal
-- (#11b) Confirming is irreversible, and what was let go is over.
CREATE TRIGGER guard_cancellationjournal_not_changed BEFORE UPDATE ON projects_cancellationjournal
FOR EACH ROW WHEN (OLD.status <> 'in_process')
EXECUTE FUNCTION guard_refuse('a cancellation journal that is not in process is final: write another journal');

-- guard cancellationjournal_not_deleted on projects_cancellationjournal
-- (#11b) Its number was taken.
CREATE TRIGGER guard_cancellationjournal_not_deleted BEFORE DELETE ON projects_cancellationjournal
FOR EACH ROW EXECUTE FUNCTION guard_refuse('cancellation journals are kept: discard one that is in process');

-- guard cancellationline_cancels_typed on projects_cancellationline
-- (#11b) What approvals and proformas wrote has ways back of its own.
CREATE OR REPLACE FUNCTION guard_cancellationline_cancels_typed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_actual a JOIN projects_actualevent e ON e.id = a.event_id
        WHERE a.id = NEW.actual_id AND a.reverses_id IS NULL AND e.kind = 8
    ) OR NOT EXISTS (
        SELECT 1 FROM projects_cancellationjournal WHERE id = NEW.journal_id AND status = 'in_process'
    ) THEN
        PERFORM guard_stop('a journal in process cancels originals that an entry journal wrote, and nothing else');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_cancellationline_cancels_typed BEFORE INSERT ON projects_cancellationline
FOR EACH ROW EXECUTE FUNCTION guard_cancellationline_cancels_typed();

-- guard cancellationline_not_changed on projects_cancellationline
-- (#11b) Another actual needs a line of its own.
CREATE TRIGGER guard_cancellationline_not_changed BEFORE UPDATE ON projects_cancellationline
FOR EACH ROW EXECUTE FUNCTION guard_refuse('lines of a cancellation journal are not changed: discard the journal and choose again');

-- guard cancellationline_not_deleted on projects_cancellationline
-- (#11b) A reversal keeps its line.
CREATE OR REPLACE FUNCTION guard_cancellationline_not_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM projects_cancellationjournal WHERE id = OLD.journal_id AND status <> 'in_process') THEN
        PERFORM guard_stop('lines of a cancellation journal are not changed: discard the journal and choose again');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard_cancellationline_not_deleted BEFORE DELETE ON projects_cancellationline
FOR EACH ROW EXECUTE FUNCTION guard_cancellationline_not_deleted();

-- guard typed_facts_sealed on projects_actualeventseal
-- (#11, #11b) Asked when an event is complete, so that no other way leads to facts without an approval.
CREATE OR REPLACE FUNCTION guard_typed_facts_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_kind smallint;
BEGIN
    SELECT kind INTO its_kind FROM projects_actualevent WHERE id = NEW.event_id;
    IF its_kind = 8 AND EXISTS (
        SELECT 1 FROM projects_actual a JOIN projects_workitem w ON w.id = a.work_item_id
        WHERE a.event_id = NEW.event_id
          AND (a.type = 3 OR a.reverses_id IS NOT NULL OR w.approval_id IS NOT NULL)
    ) THEN
        PERFORM guard_stop('an entry journal writes cost and unbilled sales of work that nobody submitted');
    END IF;
    IF its_kind = 9 AND EXISTS (
        SELECT 1 FROM projects_actual a
        LEFT JOIN projects_actual o ON o.id = a.reverses_id
        LEFT JOIN projects_actualevent b ON b.id = o.event_id
        WHERE a.event_id = NEW.event_id AND b.kind IS DISTINCT FROM 8
    ) THEN
        PERFORM guard_stop('cancelling an entry journal reverses what an entry journal wrote, and nothing else');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_typed_facts_sealed BEFORE INSERT ON projects_actualeventseal
FOR EACH ROW EXECUTE FUNCTION guard_typed_facts_sealed();
