//! What a list is searched by and cut into.

/// A LIKE pattern for texts that contain this one, with `\` as the escape.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// How many rows lie before a page; pages count from 1, and 0 is taken as 1.
pub(crate) fn rows_before(page: u32, per_page: u32) -> i64 {
    i64::from(page.max(1) - 1) * i64::from(per_page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_letters() {
        assert_eq!(containing(r"100%_\x"), r"%100\%\_\\x%");
    }

    #[test]
    fn the_first_page_has_nothing_before_it() {
        assert_eq!((rows_before(0, 50), rows_before(1, 50), rows_before(3, 50)), (0, 0, 100));
    }
}
