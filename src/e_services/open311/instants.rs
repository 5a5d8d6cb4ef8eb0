//! Instants as Open311 clients write them (W3C-DTF), as RFC 3339 has them.

/// With the seconds and the plus sign that a client may leave out: a plus sign that is not escaped arrives as a blank.
pub fn completed(text: &str) -> String {
    let Some((clock, zone)) = split(text) else { return text.to_owned() };
    let seconds = if is_clock(clock) { ":00" } else { "" };
    let zone = match zone.strip_prefix(' ') {
        Some(offset) if is_clock(offset) => format!("+{offset}"),
        _ => zone.to_owned(),
    };
    format!("{}{clock}{seconds}{zone}", &text[..BEFORE])
}

/// The same, on the clocks of Bangkok where no zone is given, as browsers write what was typed (`datetime-local`).
pub fn in_bangkok(text: &str) -> String {
    let completed = completed(text);
    let has_no_zone = split(&completed).is_some_and(|(_, zone)| zone.is_empty());
    if has_no_zone { completed + "+07:00" } else { completed }
}

/// Bytes of a date with its `T`.
const BEFORE: usize = 11;

/// The clock time and the zone of an instant.
fn split(text: &str) -> Option<(&str, &str)> {
    let time = text.get(BEFORE..).filter(|_| matches!(text.as_bytes().get(10), Some(b'T' | b't')))?;
    let end = time.find(['Z', 'z', '+', '-', ' ']).unwrap_or(time.len());
    Some(time.split_at(end))
}

/// Whether a text is hours and minutes.
fn is_clock(text: &str) -> bool {
    text.len() == 5
        && text.bytes().enumerate().all(|(at, byte)| if at == 2 { byte == b':' } else { byte.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_leaves_out_is_completed() {
        for (sent, meant) in [
            ("2026-11-24T00:00Z", "2026-11-24T00:00:00Z"),
            ("2026-11-24T00:00+07:00", "2026-11-24T00:00:00+07:00"),
            ("2026-11-24T00:00:00 07:00", "2026-11-24T00:00:00+07:00"),
            ("2026-11-24T00:00:00.5-03:00", "2026-11-24T00:00:00.5-03:00"),
            ("2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z"),
            ("2026-11-24T10:00", "2026-11-24T10:00:00"),
            ("2026-11-24", "2026-11-24"),
            ("พรุ่งนี้", "พรุ่งนี้"),
        ] {
            assert_eq!(completed(sent), meant);
        }
        assert_eq!(in_bangkok("2026-11-24T10:00"), "2026-11-24T10:00:00+07:00");
        assert_eq!(in_bangkok("2026-11-24T10:00Z"), "2026-11-24T10:00:00Z");
        assert_eq!(in_bangkok("2026-11-24"), "2026-11-24");
    }
}
