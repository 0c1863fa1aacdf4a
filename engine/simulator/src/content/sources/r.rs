//! Cells in R.

pub(super) const FIRST: &str = r##"
# MAGIC %md
# MAGIC # {title}
# MAGIC **Domain:** {domain} · looks at `{from}.{slug}_{entity}`
# MAGIC
# MAGIC {purpose}

# COMMAND ----------

library(SparkR)
library(dplyr)
library(ggplot2)

sparkR.session()
run_date <- as.Date(dbutils.widgets.get("run_date"))
rows <- sql("SELECT {key}, {date}, {measure}, source_system FROM {from}.{slug}_{entity}
             WHERE {date} >= add_months(current_date(), -18)")
local_rows <- collect(rows)
cat(nrow(local_rows), "rows of {entity}\n")
"##;

pub(super) const STOCK: [&str; 7] = [
    r##"
by_month <- local_rows |>
  mutate(month = as.Date(format({date}, "%Y-%m-01"))) |>
  group_by(month, source_system) |>
  summarise(total = sum({measure}, na.rm = TRUE), rows = n(), .groups = "drop") |>
  arrange(month)
print(tail(by_month, 12))
"##,
    r##"
ggplot(by_month, aes(x = month, y = total, colour = source_system)) +
  geom_line() +
  geom_point(size = 1.2) +
  labs(title = "{entity} by month", subtitle = "{domain}", x = NULL, y = "{measure}") +
  theme_minimal()
"##,
    r##"
# Robust limits: the median and three scaled absolute deviations, as agreed with the owners of the figures.
limits <- local_rows |>
  group_by(source_system) |>
  summarise(centre = median({measure}, na.rm = TRUE), width = 3 * mad({measure}, na.rm = TRUE))

outliers <- local_rows |>
  inner_join(limits, by = "source_system") |>
  filter(abs({measure} - centre) > width) |>
  arrange(desc(abs({measure} - centre)))
cat(nrow(outliers), "outliers of", nrow(local_rows), "\n")
print(head(outliers, 20))
"##,
    r##"
daily <- local_rows |>
  group_by({date}) |>
  summarise(total = sum({measure}, na.rm = TRUE))
series <- ts(daily$total, frequency = 7)
parts <- stl(series, s.window = "periodic", robust = TRUE)
plot(parts, main = "{entity}: season, trend, rest")
"##,
    r##"
check <- function(name, holds) {
  broken <- sum(!holds, na.rm = TRUE)
  cat(sprintf("%-24s %8d broken\n", name, broken))
  broken
}

broken <- c(
  check("has a key", !is.na(local_rows${key})),
  check("has a measure", !is.na(local_rows${measure})),
  check("not in the future", local_rows${date} <= Sys.Date())
)
stopifnot(max(broken) < 0.005 * nrow(local_rows))
"##,
    r##"
model <- lm(total ~ as.numeric(month) + source_system, data = by_month)
print(summary(model))
forecast <- predict(model, newdata = by_month |> mutate(month = month + 31), interval = "prediction")
print(head(round(forecast, 2)))
"##,
    r##"
result <- createDataFrame(as.data.frame(by_month))
saveAsTable(result, "quality.{slug}_{entity}_by_month", mode = "overwrite")
dbutils.notebook.exit(paste("ok:", nrow(by_month), "months"))
"##,
];
