//! Cases that officers enter: they came on paper, by phone or before the service. An officer states the day on which the case came,
//! and on which days the office answered and closed it. What is entered later is marked so.

use chrono::{DateTime, NaiveDate, Utc};
use entity::case_event::Side;
use entity::referral::Referral;
use entity::texts::Texts;
use uuid::Uuid;

use super::timeline::{self, Entry, RECEIVE};
use super::vault::CaseKey;
use super::{guides, referral};
use crate::audit_log::author::Author;
use crate::db::Write;
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::workflow::Action;
use crate::domain::working_days::{bangkok_day, midnight};
use crate::error::{FieldError, Result};

/// What an officer states of a new case, and nobody else.
pub struct Stated {
    /// Whether the case came in online, which has its own time.
    pub is_online: bool,
    pub received_on: Option<NaiveDate>,
    pub register_no: Option<String>,
    pub first_answered_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
    /// Day of the letter with which it was referred.
    pub letter_on: Option<NaiveDate>,
}

impl Stated {
    /// Everything that is wrong with it, by whom and today.
    pub fn errors(&self, officer: Option<&Author>, today: NaiveDate) -> Vec<FieldError> {
        let refused = |violation: Violation| {
            self.given().into_iter().map(move |field| FieldError::at(field, violation.clone())).collect()
        };
        match officer {
            None => refused(FieldCode::OnlyForOfficers.into()),
            Some(_) if self.is_online => {
                let (th, en) = ("ไม่ใช้กับเรื่องที่ส่งผ่านระบบออนไลน์", "must be left out: the case came in online");
                refused(FieldCode::NotForThis.because(th, en))
            }
            Some(_) => self.wrong_days(today),
        }
    }

    /// The fields that are not for everybody, as far as they are given.
    fn given(&self) -> Vec<&'static str> {
        let fields = [
            ("/channel", !self.is_online),
            ("/received_on", self.received_on.is_some()),
            ("/register_no", self.register_no.is_some()),
            ("/first_answered_on", self.first_answered_on.is_some()),
            ("/closing", self.closed_on.is_some()),
        ];
        fields.into_iter().filter_map(|(field, is_given)| is_given.then_some(field)).collect()
    }

    /// Days are in their order, and none is in the future.
    fn wrong_days(&self, today: NaiveDate) -> Vec<FieldError> {
        let received_on = self.received_on.unwrap_or(today);
        let (first, _) = FiscalYear::stored(*FiscalYear::RANGE.start()).span();
        let too_early = FieldCode::NotPlausible.because(
            format!("ต้องไม่ก่อนปีงบประมาณ 2500 ({first})"),
            format!("must not be before the fiscal year 2500 ({first})"),
        );
        let of_answer =
            || FieldCode::BeforeStart.because("ต้องไม่ก่อนวันที่ตอบครั้งแรก", "must not be before the day of the first answer");
        let (since, of_since) = match self.first_answered_on {
            Some(day) if day > received_on => (day, of_answer()),
            _ => (received_on, before_receipt()),
        };
        let days = [
            ("/received_on", self.received_on, first, too_early),
            ("/closing/referral/letter_on", self.letter_on, received_on, before_receipt()),
            ("/first_answered_on", self.first_answered_on, received_on, before_receipt()),
            ("/closing/closed_on", self.closed_on, since, of_since),
        ];
        let wrong = days.into_iter().filter_map(|(field, day, earliest, too_early)| match day? {
            day if day > today => Some(FieldError::at(field, FieldCode::InTheFuture)),
            day if day < earliest => Some(FieldError::at(field, too_early)),
            _ => None,
        });
        wrong.collect()
    }
}

/// That something about a case cannot be earlier than the case.
pub fn before_receipt() -> Violation {
    FieldCode::BeforeStart.because("ต้องไม่ก่อนวันที่รับเรื่อง", "must not be before the day of receipt")
}

/// When a new case came, and who entered it when.
pub struct Arrival {
    pub received_on: NaiveDate,
    pub received_at: DateTime<Utc>,
    pub entered_at: Option<DateTime<Utc>>,
    pub entered_by: Option<String>,
    /// What its sender wrote, if the case has no place for it: as many texts as a timeline takes.
    pub words: Vec<String>,
    /// The notices that its sender was shown with the case that it goes on with.
    pub notices: Texts,
}

impl Arrival {
    pub fn of(write: &Write, stated: &Stated) -> Self {
        let today = bangkok_day(write.now);
        let received_on = stated.received_on.unwrap_or(today);
        let is_earlier = received_on != today;
        Self {
            received_on,
            received_at: if is_earlier { midnight(received_on) } else { write.now },
            entered_at: is_earlier.then_some(write.now),
            entered_by: (!stated.is_online).then(|| write.author.name.clone()),
            words: Vec::new(),
            notices: Texts::default(),
        }
    }
}

/// The times of receipt and of entry, as people see them: of what was entered later only the day of receipt is known.
pub fn times(received_at: DateTime<Utc>, entered_at: Option<DateTime<Utc>>) -> (Option<DateTime<Utc>>, DateTime<Utc>) {
    match entered_at {
        Some(entered_at) => (None, entered_at),
        None => (Some(received_at), received_at),
    }
}

/// A step that was taken on paper.
pub struct PastStep<A: Action> {
    pub action: A,
    pub to: A::Status,
    pub on: NaiveDate,
    pub text: Option<String>,
    /// Where it referred the case to.
    pub referral: Option<Referral>,
}

impl<A: Action> PastStep<A> {
    /// Puts it on the timeline of a case.
    pub async fn add(&self, write: &Write, key: &CaseKey, case: Uuid) -> Result<()> {
        use entity::codes::Coded;
        let Self { action, to, on, text, referral } = self;
        guides::refuse_unfilled(write, "/closing/text", text.as_deref().filter(|_| action.is_public())).await?;
        if let Some(referral) = referral {
            referral::told_on(write, key, case, referral, *on).await?;
        }
        let status = Some(to.code().to_owned());
        let (side, public) = (action.side(), action.is_public());
        let entry = Entry { action: action.code(), side, public, status, text: text.as_deref() };
        timeline::enter(write, key, case, entry, *on).await.map(drop)
    }
}

/// Puts the receipt of a case on its timeline: an officer's, or the sender's own.
pub async fn receive(write: &Write, key: &CaseKey, case: Uuid, status: &str, arrival: &Arrival) -> Result<()> {
    let status = Some(status.to_owned());
    let (mut words, day) = (arrival.words.iter().map(String::as_str), arrival.received_on);
    let entry = Entry { action: RECEIVE, side: Side::Sender, public: true, status, text: words.next() };
    match arrival.entered_by {
        Some(_) => timeline::enter(write, key, case, entry, day).await?,
        None => timeline::add(write, key, case, entry).await?,
    };
    for text in words {
        let entry = Entry { action: RECEIVE, side: Side::Sender, public: true, status: None, text: Some(text) };
        timeline::enter(write, key, case, entry, day).await?;
    }
    Ok(())
}

/// That the number of the office's register is taken on that day.
pub fn taken() -> FieldError {
    let (th, en) = ("มีเรื่องที่ใช้เลขทะเบียนรับและวันที่รับนี้แล้ว", "must not be the number of another case of that day");
    FieldError::at("/register_no", FieldCode::AlreadyExists.because(th, en))
}
