-- Which accounts have played a posting type (G5), for PostgreSQL.

-- guard postingaccount_is_remembered on accounting_postingaccount
-- (G5) What was posted stays on its account; the proofs find it there after the posting type points elsewhere.
CREATE OR REPLACE FUNCTION guard_postingaccount_is_remembered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounting_postingaccountuse (legal_entity_id, posting_type, account_id)
    VALUES (NEW.legal_entity_id, NEW.posting_type, NEW.account_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_postingaccount_is_remembered AFTER INSERT OR UPDATE ON accounting_postingaccount
FOR EACH ROW EXECUTE FUNCTION guard_postingaccount_is_remembered();
