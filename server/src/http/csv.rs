//! Tables for spreadsheets: CSV as RFC 4180 describes it, in UTF-8.

/// What a spreadsheet takes a text for a formula by.
const BEGINS_A_FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table that is written row by row.
#[derive(Debug)]
pub(crate) struct Csv(String);

impl Csv {
    /// Begins with the row of titles.
    pub(crate) fn new(titles: &[&str]) -> Self {
        let mut csv = Self(String::new());
        csv.push(titles.iter().copied());
        csv
    }

    /// Goes on where another part of the table has ended.
    pub(crate) const fn without_titles() -> Self {
        Self(String::new())
    }

    /// Adds a row. What others have typed is never a formula: it gets a `'` in front.
    pub(crate) fn push<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        for (cell, number) in cells.into_iter().zip(0..) {
            if number > 0 {
                self.0.push(',');
            }
            self.push_cell(cell);
        }
        self.0.push_str("\r\n");
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn push_cell(&mut self, cell: &str) {
        let is_quoted = cell.contains([',', '"', '\r', '\n']);
        if is_quoted {
            self.0.push('"');
        }
        if cell.starts_with(BEGINS_A_FORMULA) {
            self.0.push('\'');
        }
        self.0.push_str(&cell.replace('"', "\"\""));
        if is_quoted {
            self.0.push('"');
        }
    }
}

/// Has a browser keep the answer in a file of that name instead of showing it.
pub(crate) fn attachment(file_name: &str) -> String {
    format!("attachment; filename=\"{file_name}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_are_never_formulas() {
        let mut csv = Csv::new(&["name", "value"]);
        csv.push(["plain", "ü; it's"]);
        csv.push(["a,b", "say \"hi\"\nthere"]);
        csv.push(["=1+1", "@x"]);
        csv.push(["-1,5", "+49"]);
        csv.push(["", "\tx"]);
        let expected = "name,value\r\nplain,ü; it's\r\n\"a,b\",\"say \"\"hi\"\"\nthere\"\r\n'=1+1,'@x\r\n\
                        \"'-1,5\",'+49\r\n,'\tx\r\n";
        assert_eq!(csv.0, expected);
    }
}
