//! Which of the known names somebody has meant who wrote another.

use strsim::osa_distance;

/// Characters of a name that is compared at all: comparing takes time by the square of it.
const LONGEST: usize = 50;

/// The name that is nearest to the one sent, if it is near: other letter case, other separators, or a slip in every third character
/// at most.
pub fn nearest<'a>(sent: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if sent.is_empty() || sent.chars().count() > LONGEST {
        return None;
    }
    let near = |name: &&str| distance(sent, name) <= (name.chars().count() / 3).min(3);
    known.into_iter().filter(near).min_by_key(|name| distance(sent, name))
}

/// What a message ends with, in Thai and in English, where one name may have been meant.
pub fn did_you_mean(near: Option<&str>) -> (String, String) {
    match near {
        Some(near) => (format!(" หมายถึง {near} หรือไม่"), format!(". Did you mean {near}?")),
        None => (String::new(), String::new()),
    }
}

/// In how many characters two names differ, where letter case, hyphens, underscores and blanks make no difference.
pub fn distance(one: &str, other: &str) -> usize {
    osa_distance(&plain(one), &plain(other))
}

fn plain(name: &str) -> String {
    name.chars().filter(|it| !matches!(it, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        const KNOWN: [&str; 5] = ["fiscal_year", "status", "in_progress", "limit", "q"];
        for (sent, meant) in [
            ("fiscalYear", Some("fiscal_year")),
            ("fisacl_year", Some("fiscal_year")),
            ("Status", Some("status")),
            ("in-progress", Some("in_progress")),
            ("limits", Some("limit")),
            ("stats", Some("status")),
            ("colour", None),
            ("p", None),
            ("", None),
        ] {
            assert_eq!(nearest(sent, KNOWN), meant, "{sent}");
        }
        assert_eq!(nearest(&"x".repeat(10_000), KNOWN), None);
    }
}
