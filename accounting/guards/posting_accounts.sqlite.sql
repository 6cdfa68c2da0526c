-- Which accounts have played a posting type (G5), for SQLite.

-- guard postingaccount_is_remembered on accounting_postingaccount
-- (G5) What was posted stays on its account; the proofs find it there after the posting type points elsewhere.
CREATE TRIGGER guard_postingaccount_is_remembered AFTER INSERT ON accounting_postingaccount
BEGIN
    INSERT INTO accounting_postingaccountuse (legal_entity_id, posting_type, account_id)
    SELECT NEW.legal_entity_id, NEW.posting_type, NEW.account_id
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_postingaccountuse
        WHERE legal_entity_id = NEW.legal_entity_id AND posting_type = NEW.posting_type
          AND account_id = NEW.account_id
    );
END;

-- guard postingaccount_is_remembered_anew on accounting_postingaccount
-- (G5) The same where it is pointed elsewhere.
CREATE TRIGGER guard_postingaccount_is_remembered_anew AFTER UPDATE ON accounting_postingaccount
BEGIN
    INSERT INTO accounting_postingaccountuse (legal_entity_id, posting_type, account_id)
    SELECT NEW.legal_entity_id, NEW.posting_type, NEW.account_id
    WHERE NOT EXISTS (
        SELECT 1 FROM accounting_postingaccountuse
        WHERE legal_entity_id = NEW.legal_entity_id AND posting_type = NEW.posting_type
          AND account_id = NEW.account_id
    );
END;
