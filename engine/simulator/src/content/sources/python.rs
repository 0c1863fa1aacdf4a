//! Cells in Python.

pub(super) const FIRST: &str = r##"
# MAGIC %md
# MAGIC # {title}
# MAGIC **Domain:** {domain} · **from** `{from}` **to** `{to}`
# MAGIC
# MAGIC {purpose}
# MAGIC
# MAGIC Runs as part of the production pipeline; safe to run again for the same day.

# COMMAND ----------

from datetime import date, timedelta

from pyspark.sql import functions as F
from pyspark.sql.window import Window

dbutils.widgets.text("run_date", "")
dbutils.widgets.dropdown("environment", "production", ["production", "test"])

run_date = dbutils.widgets.get("run_date") or str(date.today() - timedelta(days=1))
environment = dbutils.widgets.get("environment")
source_table = f"{environment}.{from}.{slug}_{entity}"
target_table = f"{environment}.{to}.{slug}_{entity}"
print(f"{source_table} -> {target_table} for {run_date}")
"##;

pub(super) const STOCK: [&str; 11] = [
    r##"
raw = (
    spark.read.table(source_table)
    .where(F.col("{date}") == F.lit(run_date))
    .select("{key}", "{date}", "{measure}", "source_system", "loaded_at")
)
row_count = raw.count()
if row_count == 0:
    dbutils.notebook.exit(f"nothing to do: no rows of {entity} for {run_date}")
display(raw.groupBy("source_system").count())
"##,
    r##"
# The source sends corrections as new rows: only the latest of each key counts.
latest_first = Window.partitionBy("{key}").orderBy(F.col("loaded_at").desc())
current = (
    raw.withColumn("position", F.row_number().over(latest_first))
    .where("position = 1")
    .drop("position")
)
print(f"{row_count - current.count()} superseded rows dropped")
"##,
    r##"
def clean(column):
    """Trims, folds case and makes an empty text missing."""
    trimmed = F.upper(F.trim(F.col(column)))
    return F.when(trimmed == "", None).otherwise(trimmed)


prepared = (
    current.withColumn("source_system", clean("source_system"))
    .withColumn("{measure}", F.col("{measure}").cast("decimal(18,4)"))
    .withColumn("processed_at", F.current_timestamp())
    .withColumn("run_date", F.lit(run_date).cast("date"))
)
prepared.createOrReplaceTempView("{entity}_prepared")
"##,
    r##"
from delta.tables import DeltaTable

if not spark.catalog.tableExists(target_table):
    prepared.limit(0).write.format("delta").partitionBy("run_date").saveAsTable(target_table)

target = DeltaTable.forName(spark, target_table)
(
    target.alias("old")
    .merge(prepared.alias("new"), "old.{key} = new.{key} AND old.run_date = new.run_date")
    .whenMatchedUpdateAll(condition="old.{measure} <> new.{measure}")
    .whenNotMatchedInsertAll()
    .execute()
)
"##,
    r##"
# MAGIC %md
# MAGIC ## What must hold
# MAGIC | rule | why |
# MAGIC | --- | --- |
# MAGIC | every row has a `{key}` | the next layer joins on it |
# MAGIC | `{measure}` is not missing | it is summed in the report |
# MAGIC | no more than 0.5 % of rows are rejected | more than that has always been a broken delivery |
"##,
    r##"
rules = {
    "has_key": F.col("{key}").isNotNull(),
    "has_measure": F.col("{measure}").isNotNull(),
    "is_in_time": F.col("{date}") <= F.current_date(),
}
broken = {name: prepared.where(~rule).count() for name, rule in rules.items()}
total = max(prepared.count(), 1)
for name, count in broken.items():
    print(f"{name:<16} {count:>8} of {total} ({100 * count / total:.2f} %)")
worst = max(broken.values())
if worst / total > 0.005:
    raise ValueError(f"{entity}: {worst} of {total} rows break a rule, the limit is 0.5 %")
"##,
    r##"
by_day = (
    spark.read.table(target_table)
    .groupBy("run_date")
    .agg(
        F.count("*").alias("rows"),
        F.sum("{measure}").alias("{measure}_total"),
        F.approx_count_distinct("{key}").alias("keys"),
    )
    .orderBy(F.col("run_date").desc())
    .limit(30)
)
display(by_day)
"##,
    r##"
# Against the days before: the same weekday of the last eight weeks is the yardstick.
history = [row["rows"] for row in by_day.where("dayofweek(run_date) = dayofweek(current_date())").collect()]
if len(history) >= 4:
    typical = sorted(history)[len(history) // 2]
    deviation = abs(row_count - typical) / max(typical, 1)
    print(f"{row_count} rows, typically {typical}: {deviation:.0%} off")
    if deviation > 0.6:
        print("WARNING: the delivery differs much from what is usual on this weekday")
"##,
    r##"
lineage = spark.createDataFrame(
    [(run_date, source_table, target_table, row_count, environment)],
    "run_date string, source string, target string, row_count long, environment string",
)
lineage.withColumn("recorded_at", F.current_timestamp()).write.mode("append").saveAsTable(
    f"{environment}.operations.lineage"
)
"##,
    r##"
def backfill(first, last):
    """Runs this notebook again for each day between two dates, one after the other."""
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        result = dbutils.notebook.run(
            "./" + "{entity}", 3600, {"run_date": str(day), "environment": environment}
        )
        print(day, result)
        day += timedelta(days=1)


# backfill("2026-10-01", "2026-10-31")
"##,
    r##"
spark.sql(f"OPTIMIZE {target_table} WHERE run_date >= date_sub(current_date(), 7) ZORDER BY ({key})")
spark.sql(f"COMMENT ON TABLE {target_table} IS '{domain}: {entity}, by run_date'")
dbutils.notebook.exit(f"ok: {row_count} rows of {entity}")
"##,
];
