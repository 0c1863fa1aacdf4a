-- The form of the side that was written, where that side adds settings of its own to what it is given; NULL: it adds
-- nothing.
ALTER TABLE ledger_entries ADD COLUMN filled_in_hash TEXT;
