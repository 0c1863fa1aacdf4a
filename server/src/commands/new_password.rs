//! Asks for a new password: twice and unseen at a terminal, one line of standard input otherwise.

use std::io::{self, BufRead, IsTerminal, stdin};

use zeroize::Zeroizing;

/// Shorter ones are guessed too soon; there is no other rule.
const MIN_CHARS: usize = 12;

#[derive(Debug, thiserror::Error)]
pub(super) enum NewPasswordError {
    #[error("the password could not be read from standard input; nobody was made")]
    Read(#[source] io::Error),
    #[error("the password could not be asked for at the terminal; nobody was made")]
    Prompt(#[source] io::Error),
    #[error("the password has fewer than {MIN_CHARS} characters; nobody was made")]
    TooShort,
    #[error("the two passwords differ; nobody was made: start again")]
    Differ,
}

/// The password of a new person. Waits for whoever types it.
pub(super) fn ask(login: &str) -> Result<Zeroizing<String>, NewPasswordError> {
    if !stdin().is_terminal() {
        return read(&mut stdin().lock());
    }
    ask_twice(|prompt| rpassword::prompt_password(prompt).map(Zeroizing::new), login)
}

fn ask_twice(
    mut prompt: impl FnMut(String) -> io::Result<Zeroizing<String>>,
    login: &str,
) -> Result<Zeroizing<String>, NewPasswordError> {
    let first = format!("Password for {login} ({MIN_CHARS} characters or more): ");
    let password = long_enough(prompt(first).map_err(NewPasswordError::Prompt)?)?;
    let again = prompt("The same again: ".to_owned()).map_err(NewPasswordError::Prompt)?;
    if again == password { Ok(password) } else { Err(NewPasswordError::Differ) }
}

fn read(input: &mut impl BufRead) -> Result<Zeroizing<String>, NewPasswordError> {
    let mut line = Zeroizing::new(String::new());
    input.read_line(&mut line).map_err(NewPasswordError::Read)?;
    long_enough(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn long_enough(password: Zeroizing<String>) -> Result<Zeroizing<String>, NewPasswordError> {
    if password.chars().count() < MIN_CHARS { Err(NewPasswordError::TooShort) } else { Ok(password) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types these lines one after the other.
    fn typed(lines: &[&str]) -> (Result<Zeroizing<String>, NewPasswordError>, usize) {
        let mut prompts = 0;
        let answer = |_| {
            prompts += 1;
            Ok(Zeroizing::new(lines[prompts - 1].to_owned()))
        };
        let outcome = ask_twice(answer, "root");
        (outcome, prompts)
    }

    #[test]
    fn a_typo_is_noticed() {
        let (password, _) = typed(&["correct horse", "correct horse"]);
        assert_eq!(*password.unwrap(), "correct horse");
        let (password, prompts) = typed(&["correct horse", "correct hirse"]);
        assert!(matches!(password, Err(NewPasswordError::Differ)));
        assert_eq!(prompts, 2);
    }

    #[test]
    fn a_short_password_is_refused_before_it_is_typed_again() {
        let (password, prompts) = typed(&["eleven char"]);
        assert!(matches!(password, Err(NewPasswordError::TooShort)));
        assert_eq!(prompts, 1);
    }

    #[test]
    fn one_line_is_read_from_a_pipe() {
        for line in ["correct horse\n", "correct horse\r\nmore\n", "correct horse"] {
            assert_eq!(*read(&mut line.as_bytes()).unwrap(), "correct horse");
        }
        assert!(matches!(read(&mut "\n".as_bytes()), Err(NewPasswordError::TooShort)));
    }
}
