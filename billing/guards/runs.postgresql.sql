-- What runs and the rows of schedules keep (B4, B6, Q1, decision 20), for PostgreSQL.

-- guard run_takes_no_day_ahead on billing_batchrun
-- (decision 20) A run that looks ahead would use up rows whose work is not done yet. Fourteen hours are the furthest
-- a clock is ahead of UTC.
CREATE OR REPLACE FUNCTION guard_run_takes_no_day_ahead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM guard_stop('a run takes a date up to today: only a preview looks ahead');
    RETURN NEW;
END $$;
CREATE TRIGGER guard_run_takes_no_day_ahead BEFORE INSERT ON billing_batchrun
FOR EACH ROW WHEN (
    NEW.kind = 'due' AND NEW.business_date > (NEW.requested_at AT TIME ZONE 'UTC' + INTERVAL '14 hours')::date
)
EXECUTE FUNCTION guard_run_takes_no_day_ahead();

-- guard run_keeps_its_day on billing_batchrun
-- (decision 20) The date of a run is what its outcomes are about.
CREATE OR REPLACE FUNCTION guard_run_keeps_its_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM guard_stop('a run keeps its job and its date: ask for another run');
    RETURN NEW;
END $$;
CREATE TRIGGER guard_run_keeps_its_day BEFORE UPDATE ON billing_batchrun
FOR EACH ROW WHEN (
    NEW.business_date <> OLD.business_date OR NEW.requested_at <> OLD.requested_at OR NEW.kind <> OLD.kind
    OR NEW.job_id IS DISTINCT FROM OLD.job_id
)
EXECUTE FUNCTION guard_run_keeps_its_day();

-- guard row_that_has_run_stays on billing_invoiceschedule
-- (Q1) A row runs once: what it invoiced stays what it says.
CREATE OR REPLACE FUNCTION guard_row_that_has_run_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM guard_stop('a run that has taken place is never changed: change one that is still to come');
    RETURN NEW;
END $$;
CREATE TRIGGER guard_row_that_has_run_stays BEFORE UPDATE ON billing_invoiceschedule
FOR EACH ROW WHEN (OLD.status = 'run_successful')
EXECUTE FUNCTION guard_row_that_has_run_stays();
