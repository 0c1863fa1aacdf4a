//! Many rows in one statement, so that five thousand of them are not five thousand round trips.

use std::fmt::Write;

/// Rows a statement takes. Times the columns of the widest table it stays far below what either engine binds.
pub(crate) const ROWS_A_STATEMENT: usize = 250;

/// `head VALUES ($1, $2), ($3, $4), … tail`. Head and tail are constants, the rest is numbers: no value ever
/// becomes part of the text.
pub(crate) fn insert_sql(head: &'static str, rows: usize, columns: usize, tail: &'static str) -> String {
    let mut sql = String::with_capacity(head.len() + tail.len() + rows * columns * 6);
    sql.push_str(head);
    sql.push_str(" VALUES ");
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=columns {
            let comma = if column == 1 { "" } else { ", " };
            // Writing to a String does not fail.
            let _ = write!(sql, "{comma}${}", row * columns + column);
        }
        sql.push(')');
    }
    sql.push(' ');
    sql.push_str(tail);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_placeholders_through() {
        assert_eq!(
            insert_sql("INSERT INTO t (a, b)", 2, 2, "ON CONFLICT DO NOTHING"),
            "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING"
        );
    }
}
