//! Cells in SQL.

pub(super) const FIRST: &str = r##"
-- MAGIC %md
-- MAGIC # {title}
-- MAGIC **Domain:** {domain} · reads `{from}.{slug}_{entity}`, writes `{to}.{slug}_{entity}`
-- MAGIC
-- MAGIC {purpose}

-- COMMAND ----------

CREATE WIDGET TEXT run_date DEFAULT "2026-11-01";
CREATE WIDGET DROPDOWN environment DEFAULT "production" CHOICES SELECT * FROM (VALUES ("production"), ("test"));
USE CATALOG IDENTIFIER(getArgument('environment'));
"##;

pub(super) const STOCK: [&str; 10] = [
    r##"
CREATE TABLE IF NOT EXISTS {to}.{slug}_{entity} (
  {key}          STRING NOT NULL COMMENT 'the key of the source, unchanged',
  {date}         DATE,
  {measure}      DECIMAL(18, 4),
  source_system  STRING,
  run_date       DATE NOT NULL,
  processed_at   TIMESTAMP
)
USING DELTA
PARTITIONED BY (run_date)
COMMENT '{domain}: {entity}'
TBLPROPERTIES ('delta.autoOptimize.optimizeWrite' = 'true', 'owner' = '{slug}');
"##,
    r##"
CREATE OR REPLACE TEMPORARY VIEW {entity}_current AS
SELECT {key}, {date}, {measure}, upper(trim(source_system)) AS source_system
FROM (
  SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY loaded_at DESC) AS position
  FROM {from}.{slug}_{entity}
  WHERE {date} <= DATE '${run_date}'
)
WHERE position = 1;
"##,
    r##"
MERGE INTO {to}.{slug}_{entity} AS old
USING (
  SELECT *, DATE '${run_date}' AS run_date, current_timestamp() AS processed_at FROM {entity}_current
) AS new
ON old.{key} = new.{key} AND old.run_date = new.run_date
WHEN MATCHED AND old.{measure} IS DISTINCT FROM new.{measure} THEN UPDATE SET *
WHEN NOT MATCHED THEN INSERT *;
"##,
    r##"
-- MAGIC %md
-- MAGIC ## Figures by source
-- MAGIC The share of each source is stable over months; a jump here has been a duplicated delivery twice this year.
"##,
    r##"
SELECT
  source_system,
  count(*)                                              AS rows,
  count(DISTINCT {key})                                 AS keys,
  sum({measure})                                        AS total,
  percentile_approx({measure}, array(0.5, 0.95, 0.99))  AS spread
FROM {to}.{slug}_{entity}
WHERE run_date = DATE '${run_date}'
GROUP BY source_system
ORDER BY total DESC;
"##,
    r##"
CREATE OR REPLACE VIEW {to}.v_{slug}_{entity}_monthly AS
WITH months AS (
  SELECT date_trunc('MONTH', {date}) AS month, source_system, sum({measure}) AS total, count(*) AS rows
  FROM {to}.{slug}_{entity}
  GROUP BY ALL
)
SELECT
  month,
  source_system,
  total,
  rows,
  total - lag(total) OVER (PARTITION BY source_system ORDER BY month)  AS change,
  avg(total) OVER (PARTITION BY source_system ORDER BY month ROWS 2 PRECEDING) AS rolling_quarter
FROM months;
"##,
    r##"
-- Rows that break a rule, with the rule: an empty result is what we want.
SELECT 'missing key' AS rule, count(*) AS broken FROM {to}.{slug}_{entity} WHERE {key} IS NULL
UNION ALL
SELECT 'missing {measure}', count(*) FROM {to}.{slug}_{entity} WHERE {measure} IS NULL
UNION ALL
SELECT 'in the future', count(*) FROM {to}.{slug}_{entity} WHERE {date} > current_date()
UNION ALL
SELECT 'twice on a day', count(*) FROM (
  SELECT {key}, run_date FROM {to}.{slug}_{entity} GROUP BY ALL HAVING count(*) > 1
);
"##,
    r##"
SELECT
  weekofyear({date})                                  AS week,
  round(sum({measure}), 2)                            AS total,
  round(sum(CASE WHEN run_date > {date} + INTERVAL 3 DAYS THEN {measure} END), 2) AS late,
  count_if(run_date > {date} + INTERVAL 3 DAYS)       AS late_rows
FROM {to}.{slug}_{entity}
WHERE {date} >= add_months(DATE '${run_date}', -6)
GROUP BY 1
ORDER BY 1;
"##,
    r##"
GRANT SELECT ON VIEW {to}.v_{slug}_{entity}_monthly TO `{slug}_readers`;
COMMENT ON VIEW {to}.v_{slug}_{entity}_monthly IS 'Monthly {entity} by source, refreshed by the nightly pipeline';
"##,
    r##"
OPTIMIZE {to}.{slug}_{entity} WHERE run_date >= date_sub(DATE '${run_date}', 7) ZORDER BY ({key});
ANALYZE TABLE {to}.{slug}_{entity} COMPUTE STATISTICS FOR COLUMNS {key}, {measure}, {date};
"##,
];
