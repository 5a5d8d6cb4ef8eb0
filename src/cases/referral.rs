//! To which authority a case was referred. The reporter or applicant reads the authority and the day of the letter, the office the
//! number of the letter as well.

use chrono::NaiveDate;
use entity::case_event::Side;
use entity::referral::Referral as Stored;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::paper;
use super::timeline::{self, Entry};
use super::vault::CaseKey;
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
use crate::domain::thai;
use crate::domain::timeline::ADDRESS_REFERRAL;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Error, FieldError, Result};

/// Where a case goes. The number and the day of the letter can be added later.
#[derive(Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "authority": "สำนักงาน ป.ป.ช. ประจำจังหวัดชัยนาท", "letter_no": "ชน 52001/418", "letter_on": "2024-04-30" }))]
pub struct ReferralInput {
    /// Name of the authority.
    pub authority: Line<200>,
    /// Number of the letter with which the case is referred.
    #[schema(example = json!(null))]
    pub letter_no: Option<Line<100>>,
    /// Day of that letter.
    #[schema(example = json!(null))]
    pub letter_on: Option<NaiveDate>,
}

/// Where a case was referred to.
#[derive(Serialize, ToSchema)]
pub struct Referral {
    /// Name of the authority.
    #[schema(max_length = 200, example = "สำนักงาน ป.ป.ช. ประจำจังหวัดชัยนาท")]
    pub authority: String,
    /// Number of the letter; null if it is not entered, and for other callers than the office.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 100, example = "ชน 52001/418")]
    pub letter_no: Option<String>,
    /// Day of the letter; null if it is not entered.
    #[schema(required, example = "2024-04-30")]
    pub letter_on: Option<NaiveDate>,
}

impl From<&Stored> for Referral {
    fn from(Stored { authority, letter_no, letter_on }: &Stored) -> Self {
        Self { authority: authority.clone(), letter_no: letter_no.clone(), letter_on: *letter_on }
    }
}

impl Referral {
    /// As the holder of the receipt sees it.
    pub fn unnumbered(referral: &Stored) -> Self {
        Self { letter_no: None, ..referral.into() }
    }
}

impl From<ReferralInput> for Stored {
    fn from(ReferralInput { authority, letter_no, letter_on }: ReferralInput) -> Self {
        Self { authority: authority.into_inner(), letter_no: letter_no.map(Line::into_inner), letter_on }
    }
}

/// Where a case was referred to, as far as it is known.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "letter_no": "ชน 52001/418", "letter_on": "2024-04-30" }))]
pub struct ReferralChangeInput {
    /// Name of the authority. Required where none is entered yet.
    #[schema(example = json!(null))]
    pub authority: Option<Line<200>>,
    /// Number of the letter with which the case was referred.
    pub letter_no: Option<Line<100>>,
    /// Day of that letter.
    pub letter_on: Option<NaiveDate>,
}

impl From<Option<&Stored>> for ReferralChangeInput {
    fn from(stored: Option<&Stored>) -> Self {
        let text = |text: Option<&String>| text.cloned();
        Self {
            authority: text(stored.map(|stored| &stored.authority)).map(Line::from),
            letter_no: text(stored.and_then(|stored| stored.letter_no.as_ref())).map(Line::from),
            letter_on: stored.and_then(|stored| stored.letter_on),
        }
    }
}

impl ReferralChangeInput {
    pub fn referral(self) -> Result<Stored> {
        let Self { authority, letter_no, letter_on } = self;
        let authority = authority.ok_or_else(|| FieldError::at("/authority", FieldCode::Needed))?;
        Ok(ReferralInput { authority, letter_no, letter_on }.into())
    }
}

/// Where a step refers a case to, once it is checked and on the timeline.
pub async fn told(
    write: &Write,
    key: &CaseKey,
    (case, received_on): (Uuid, NaiveDate),
    (place, referral): (&str, Option<Stored>),
) -> Result<Option<Stored>> {
    let Some(referral) = referral else { return Ok(None) };
    let fault = match referral.letter_on {
        // A letter that is not written yet.
        Some(day) if day > bangkok_day(write.now) => Some(FieldCode::InTheFuture.into()),
        // One that was written before the case came is about something else.
        Some(day) if day < received_on => Some(paper::before_receipt()),
        _ => None,
    };
    if let Some(fault) = fault {
        return Err(FieldError::at(&format!("{place}/letter_on"), fault).into());
    }
    timeline::add(write, key, case, entry(&line(&referral))).await?;
    Ok(Some(referral))
}

/// Puts on the timeline where a case was referred to on paper, on the day on which it was.
pub async fn told_on(write: &Write, key: &CaseKey, case: Uuid, referral: &Stored, day: NaiveDate) -> Result<()> {
    timeline::enter(write, key, case, entry(&line(referral)), day).await.map(drop)
}

/// An addressee as the timeline has it.
fn line(referral: &Stored) -> String {
    let letter_on = referral.letter_on.map(|day| format!(" (หนังสือลงวันที่ {})", thai::date(day)));
    format!("{}{}", referral.authority, letter_on.unwrap_or_default())
}

fn entry(text: &str) -> Entry<'_> {
    Entry { action: ADDRESS_REFERRAL, side: Side::Office, public: true, status: None, text: Some(text) }
}

/// Where a case was referred to, once that is corrected. It is on the timeline if its reader sees something new.
pub async fn corrected(
    write: &Write,
    key: &CaseKey,
    case: (Uuid, NaiveDate),
    (before, after): (Option<&Stored>, Stored),
) -> Result<Option<Stored>> {
    let shown = |to: &Stored| (to.authority.clone(), to.letter_on);
    if before.map(shown) == Some(shown(&after)) {
        return Ok(Some(after));
    }
    told(write, key, case, ("", Some(after))).await
}

/// That a case was not referred.
pub fn not_referred() -> Error {
    Code::IllegalTransition
        .because("เรื่องนี้ไม่ได้ส่งต่อหน่วยงานอื่น", "The case was not referred to another authority: it has no addressee.")
}
