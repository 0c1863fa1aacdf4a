use super::*;

fn told(before: &str, after: &str) -> TextChange {
    *change("source".to_owned(), before, after).text.expect("a text")
}

fn numbered(count: usize) -> String {
    (1..=count).map(|line| format!("line {line}\n")).collect()
}

#[test]
fn changed_lines_stand_in_their_place_with_what_is_around_them() {
    let before = numbered(30);
    let after = before.replace("line 10\n", "line ten\n").replace("line 25\n", "");
    let change = change("source".to_owned(), &before, &after);
    assert_eq!(
        (change.before.as_deref(), change.after.as_deref()),
        (Some("line 10\nline 25"), Some("line ten"))
    );
    let text = change.text.expect("a text");
    assert_eq!((text.removed, text.added), (2, 1));
    insta::assert_snapshot!(text.diff, @r"
    @@ -7,7 +7,7 @@
     line 7
     line 8
     line 9
    -line 10
    +line ten
     line 11
     line 12
     line 13
    @@ -22,7 +22,6 @@
     line 22
     line 23
     line 24
    -line 25
     line 26
     line 27
     line 28
    ");
}

#[test]
fn a_text_that_is_emptied_or_filled_has_lines_on_one_side_alone() {
    let emptied = change("source".to_owned(), "a\nb\n", "");
    assert_eq!((emptied.before.as_deref(), emptied.after), (Some("a\nb"), None));
    assert_eq!(emptied.text.expect("a text").diff, "@@ -1,2 +0,0 @@\n-a\n-b");
    let filled = change("source".to_owned(), "", "a\n");
    assert_eq!((filled.before, filled.after.as_deref()), (None, Some("a")));
    assert_eq!(filled.text.expect("a text").diff, "@@ -0,0 +1 @@\n+a");
}

#[test]
fn how_a_text_ends_is_seen() {
    let text = told("a\nb", "a\nb\n");
    assert_eq!((text.removed, text.added), (1, 1));
    assert_eq!(text.diff, "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b");
    assert_eq!(told("a\r\n", "a\n").diff, "@@ -1 +1 @@\n-a␍\n+a");
    assert_eq!(told("a\0\tb\u{1b}[2J\n", "").diff, "@@ -1 +0,0 @@\n-a␀\tb␛[2J");
}

#[test]
fn of_a_long_text_the_first_lines_are_shown_and_the_others_counted() {
    let text = told("", &numbered(100));
    assert_eq!((text.removed, text.added), (0, 100));
    assert_eq!(text.diff.lines().filter(|line| line.starts_with('+')).count(), MOST_LINES);
    assert!(text.diff.ends_with("+line 40\n\\ 60 more lines differ"), "{}", text.diff);
    assert!(told("", &numbered(MOST_LINES + 1)).diff.ends_with("\\ 1 more line differs"));
    assert!(told("", &numbered(MOST_LINES)).diff.ends_with("+line 40"));

    // Far apart, so that each has lines around it: what is shown stays bounded all the same.
    let before = numbered(1_000);
    let text = told(&before, &before.replace("0\n", "zero\n"));
    assert_eq!((text.removed, text.added), (100, 100));
    assert!(text.diff.ends_with("\n\\ 160 more lines differ"), "{}", text.diff);
    assert_eq!(text.diff.matches("@@ -").count(), MOST_LINES / 2);

    let replaced = change("source".to_owned(), &numbered(100), "x\n");
    assert!(replaced.before.expect("lines").ends_with("line 40\n… and 60 more lines"));
    assert_eq!(replaced.after.as_deref(), Some("(1 line)"));
}

#[test]
fn long_lines_are_cut() {
    let text = told("", &("ü".repeat(1_000) + "\n"));
    assert_eq!(text.diff, format!("@@ -0,0 +1 @@\n+{}…", "ü".repeat(400)));
}

#[test]
fn two_long_texts_that_have_nothing_in_common_keep_nobody_waiting() {
    let text = |seed: u64| -> String {
        (0..200_000_u64)
            .map(|line| format!("{}\n", (line + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
            .collect()
    };
    let began = std::time::Instant::now();
    let told = told(&text(1), &text(1_000_000_007));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!((told.removed, told.added), (200_000, 200_000));
}
