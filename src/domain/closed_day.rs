//! Days that are closed for bookings: how many places that leaves, where the bookings go, and what applicants read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::closed_day::Part;
use entity::codes::Coded;

use super::field_code::{FieldCode, Violation};
use super::thai;

/// Places of a day that stay open. Bookings have no time of day: half a day closes half of the places.
pub fn open_places(capacity: u32, closed: &[Part]) -> u32 {
    let places = |part: &Part| match part {
        Part::WholeDay => capacity,
        Part::Morning => capacity.div_ceil(2),
        Part::Afternoon => capacity / 2,
    };
    capacity.saturating_sub(closed.iter().map(places).fold(0, u32::saturating_add))
}

/// Why a day has no place: it is closed, or what is open of it is booked. Each part that is closed has its reason.
pub fn no_place(closed: &[(Part, &str)]) -> Violation {
    let Some((part, _)) = closed.first() else { return FieldCode::FullyBooked.into() };
    let mut reasons: Vec<_> = closed.iter().map(|(_, reason)| *reason).collect();
    reasons.dedup();
    let (reasons, part) = (reasons.join(", "), part.label());
    // Each part is closed once.
    if closed.len() > 1 || closed.iter().any(|(part, _)| *part == Part::WholeDay) {
        return FieldCode::ClosedDay.because(
            format!("งดให้บริการในวันที่เลือก ({reasons}) โปรดเลือกวันอื่น"),
            format!("is closed for bookings ({reasons}); /v1/e-services/{{code}}/days has the days that are free"),
        );
    }
    FieldCode::FullyBooked.because(
        format!("งดให้บริการ{}ของวันที่เลือก ({reasons}) และไม่มีคิวว่างในเวลาที่เหลือ โปรดเลือกวันอื่น", part.th),
        format!(
            "is closed in the {} ({reasons}) and fully booked otherwise; /v1/e-services/{{code}}/days has the days that are free",
            part.en
        ),
    )
}

/// A day for each of so many bookings, the earliest first; or how many do not fit.
pub fn spread(bookings: usize, free: &BTreeMap<NaiveDate, u32>) -> Result<Vec<NaiveDate>, usize> {
    let places = free.iter().flat_map(|(day, places)| std::iter::repeat_n(*day, *places as usize));
    let days: Vec<_> = places.take(bookings).collect();
    if days.len() == bookings { Ok(days) } else { Err(bookings - days.len()) }
}

/// What an applicant reads whose booking was moved.
pub fn moved_text(part: Part, from: NaiveDate, to: NaiveDate, reason: &str) -> String {
    let (from, to) = (thai::date(from), thai::date(to));
    format!("วันนัดหมายเลื่อนจากวันที่ {from} เป็นวันที่ {to} เพราะงดให้บริการ{}: {reason}", part.label().th)
}

#[cfg(test)]
mod tests {
    use super::super::message::Language;
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn half_a_day_closes_half_of_the_places_and_both_halves_all() {
        use Part::{Afternoon, Morning, WholeDay};
        for (capacity, closed, open) in [
            (3, &[][..], 3),
            (3, &[WholeDay], 0),
            (3, &[Morning], 1),
            (3, &[Afternoon], 2),
            (3, &[Morning, Afternoon], 0),
            (1, &[Afternoon], 1),
            (0, &[Morning], 0),
            (u32::MAX, &[WholeDay, Morning, Afternoon], 0),
        ] {
            assert_eq!(open_places(capacity, closed), open, "{capacity} {closed:?}");
        }
    }

    #[test]
    fn a_day_without_a_place_says_whether_it_is_closed_or_booked() {
        use Part::{Afternoon, Morning, WholeDay};
        for (closed, code, text) in [
            (&[][..], FieldCode::FullyBooked, "วันที่เลือกมีผู้จองเต็มแล้ว โปรดเลือกวันอื่น"),
            (&[(WholeDay, "ฝนตกหนัก")], FieldCode::ClosedDay, "งดให้บริการในวันที่เลือก (ฝนตกหนัก) โปรดเลือกวันอื่น"),
            (
                &[(Morning, "ฝนตกหนัก"), (Afternoon, "ประชุม")],
                FieldCode::ClosedDay,
                "งดให้บริการในวันที่เลือก (ฝนตกหนัก, ประชุม) โปรดเลือกวันอื่น",
            ),
            (
                &[(Morning, "ฝนตกหนัก")],
                FieldCode::FullyBooked,
                "งดให้บริการช่วงเช้าของวันที่เลือก (ฝนตกหนัก) และไม่มีคิวว่างในเวลาที่เหลือ โปรดเลือกวันอื่น",
            ),
        ] {
            let violation = no_place(closed);
            assert_eq!((violation.code, violation.message.localized(Language::Thai)), (code, text));
        }
    }

    #[test]
    fn bookings_go_to_the_next_days_with_places_or_all_stay() {
        let free = BTreeMap::from([(day("2026-12-02"), 1), (day("2026-12-03"), 0), (day("2026-12-04"), 2)]);
        assert_eq!(spread(2, &free), Ok(vec![day("2026-12-02"), day("2026-12-04")]));
        assert_eq!(spread(0, &free), Ok(Vec::new()));
        assert_eq!(spread(5, &free), Err(2));
    }

    #[test]
    fn an_applicant_reads_both_days_and_the_reason() {
        let text = moved_text(Part::WholeDay, day("2026-12-01"), day("2026-12-02"), "ฝนตกหนัก");
        assert_eq!(text, "วันนัดหมายเลื่อนจากวันที่ 1 ธันวาคม 2569 เป็นวันที่ 2 ธันวาคม 2569 เพราะงดให้บริการทั้งวัน: ฝนตกหนัก");
    }
}
