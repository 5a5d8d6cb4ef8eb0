//! Which complaints become service requests, and what their reporters wrote, for that. Whom a complaint is about stays here.

use sea_orm::ConnectionTrait;

use super::dto::Written;
use super::steps;
use super::store::Row;
use crate::cases::vault::Vault;
use crate::cases::{Case, continuation};
use crate::error::{Code, Result};

/// The texts for its timeline.
pub async fn words(db: &impl ConnectionTrait, row: &Row, vault: &Vault) -> Result<Vec<String>> {
    let Written { subject, description, occurred_text, location_text, accused: _ } =
        Written::open(row, Some(&row.needed_key(vault)?))?;
    let named = |name: &str, text: Option<String>| text.map(|text| format!("{name}: {text}"));
    let first = [subject, description, named("เวลา", occurred_text), named("สถานที่", location_text)];
    let first = first.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    continuation::words(db, row, vault, first).await
}

/// Rejects what is about the office or its people: others see a service request.
pub fn refuse_unsuitable(row: &Row) -> Result<()> {
    let illegal = |th: &'static str, en: &'static str| Err(Code::IllegalTransition.because(th, en));
    let complaint = &row.complaint;
    if steps::is_of_integrity(complaint) {
        return illegal(
            "เรื่องทุจริตหรือประพฤติมิชอบเปลี่ยนเป็นคำขอรับบริการไม่ได้",
            "A complaint about corruption or misconduct does not become a service request.",
        );
    }
    if complaint.accused_unit_id.is_some() || !complaint.recused.0.is_empty() || complaint.recusal_proposal.is_some() {
        return illegal(
            "เรื่องนี้ร้องเรียนส่วนราชการ หรือมีผู้ที่ถูกกันออกหรือรอการพิจารณากันออก จึงเปลี่ยนเป็นคำขอรับบริการไม่ได้ เพราะผู้นั้นจะเห็นคำขอ",
            "The complaint is about a unit, or people are recused from it, or a recusal is proposed: as a service request \
             they would see it.",
        );
    }
    if row.continuation.continued_as_reference.is_some() {
        return illegal(
            "เรื่องนี้เคยเปลี่ยนเป็นคำขอรับบริการแล้ว ให้ดำเนินการต่อที่คำขอนั้นหรือที่เรื่องนี้",
            "The complaint has become a service request before: go on with that one, or with the complaint.",
        );
    }
    Ok(())
}
