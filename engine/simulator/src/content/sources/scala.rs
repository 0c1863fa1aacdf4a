//! Cells in Scala.

pub(super) const FIRST: &str = r##"
// MAGIC %md
// MAGIC # {title}
// MAGIC **Domain:** {domain} · from `{from}` to `{to}`
// MAGIC
// MAGIC {purpose}

// COMMAND ----------

import org.apache.spark.sql.{Column, DataFrame, functions => F}
import org.apache.spark.sql.expressions.Window
import io.delta.tables.DeltaTable

dbutils.widgets.text("run_date", "")
val runDate = Option(dbutils.widgets.get("run_date")).filter(_.nonEmpty).getOrElse(java.time.LocalDate.now.minusDays(1).toString)
val source = "{from}.{slug}_{entity}"
val target = "{to}.{slug}_{entity}"
"##;

pub(super) const STOCK: [&str; 7] = [
    r##"
final case class Rule(name: String, holds: Column)

val rules = Seq(
  Rule("has a key", F.col("{key}").isNotNull),
  Rule("has a measure", F.col("{measure}").isNotNull),
  Rule("is not in the future", F.col("{date}") <= F.current_date())
)

def split(rows: DataFrame): (DataFrame, DataFrame) = {
  val holds = rules.map(_.holds).reduce(_ && _)
  (rows.where(holds), rows.where(!holds))
}
"##,
    r##"
val raw = spark.table(source).where(F.col("{date}") === F.lit(runDate))
val newestFirst = Window.partitionBy("{key}").orderBy(F.col("loaded_at").desc)
val current = raw.withColumn("position", F.row_number().over(newestFirst)).where("position = 1").drop("position")

val (accepted, rejected) = split(current)
println(s"${accepted.count()} accepted, ${rejected.count()} rejected of ${raw.count()} rows")
"##,
    r##"
val prepared = accepted
  .withColumn("{measure}", F.col("{measure}").cast("decimal(18,4)"))
  .withColumn("run_date", F.lit(runDate).cast("date"))
  .withColumn("processed_at", F.current_timestamp())

DeltaTable.forName(spark, target).as("old")
  .merge(prepared.as("new"), "old.{key} = new.{key} AND old.run_date = new.run_date")
  .whenMatched("old.{measure} <> new.{measure}").updateAll()
  .whenNotMatched().insertAll()
  .execute()
"##,
    r##"
rejected
  .withColumn("reason", F.concat_ws(", ", rules.map(rule => F.when(!rule.holds, F.lit(rule.name))): _*))
  .withColumn("run_date", F.lit(runDate))
  .write.mode("append").saveAsTable("quality.rejected_{slug}_{entity}")
"##,
    r##"
// The stream variant of the same load: kept here so that both share the rules above.
def stream(checkpoint: String) = spark.readStream.table(source)
  .withWatermark("loaded_at", "2 hours")
  .dropDuplicates("{key}", "loaded_at")
  .writeStream
  .option("checkpointLocation", checkpoint)
  .trigger(org.apache.spark.sql.streaming.Trigger.AvailableNow())
  .foreachBatch { (batch: DataFrame, id: Long) =>
    val (good, _) = split(batch)
    good.write.mode("append").option("txnAppId", "{slug}_{entity}").option("txnVersion", id).saveAsTable(target)
  }
"##,
    r##"
val perDay = spark.table(target)
  .groupBy("run_date")
  .agg(F.count("*").as("rows"), F.sum("{measure}").as("total"), F.countDistinct("{key}").as("keys"))
  .orderBy(F.col("run_date").desc)
  .limit(14)
display(perDay)
"##,
    r##"
spark.sql(s"OPTIMIZE $target ZORDER BY ({key})")
dbutils.notebook.exit(s"ok: {entity} for $runDate")
"##,
];
