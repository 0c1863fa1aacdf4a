//! Lists as files, sent while they are read: however long a list is, one chunk of it is in memory.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use farshore_model::Problem;
use futures::{Stream, StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Csv, ProblemResponse, attachment};

/// Rows that are read at a time.
pub(crate) const ROWS_A_CHUNK: u32 = 1_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportFormat {
    /// One array of objects, as the API gives them elsewhere.
    #[default]
    Json,
    /// One row an object, times in ISO 8601; for spreadsheets.
    Csv,
}

/// A row of a list as a row of a table.
type Cells<T> = Box<dyn Fn(&T) -> Vec<String> + Send>;

/// What a list is called, and how its rows become rows of a table.
pub(crate) struct Export<T> {
    pub format: ExportFormat,
    /// Without an extension.
    pub name: String,
    pub titles: &'static [&'static str],
    /// As many cells as there are titles.
    pub cells: Cells<T>,
}

impl<T: Serialize + Send + 'static> Export<T> {
    /// The first chunk is read before the answer begins, so that what cannot be read at all is answered as a problem.
    /// What fails later breaks the answer off, which no reader takes for its end.
    pub(crate) async fn send(
        self,
        rows: impl Stream<Item = Result<Vec<T>, Problem>> + Send + 'static,
    ) -> Result<Response, ProblemResponse> {
        let (extension, content_type) = match self.format {
            ExportFormat::Json => ("json", "application/json"),
            ExportFormat::Csv => ("csv", "text/csv; charset=utf-8"),
        };
        let disposition = attachment(&format!("{}.{extension}", file_name(&self.name)));
        let mut rows = Box::pin(rows);
        let first = rows.next().await.transpose()?.unwrap_or_default();
        let mut writer = Writer { export: self, written: 0 };
        let beginning = writer.begin() + &writer.chunk(&first);
        let end = if writer.export.format == ExportFormat::Json { "]\n" } else { "" };
        let rest = rows.map(move |rows| rows.map(|rows| writer.chunk(&rows)));
        let ok = |text: String| stream::once(async move { Ok::<_, Problem>(text) });
        let body = Body::from_stream(ok(beginning).chain(rest).chain(ok(end.to_owned())));
        let mut response = body.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Ok(disposition) = HeaderValue::from_str(&disposition) {
            headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
        Ok(response)
    }
}

struct Writer<T> {
    export: Export<T>,
    written: u64,
}

impl<T: Serialize> Writer<T> {
    fn begin(&self) -> String {
        match self.export.format {
            ExportFormat::Json => "[".to_owned(),
            ExportFormat::Csv => Csv::new(self.export.titles).into_text(),
        }
    }

    fn chunk(&mut self, rows: &[T]) -> String {
        match self.export.format {
            ExportFormat::Json => self.json(rows),
            ExportFormat::Csv => {
                let mut csv = Csv::without_titles();
                for row in rows {
                    csv.push((self.export.cells)(row).iter().map(String::as_str));
                }
                csv.into_text()
            }
        }
    }

    fn json(&mut self, rows: &[T]) -> String {
        let mut text = String::new();
        for row in rows {
            text.push_str(if self.written == 0 { "\n" } else { ",\n" });
            // What the API shows elsewhere has no maps with keys that JSON cannot take.
            text.push_str(&serde_json::to_string(row).unwrap_or_else(|_| "null".to_owned()));
            self.written += 1;
        }
        text
    }
}

/// Chunks of a list, each read from where the one before ended, until one is empty.
pub(crate) fn chunks<T, Place, Reading>(
    begin: Place,
    read: impl FnMut(Place) -> Reading + Send + 'static,
) -> impl Stream<Item = Result<Vec<T>, Problem>> + Send + 'static
where
    T: Send + 'static,
    Place: Send + 'static,
    Reading: Future<Output = Result<(Vec<T>, Place), Problem>> + Send,
{
    stream::try_unfold((begin, read), |(place, mut read)| async move {
        let (rows, next) = read(place).await?;
        Ok((!rows.is_empty()).then_some((rows, (next, read))))
    })
}

/// Letters, digits and hyphens of a name that people gave, for the name of a file.
fn file_name(name: &str) -> String {
    let mut file_name = String::new();
    for character in name.to_lowercase().chars() {
        if character.is_ascii_alphanumeric() {
            file_name.push(character);
        } else if !file_name.is_empty() && !file_name.ends_with('-') {
            file_name.push('-');
        }
    }
    let file_name = file_name.trim_end_matches('-');
    if file_name.is_empty() { "farshore".to_owned() } else { file_name.to_owned() }
}

#[cfg(test)]
mod tests {
    use farshore_model::ProblemKind;

    use super::*;

    fn export(format: ExportFormat) -> Export<String> {
        Export {
            format,
            name: "Ledger of “Übung” 1/2".to_owned(),
            titles: &["name", "length"],
            cells: Box::new(|name| vec![name.clone(), name.len().to_string()]),
        }
    }

    fn two_chunks() -> impl Stream<Item = Result<Vec<String>, Problem>> + Send + 'static {
        let rows = ["a, \"b\"\nc", "=HYPERLINK(1)", "+1", "ä"].map(str::to_owned);
        chunks(0, move |place: usize| {
            let rows: Vec<String> = rows.iter().skip(place).take(2).cloned().collect();
            async move { Ok((rows, place + 2)) }
        })
    }

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("body");
        String::from_utf8(body.to_vec()).expect("UTF-8")
    }

    #[tokio::test]
    async fn a_table_is_sent_in_chunks_and_has_no_formulas() {
        let response = export(ExportFormat::Csv).send(two_chunks()).await.expect("sent");
        let disposition = response.headers().get(header::CONTENT_DISPOSITION).expect("is a file");
        assert_eq!(disposition, "attachment; filename=\"ledger-of-bung-1-2.csv\"");
        let expected = "name,length\r\n\"a, \"\"b\"\"\nc\",8\r\n'=HYPERLINK(1),13\r\n'+1,2\r\nä,2\r\n";
        assert_eq!(text(response).await, expected);
    }

    #[tokio::test]
    async fn json_is_one_array() {
        let response = export(ExportFormat::Json).send(two_chunks()).await.expect("sent");
        let rows: Vec<String> = serde_json::from_str(&text(response).await).expect("JSON");
        assert_eq!(rows, ["a, \"b\"\nc", "=HYPERLINK(1)", "+1", "ä"]);
        let nothing = export(ExportFormat::Json).send(stream::empty()).await.expect("sent");
        assert_eq!(text(nothing).await, "[]\n");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_a_problem_and_what_breaks_off_does_not_end() {
        let problem = || Problem::new(ProblemKind::Internal, "a", "b", "c");
        let refused = export(ExportFormat::Csv).send(stream::iter([Err(problem())])).await;
        assert_eq!(refused.expect_err("refused").0, problem());
        let broken = stream::iter([Ok(vec!["a".to_owned()]), Err(problem())]);
        let response = export(ExportFormat::Csv).send(broken).await.expect("begun");
        assert!(axum::body::to_bytes(response.into_body(), usize::MAX).await.is_err());
    }
}
