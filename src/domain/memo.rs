//! The covering memo (บันทึกข้อความ) of a report: it names posts, no persons.

use chrono::NaiveDate;
use entity::report::SigningStep;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text::{Line, Lines};
use super::thai;

/// The covering memo (บันทึกข้อความ) of a report. It names posts, no persons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Memo {
    /// The unit that it is from (ส่วนราชการ), as it is printed; null while not stated.
    #[schema(example = "งานวิเคราะห์นโยบายและแผน กองยุทธศาสตร์และงบประมาณ")]
    pub from: Option<Line<300>>,
    /// Number of the memo (ที่); null while it has none.
    #[schema(example = "ชน๕๒๐๐๖/-")]
    pub number: Option<Line<100>>,
    /// Day of the memo (วันที่), in the Gregorian calendar; printed in the Buddhist era. Null while it has none.
    #[schema(example = "2024-04-24")]
    pub date: Option<NaiveDate>,
    /// What the memo is about (เรื่อง); null while not stated.
    #[schema(example = "การประเมินคุณธรรมและความโปร่งใสในการดำเนินงานของหน่วยงานภาครัฐ (ITA) ประจำปีงบประมาณ พ.ศ. ๒๕๖๗")]
    pub subject: Option<Line<1000>>,
    /// The posts that it is addressed to (เรียน).
    #[serde(default)]
    #[schema(max_items = 10, example = json!(["ปลัดเทศบาลเมืองชัยนาท", "นายกเทศมนตรีเมืองชัยนาท"]))]
    pub to: Vec<Line<300>>,
    /// The sections, in order.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub sections: Vec<MemoSection>,
    /// Closing sentence.
    #[schema(example = "จึงเรียนมาเพื่อโปรดทราบ")]
    pub closing: Option<Lines<1000>>,
    /// The posts that sign, in order: the signing chain of the report.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub signers: Vec<Signer>,
}

/// A section of a memo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemoSection {
    /// Heading of the section.
    #[schema(example = "ข้อเท็จจริง")]
    pub heading: Line<300>,
    /// Text of the section.
    #[schema(example = "ให้แสดงผลการดำเนินการที่มีรายละเอียดอย่างน้อยประกอบด้วย")]
    pub text: Lines<5000>,
    /// Entries below the text, numbered as they are printed.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["ปัญหา/อุปสรรค", "ข้อเสนอแนะ"]))]
    pub items: Vec<Lines<1000>>,
}

/// A post that signs a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The step at which it signs.
    pub step: SigningStep,
    /// The post.
    #[schema(example = "หัวหน้าฝ่ายแผนงานและงบประมาณ")]
    pub post: Line<300>,
    /// The post for which it acts; null if it signs for itself.
    #[schema(example = "ผู้อำนวยการกองยุทธศาสตร์และงบประมาณ")]
    pub acting_for: Option<Line<300>>,
    /// Note above the signature, such as whom the report is passed on to.
    #[schema(example = json!(null))]
    pub note: Option<Lines<500>>,
}

/// Printed where something is not stated yet.
const BLANK: &str = "........................................";

impl Memo {
    /// What stands at the head of the page, each with its name: unit, number and date, subject. The date is in the Buddhist era.
    pub fn heads(&self) -> [(&'static str, String); 4] {
        let stated = |text: Option<&str>| text.unwrap_or(BLANK).to_owned();
        let date = self.date.map(|day| thai::digits(thai::date(day)));
        [
            ("ส่วนราชการ", stated(self.from.as_deref())),
            ("ที่", stated(self.number.as_deref())),
            ("วันที่", stated(date.as_deref())),
            ("เรื่อง", stated(self.subject.as_deref())),
        ]
    }

    /// Whom it is addressed to.
    pub fn addressees(&self) -> Vec<&str> {
        if self.to.is_empty() { vec![BLANK] } else { self.to.iter().map(|post| &**post).collect() }
    }
}
