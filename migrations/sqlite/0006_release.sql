-- What was put to rest on a side and not given back there since. Until now a sync had to be told whether what it
-- read as passive was meant; now each object says it.

ALTER TABLE ledger_entries ADD COLUMN awaits_release_on_primary INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger_entries ADD COLUMN awaits_release_on_secondary INTEGER NOT NULL DEFAULT 0;

-- Whatever a sync has brought to a secondary side rests there. If its group is failed over it does not, and the
-- next look at it says so.
UPDATE ledger_entries SET awaits_release_on_secondary = 1
WHERE activation IS NOT NULL AND secondary_id IS NOT NULL;

-- A primary side was fenced where a failover has begun and its failback has not ended.
UPDATE ledger_entries SET awaits_release_on_primary = 1
WHERE activation IS NOT NULL AND primary_id IS NOT NULL AND pair_id IN (
    SELECT workspace_pairs.id FROM workspace_pairs
    JOIN failover_groups ON failover_groups.id = workspace_pairs.group_id
    WHERE failover_groups.suspension IS NOT NULL
        OR failover_groups.active_region <> failover_groups.primary_region
);

ALTER TABLE sync_runs DROP COLUMN is_held_recorded;
