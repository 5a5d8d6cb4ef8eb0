//! The ITA's open data assessment (OIT): codes of items, the life of an answer, whose part a part is, and the expected score.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use entity::ita_disclosure::State::{self, Carried, Drafted, Open, Ready, Reviewed, Submitted};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strsim::normalized_levenshtein;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::fiscal_year::FiscalYear;
use super::text::folded;

/// The code of an item, such as O35. It means something together with a fiscal year only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemCode(i32);

impl ItemCode {
    pub const PATTERN: &str = "^O[1-9][0-9]{0,2}$";

    /// That of no item.
    pub const NONE: Self = Self(0);

    /// That of an item as it is stored.
    pub fn stored(number: i32) -> Self {
        Self(number)
    }

    pub fn number(self) -> i32 {
        self.0
    }
}

impl FromStr for ItemCode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be the code of an ITA item such as O35";
        let number = text.strip_prefix('O').and_then(|digits| digits.parse().ok()).ok_or(WRONG)?;
        let code = Self(number);
        if (1..1000).contains(&number) && code.to_string() == text { Ok(code) } else { Err(WRONG) }
    }
}

impl fmt::Display for ItemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "O{}", self.0)
    }
}

impl Serialize for ItemCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ItemCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for ItemCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(Self::PATTERN))
            .max_length(Some(4))
            .description(Some("Code of an item of the ITA's open data assessment, within its fiscal year."))
            .examples(["O35"])
            .into()
    }
}

impl ToSchema for ItemCode {}

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Action = "ItaDisclosureAction" ("การดำเนินการกับคำตอบ", "Step of the answer to an ITA item.") {
        Review = "review" (
            "ตรวจคำตอบ", "review",
            "ตรวจคำตอบฉบับร่างแล้ว",
            "The drafted answer was reviewed."
        ),
        Complete = "complete" (
            "ยืนยันว่าพร้อมส่ง", "complete",
            "คำตอบครบถ้วน ไม่มีส่วนใดขาด",
            "Declare the reviewed answer ready. It is refused while something is missing."
        ),
        Submit = "submit" (
            "บันทึกว่าส่งแล้ว", "submit",
            "กรอกคำตอบในระบบ ITA แล้ว",
            "Record that the answer was entered into the ITA's form."
        ),
        Reopen = "reopen" (
            "เปิดแก้ไข", "reopen",
            "กลับเป็นฉบับร่างเพื่อแก้ไข",
            "Make it a draft again."
        ),
    }
}

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum GapKind = "ItaGapKind" ("สิ่งที่ขาด", "What the answer to an ITA item lacks.") {
        Answer = "answer" (
            "คำตอบ", "answer",
            "ยังไม่ได้ตอบว่ามีหรือไม่มี",
            "It is not stated whether the agency discloses it."
        ),
        Disclosure = "disclosure" (
            "การเปิดเผยข้อมูล", "disclosure",
            "ตอบว่าไม่มี จึงไม่ได้คะแนน",
            "The agency does not disclose it, which scores nothing."
        ),
        Link = "link" (
            "ที่อยู่เว็บ", "link",
            "ยังไม่ได้ระบุที่อยู่เว็บที่เปิดเผยข้อมูล",
            "No address is stated."
        ),
        Part = "part" (
            "องค์ประกอบข้อมูล", "part",
            "ยังไม่ได้ระบุว่าแสดงองค์ประกอบนี้ไว้ที่ใด",
            "It is not stated where a required part is shown."
        ),
        BrokenLink = "broken_link" (
            "ลิงก์ที่เปิดไม่ได้", "broken link",
            "เปิดที่อยู่เว็บไม่ได้ หรือไฟล์เปลี่ยนไปจากที่ยืนยันไว้",
            "An address does not work, or its file has changed since it was declared."
        ),
        Publication = "publication" (
            "การเผยแพร่รายงาน", "publication",
            "รายงานที่ระบบจัดทำให้ยังไม่เผยแพร่",
            "The report that the service makes is not published."
        ),
        Review = "review" (
            "การตรวจคำตอบของปีก่อน", "review",
            "ยกคำตอบมาจากปีก่อน ต้องตรวจหรือแก้ไขให้เป็นของปีนี้",
            "The answer is that of the year before: it must be reviewed or changed."
        ),
        Steps = "steps" (
            "วิธีเข้าถึงจากเว็บไซต์หลัก", "steps",
            "ยังไม่ได้ระบุวิธีเข้าถึงจากหน้าแรกของเว็บไซต์หน่วยงาน",
            "It is not stated how the address is found from the first page of the website."
        ),
    }
}

/// The state that a step leads to, or nothing where it is not allowed.
pub fn after(action: Action, from: State) -> Option<State> {
    match (action, from) {
        (Action::Review, Carried | Drafted) => Some(Reviewed),
        (Action::Complete, Reviewed) => Some(Ready),
        (Action::Submit, Ready) => Some(Submitted),
        (Action::Reopen, Reviewed | Ready | Submitted) => Some(Drafted),
        _ => None,
    }
}

/// The state of an answer whose text has changed: what was reviewed is no longer what was reviewed.
pub fn after_change(is_blank: bool) -> State {
    if is_blank { Open } else { Drafted }
}

/// The most years before its assessment that the data of an item is of.
pub const MOST_YEARS_BEFORE: i32 = 5;

/// How many years before its assessment the data of an item is of, as far as its conditions say so: "เป็นรายงานผลของปี พ.ศ. 2566" of the
/// assessment of 2567 is one. Where they say nothing of a year of results, it is that of the assessment.
pub fn years_before(year: FiscalYear, conditions: &[impl Deref<Target = str>]) -> i32 {
    conditions.iter().find_map(|condition| of_results(condition)).map_or(0, |of| {
        let before = year.number() - of;
        if (0..=MOST_YEARS_BEFORE).contains(&before) { before } else { 0 }
    })
}

/// The year whose results a condition asks for.
fn of_results(condition: &str) -> Option<i32> {
    let condition = folded(condition);
    let (_, year) = condition.split_once("รายงานผลของปี พ.ศ.")?;
    year.trim_start().get(..4)?.parse().ok()
}

/// How much alike two names of a part must be. Offices shorten and re-word them, and leave out what stands in brackets.
const ALIKE: f64 = 0.8;

/// Whether two texts name the same part.
pub fn is_same_part(one: &str, other: &str) -> bool {
    let (one, other) = (essence(one), essence(other));
    !one.is_empty() && (one == other || normalized_levenshtein(&one, &other) >= ALIKE)
}

/// A part's name without what is explained after it, and without spaces.
fn essence(part: &str) -> String {
    let name = part.split(['*', '(']).next().unwrap_or_default();
    folded(name).split_whitespace().collect()
}

/// Whose parts these are: the key of the list that has the most of them, the first of several. None where no list has one.
pub fn owner<'a, K>(parts: &[&str], lists: impl IntoIterator<Item = (K, &'a [String])>) -> Option<K> {
    let has = |list: &[String], part: &str| list.iter().any(|required| is_same_part(part, required));
    let count = |list: &[String]| parts.iter().filter(|part| has(list, part)).count();
    let mut best = (None, 0);
    for (key, list) in lists {
        let found = count(list);
        if found > best.1 {
            best = (Some(key), found);
        }
    }
    best.0
}

/// The score of an item: it has everything, or it has nothing.
pub const FULL: f64 = 100.0;

/// The average of averages, as the assessment has it: of the items of each sub-indicator, of the sub-indicators of each indicator, and
/// of the indicators. Nothing of nothing.
pub fn average(scores: &[f64]) -> Option<f64> {
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
}

/// A score as it is published: to the hundredth.
pub fn rounded(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use entity::codes::Coded;

    use super::*;

    #[test]
    fn a_code_is_written_in_one_way() {
        for (text, number) in [("O1", Some(1)), ("O35", Some(35)), ("O999", Some(999))] {
            assert_eq!(text.parse::<ItemCode>().ok().map(ItemCode::number), number, "{text}");
        }
        for text in ["", "O", "O0", "O01", "o35", "35", "O1000", "O+1", "O-1", "O 1", "O๓๕", "O4294967297"] {
            assert!(text.parse::<ItemCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_was_changed_is_reviewed_again() {
        let letter = |state: Option<State>| match state {
            None => '.',
            Some(Open) => 'O',
            Some(Carried) => 'C',
            Some(Drafted) => 'D',
            Some(Reviewed) => 'V',
            Some(Ready) => 'R',
            Some(Submitted) => 'S',
        };
        let row = |from: &State| Action::ALL.iter().map(|action| letter(after(*action, *from))).collect::<String>();
        assert_eq!(State::ALL.iter().map(row).collect::<Vec<_>>(), ["....", "V...", "V...", ".R.D", "..SD", "...D"]);
        assert_eq!([true, false].map(after_change), [Open, Drafted]);
    }

    #[test]
    fn the_year_of_results_is_the_one_that_a_condition_names() {
        for (condition, expected) in [
            ("เป็นรายงานผลของปี พ.ศ. 2566", 1),
            ("เป็นรายงานผลของปี พ.ศ. ๒๕๖๖ (ครบปีงบประมาณ)", 1),
            ("เป็นรายงานผลของปี พ.ศ. 2567", 0),
            ("เป็นรายงานผลของปี พ.ศ. 2568", 0),
            ("เป็นรายงานผลของปี พ.ศ. 256", 0),
            ("ครอบคลุมอย่างน้อย 6 เดือนแรกของปี พ.ศ. 2567", 0),
            ("การวิเคราะห์ผลการประเมินคุณธรรมและความโปร่งใสในปี พ.ศ. 2566", 0),
        ] {
            assert_eq!(
                years_before(FiscalYear::stored(2567), &["ก", condition].map(str::to_owned)),
                expected,
                "{condition}"
            );
        }
    }

    #[test]
    fn a_part_is_known_by_other_words() {
        let budget = "รายละเอียดงบประมาณที่ใช้ดำเนินการแต่ละโครงการ/กิจกรรม *กรณีไม่ได้ใช้งบประมาณ ให้ระบุว่าไม่ใช้งบประมาณ";
        for (one, other, expected) in [
            ("ผลดำเนินการแต่ละโครงการ/กิจกรรม", "ผลการดำเนินการแต่ละโครงการ/กิจกรรม", true),
            ("รายละเอียดงบประมาณที่ใช้ดำเนินการแต่ละโครงการ/กิจกรรม*", budget, true),
            ("ปัญหา / อุปสรรค", "ปัญหา/อุปสรรค", true),
            ("ข้อเสนอแนะ", "ข้อเสนอแนะ", true),
            ("ผลการดำเนินการ", "ผลลัพธ์หรือความสำเร็จของการดำเนินการ", false),
            ("ปัญหา/อุปสรรค", "ข้อเสนอแนะ", false),
            ("*", "(1)", false),
        ] {
            assert_eq!(is_same_part(one, other), expected, "{one} / {other}");
        }
    }

    #[test]
    fn parts_belong_to_the_item_that_has_most_of_them() {
        let lists = [
            ("O9", ["ผลการดำเนินการแต่ละโครงการ/กิจกรรม", "ปัญหา/อุปสรรค"].map(str::to_owned)),
            ("O33", ["ผลการดำเนินการแต่ละโครงการ/กิจกรรม", "รายละเอียดงบประมาณที่ใช้"].map(str::to_owned)),
        ];
        let owner = |parts: &[&str]| owner(parts, lists.iter().map(|(code, list)| (*code, &list[..])));
        assert_eq!(owner(&["ผลดำเนินการแต่ละโครงการ/กิจกรรม", "รายละเอียดงบประมาณที่ใช้*"]), Some("O33"));
        assert_eq!(owner(&["ปัญหา/อุปสรรค"]), Some("O9"));
        assert_eq!((owner(&["แผนผัง"]), owner(&[])), (None, None));
    }

    #[test]
    fn a_score_is_an_average_of_averages() {
        assert_eq!(average(&[]), None);
        assert_eq!(average(&[100.0, 0.0, 0.0]).map(rounded), Some(33.33));
    }
}
