//! What a reporter wrote, as one text: for the case that goes on with the complaint. Whom it is about stays here.

use super::dto::Written;
use super::store::Row;
use crate::cases::Case;
use crate::cases::vault::Vault;
use crate::error::Result;

/// Characters that a text of a timeline has at the most.
const MOST: usize = 10_000;

pub fn words(row: &Row, vault: &Vault) -> Result<String> {
    let Written { subject, description, occurred_text, location_text, accused: _ } =
        Written::open(row, Some(&row.needed_key(vault)?))?;
    let named = |name: &str, text: Option<String>| text.map(|text| format!("{name}: {text}"));
    let parts = [subject, description, named("เวลา", occurred_text), named("สถานที่", location_text)];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    Ok(cut(text))
}

fn cut(text: String) -> String {
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_long_as_a_timeline_takes() {
        for (length, whole) in [(MOST, true), (MOST + 1, false)] {
            let text = cut("ก".repeat(length));
            assert_eq!((text.chars().count(), text.ends_with('ก')), (MOST, whole));
        }
    }
}
