//! Due days that have become holidays, and how both sides of a case are told.
//!
//! A due day that becomes a holiday is moved to the next working day. Apart from that a promise stays: a holiday before it does not
//! move it, and a holiday that is taken back does not bring it forward.

use chrono::NaiveDate;

use super::name::Name;
use super::thai;

/// What the office promises a day for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    FirstAnswer,
    Conclusion,
    Completion,
}

/// A due day that was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub promise: Promise,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Promise {
    fn th(self) -> &'static str {
        match self {
            Promise::FirstAnswer => "กำหนดแจ้งผลครั้งแรก",
            Promise::Conclusion => "กำหนดแจ้งผลการพิจารณา",
            Promise::Completion => "กำหนดแล้วเสร็จ",
        }
    }
}

impl Move {
    /// What both sides read on the timeline, where the office writes Thai.
    pub fn text(&self, holiday: &Name) -> String {
        let (promise, from, to) = (self.promise.th(), thai::date(self.from), thai::date(self.to));
        format!("{promise}เลื่อนจากวันที่ {from} เป็นวันที่ {to} เพราะวันเดิมเป็นวันหยุดราชการ ({})", holiday.th)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_and_the_holiday_are_told() {
        let [from, to] = ["2026-12-31", "2027-01-04"].map(|day| day.parse().unwrap());
        let holiday = Name { th: "วันสิ้นปี".to_owned(), en: Some("New Year's Eve".to_owned()) };
        let text = Move { promise: Promise::FirstAnswer, from, to }.text(&holiday);
        assert_eq!(
            text,
            "กำหนดแจ้งผลครั้งแรกเลื่อนจากวันที่ 31 ธันวาคม 2569 เป็นวันที่ 4 มกราคม 2570 เพราะวันเดิมเป็นวันหยุดราชการ (วันสิ้นปี)"
        );
    }
}
