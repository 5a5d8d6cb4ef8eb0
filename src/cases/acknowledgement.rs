//! Signed acknowledgements: that this service has received exactly these bytes at this time, as a signed note whose last line says so in Thai.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use entity::agency;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};

use crate::crypto::keys::SigningKey;
use crate::crypto::signed_note::{self, Verifier};
use crate::domain::merkle::Hash;
use crate::domain::thai;
use crate::error::{Code, Result};

/// What a case is called in an acknowledgement.
#[derive(Clone, Copy)]
pub enum Subject {
    Complaint,
    ServiceRequest,
}

/// What was received.
pub struct Received<'a> {
    pub subject: Subject,
    pub reference: &'a str,
    pub at: DateTime<Utc>,
    /// The day before that on which it came, if an officer says so.
    pub came_on: Option<NaiveDate>,
    /// SHA-256 of the bytes that were sent.
    pub sent: &'a Hash,
}

/// What a valid acknowledgement says.
pub struct Acknowledgement {
    pub reference: String,
    pub received_at: DateTime<Utc>,
    pub received_on: Option<NaiveDate>,
    pub sha256: String,
    /// Earlier ones have none.
    pub statement: Option<String>,
}

/// Another name than the log's, so that no acknowledgement can be taken for a checkpoint.
pub struct Signer<'a> {
    key: &'a SigningKey,
    name: String,
}

const CAME_ON: &str = "came on ";

impl<'a> Signer<'a> {
    pub fn new(key: &'a SigningKey, issuer: &str) -> Self {
        Self { key, name: format!("{issuer}/acknowledgements") }
    }

    /// States that something was received.
    pub async fn sign(&self, db: &impl ConnectionTrait, received: &Received<'_>) -> Result<String> {
        let Received { reference, at, came_on, sent, .. } = received;
        let agency = agency::Entity::find().select_only().column(agency::Column::NameTh).into_tuple::<String>();
        let statement = statement(&agency.one(db).await?.ok_or(Code::Internal)?, received);
        let (name, at) = (&self.name, at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let came_on = came_on.map(|day| format!("{CAME_ON}{day}\n")).unwrap_or_default();
        let sent = BASE64_STANDARD.encode(sent);
        let text = format!("{name}\nreference {reference}\nreceived {at}\nsha256 {sent}\n{came_on}{statement}\n");
        Ok(signed_note::sign(&text, name, self.key))
    }

    /// What an acknowledgement says, if this service has signed it. Line ends that mail or an editor has changed are mended.
    pub fn open(&self, note: &str) -> Option<Acknowledgement> {
        let mut note = note.replace("\r\n", "\n");
        if !note.ends_with('\n') {
            note.push('\n');
        }
        read(&Verifier::of(self.key, &self.name).open(&note).ok()?)
    }
}

fn read(text: &str) -> Option<Acknowledgement> {
    let mut lines = text.lines().skip(1).peekable();
    let mut message = |what: &str| lines.next_if(|line| line.starts_with(what))?.strip_prefix(what).map(str::to_owned);
    Some(Acknowledgement {
        reference: message("reference ")?,
        received_at: message("received ")?.parse().ok()?,
        sha256: message("sha256 ")?,
        received_on: message(CAME_ON).and_then(|day| day.parse().ok()),
        statement: message(""),
    })
}

/// What the sender reads. What comes in outside of office hours is received then.
fn statement(agency: &str, Received { subject, reference, at, came_on, .. }: &Received<'_>) -> String {
    let what = match subject {
        Subject::Complaint => "เรื่อง",
        Subject::ServiceRequest => "คำขอ",
    };
    let at = thai::moment(*at);
    let when = came_on
        .map_or_else(|| format!("เมื่อวันที่ {at}"), |day| format!("เมื่อวันที่ {} และบันทึกเข้าระบบเมื่อวันที่ {at}", thai::date(day)));
    format!("{agency}ได้รับ{what}ของท่านแล้ว {when} เลขรับเรื่อง {reference}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_of_receipt_is_told_by_day_and_by_night() {
        let told = |subject, at: &str, came_on: Option<&str>| {
            let (at, came_on) = (at.parse().unwrap(), came_on.map(|day| day.parse().unwrap()));
            statement("เทศบาลเมืองชัยนาท", &Received { subject, reference: "7K3M-9Q2X", at, came_on, sent: &[0; 32] })
        };
        assert_eq!(
            told(Subject::ServiceRequest, "2026-11-28T06:52:59Z", None),
            "เทศบาลเมืองชัยนาทได้รับคำขอของท่านแล้ว เมื่อวันที่ 28 พฤศจิกายน 2569 เวลา 13.52 น. เลขรับเรื่อง 7K3M-9Q2X"
        );
        assert_eq!(
            told(Subject::Complaint, "2026-11-28T17:05:00Z", Some("2026-03-01")),
            "เทศบาลเมืองชัยนาทได้รับเรื่องของท่านแล้ว เมื่อวันที่ 1 มีนาคม 2569 และบันทึกเข้าระบบเมื่อวันที่ 29 พฤศจิกายน 2569 เวลา 00.05 น. \
             เลขรับเรื่อง 7K3M-9Q2X"
        );
    }
}
