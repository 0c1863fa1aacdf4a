//! Multipart forms, cut into their parts without copying them.

use axum::body::Bytes;
use memchr::memmem;

/// One part of a form.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) content: Bytes,
}

/// The boundary that a `Content-Type` names.
pub(super) fn boundary_of(content_type: &str) -> Option<String> {
    let boundary = content_type.split(';').find_map(|field| field.trim().strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"').to_owned())
}

/// The parts of a body; `None` when it is no such form.
pub(super) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let opening = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let finder = memmem::Finder::new(between.as_bytes());
    let mut at = memmem::find(body, opening.as_bytes())? + opening.len();
    let mut parts = Vec::new();
    loop {
        let rest = body.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let head_at = at + memmem::find(rest, b"\r\n")? + 2;
        let head_length = memmem::find(body.get(head_at..)?, b"\r\n\r\n")?;
        let content_at = head_at + head_length + 4;
        let end = content_at + finder.find(body.get(content_at..)?)?;
        let head = String::from_utf8_lossy(body.get(head_at..head_at + head_length)?);
        parts.push(Part { name: name_in(&head)?, content: body.slice(content_at..end) });
        at = end + between.len();
    }
}

fn name_in(head: &str) -> Option<String> {
    let is_disposition = |line: &&str| line.to_ascii_lowercase().starts_with("content-disposition:");
    let disposition = head.lines().find(is_disposition)?;
    let name = disposition.split(';').find_map(|field| field.trim().strip_prefix("name="))?;
    Some(name.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_at_the_boundary_and_nowhere_else() {
        let body = Bytes::from_static(
            b"--x1\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n/a\r\n--x1\r\n\
              content-disposition: form-data; name=\"content\"; filename=\"content\"\r\nA: b\r\n\r\n--x\r\n\r\n\x00\r\n--x1--\r\n",
        );
        let part = |name: &str, content: &'static [u8]| Part {
            name: name.to_owned(),
            content: Bytes::from_static(content),
        };
        let wanted = vec![part("path", b"/a"), part("content", b"--x\r\n\r\n\x00")];
        assert_eq!(parts(&body, "x1"), Some(wanted));
        assert_eq!(parts(&body.slice(..body.len() - 10), "x1"), None);
        assert_eq!(boundary_of("multipart/form-data; boundary=\"x1\""), Some("x1".to_owned()));
    }
}
