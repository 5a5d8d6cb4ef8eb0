//! Proposals of recusals, decisions about them, and their effect.

use chrono::TimeDelta;
use entity::complaint::{Model, RecusalProposal as Stored};
use entity::texts::Texts;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::super::steps;
use super::super::store::Row;
use super::dto::{RecusalInput, RecusalProposal, RecusalTransition, waiting};
use super::subjects::known_subjects;
use crate::audit_log::author::UnitScope;
use crate::auth::people;
use crate::auth::scope::ComplaintsHandle;
use crate::cases::assignment::Staff;
use crate::db::Write;
use crate::domain::complaint::RecusalDecision;
use crate::error::{Code, Error, Result};
use crate::references::{self, Names};

/// For how long whoever was rejected does not propose again, so that nobody keeps others from proposing.
const PAUSE: TimeDelta = TimeDelta::hours(24);

/// Proposes a recusal, or puts it into effect where nothing but the author themselves is added.
pub async fn propose(write: &Write, row: Row, input: RecusalInput) -> Result<Row> {
    if row.complaint.destroyed_on.is_some() {
        return Err(Code::Destroyed.into());
    }
    let mut errors = Vec::new();
    let accused_unit = references::named(write, "/accused_unit", input.accused_unit.as_deref(), &mut errors).await?;
    let recused = known_subjects(write, input.recused, &mut errors).await?;
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    let (complaint, me) = (row.complaint, write.author.name.clone());
    let accused_unit_id = accused_unit.as_ref().map(|unit| unit.id);
    let proposed = with(write, complaint.clone(), recused, accused_unit_id).await?;
    let mut now = complaint.recused.0.clone();
    let leaves = proposed.recused.0.contains(&me) && !now.contains(&me);
    if leaves {
        now.push(me.clone());
    }
    let is_all = same(&now, &proposed.recused.0) && accused_unit_id == complaint.accused_unit_id;
    let is_mine = |stored: &Stored| write.author.is(&stored.proposed_by);
    let recusal_proposal = match complaint.recusal_proposal.clone() {
        Some(rejected) if rejected.rejected_at.is_some() && is_all => Some(rejected),
        Some(own) if is_mine(&own) && own.rejected_at.is_some_and(|at| write.now < at + PAUSE) => {
            return Err(Code::IllegalTransition.because(
                "ข้อเสนอของท่านไม่ได้รับการยืนยัน ให้เจ้าหน้าที่คนอื่นเป็นผู้เสนอ หรือเสนอใหม่หลังจาก 24 ชั่วโมง",
                "Your proposal was rejected: another officer proposes, or you again after 24 hours.",
            ));
        }
        // Who leaves stays away also when it is confirmed.
        Some(mut waiting) if waiting.rejected_at.is_none() && leaves && is_all => {
            if !waiting.recused.contains(&me) {
                waiting.recused.push(me);
            }
            Some(waiting)
        }
        Some(other) if !is_mine(&other) && other.rejected_at.is_none() => {
            return Err(Code::IllegalTransition.because(
                "มีข้อเสนอของผู้อื่นที่รอการยืนยันอยู่ ต้องมีผู้ยืนยันหรือปฏิเสธก่อน",
                "A proposal of somebody else waits: a second person confirms or rejects it first.",
            ));
        }
        _ if is_all => None,
        _ => {
            let (recused, accused_unit) = (proposed.recused.0.clone(), accused_unit.map(|unit| unit.code));
            Some(Stored { recused, accused_unit, proposed_by: me, proposed_at: write.now, rejected_at: None })
        }
    };
    let unit = complaint.accused_unit_id;
    let complaint = if is_all { proposed } else { with(write, complaint, now, unit).await? };
    steps::save(write, Model { recusal_proposal, ..complaint }).await
}

/// The names of everybody who is recused from complaints, or about to be, and of those who proposed that.
pub async fn names<'a>(db: &impl ConnectionTrait, complaints: impl IntoIterator<Item = &'a Model>) -> Result<Names> {
    let of_complaint = |complaint: &'a Model| {
        let proposed = waiting(complaint).into_iter().flat_map(|it| it.recused.iter().chain([&it.proposed_by]));
        complaint.recused.0.iter().chain(proposed)
    };
    references::names_of(db, &complaints.into_iter().flat_map(of_complaint).map(String::as_str).collect::<Vec<_>>())
        .await
}

/// Rejects what is done by somebody who would not see the complaint any more, if a second person confirms that: until then they must
/// not end it or send it away.
pub async fn refuse_named(write: &Write, complaint: &Model) -> Result<()> {
    let Some(proposal) = waiting(complaint) else { return Ok(()) };
    if people::is_in(write, &write.author.name, &proposal.recused).await? {
        return Err(Code::WrongPerson.because(
            "มีข้อเสนอให้ท่านงดเว้นจากเรื่องนี้ ต้องรอการยืนยันหรือปฏิเสธก่อน",
            "Your recusal is proposed: a second person confirms or rejects it first.",
        ));
    }
    Ok(())
}

/// Hides a complaint from who is recused; from auditors all but those with a proposal that they may decide about. Who is who is asked
/// of the database: a link may be younger than what this process knows.
pub async fn refuse_hidden(write: &Write, row: &Row, is_auditor: bool) -> Result<()> {
    let me = &write.author.name;
    let is_visible = match waiting(&row.complaint) {
        Some(proposal) => !people::is_in(write, me, &proposal.recused).await?,
        None => false,
    };
    if people::is_in(write, me, &row.complaint.recused.0).await? || (is_auditor && !is_visible) {
        return Err(Code::NotFound.into());
    }
    Ok(())
}

/// Decides about a proposal; gives what the log calls it, and the proposal.
pub async fn decide(
    write: &Write,
    mut row: Row,
    is_auditor: bool,
    RecusalTransition { action: decision, proposed_at }: RecusalTransition,
) -> Result<(&'static str, Row, RecusalProposal)> {
    let me = &write.author;
    let nothing = || Code::IllegalTransition.because("ไม่มีข้อเสนอให้งดเว้นที่รอการยืนยัน", "No recusal is proposed.");
    let names = names(write, [&row.complaint]).await?;
    let proposal = RecusalProposal::of(&row.complaint, &names).ok_or_else(nothing)?;
    let accused_unit_id = accused_by(write, &proposal).await?;
    let loses_its_unit = steps::is_accused(write, row.complaint.unit_id, accused_unit_id).await?;
    let is_of_its_unit = me.units != UnitScope::Everything && !is_auditor;
    let concerned = [&proposal.recused[..], std::slice::from_ref(&proposal.proposed_by_id)].concat();
    if people::is_in(write, &me.name, &concerned).await? || (loses_its_unit && is_of_its_unit) {
        return Err(Code::WrongPerson.because(
            "ผู้เสนอและผู้ที่จะไม่เห็นเรื่องนี้อีกยืนยันหรือปฏิเสธเองไม่ได้",
            "Neither who proposed it nor who would not see the complaint any more decides about it: ask another person.",
        ));
    }
    // A rejection is of whatever waits: replaced again and again, it would never be rejected.
    if decision == RecusalDecision::Confirm && proposal.proposed_at != proposed_at {
        return Err(Code::PreconditionFailed.into());
    }
    let stored = row.complaint.recusal_proposal.take();
    let (action, complaint) = match decision {
        RecusalDecision::Confirm => {
            ("recuse", with(write, row.complaint, proposal.recused.clone(), accused_unit_id).await?)
        }
        RecusalDecision::Reject => {
            let rejected = |stored| Stored { rejected_at: Some(write.now), ..stored };
            ("reject_recusal", Model { recusal_proposal: stored.map(rejected), ..row.complaint })
        }
    };
    Ok((action, steps::save(write, complaint).await?, proposal))
}

/// The unit that a proposal calls the one that is complained of.
async fn accused_by(write: &Write, proposal: &RecusalProposal) -> Result<Option<Uuid>> {
    let Some(code) = &proposal.accused_unit else { return Ok(None) };
    let mut errors = Vec::new();
    let unit = references::named(write, "/proposed_at", Some(code), &mut errors).await?;
    if errors.is_empty() { Ok(unit.map(|unit| unit.id)) } else { Err(Error::in_body(errors)) }
}

/// A complaint about a unit and without those who are recused; refused where nobody would be left.
async fn with(write: &Write, complaint: Model, recused: Vec<String>, accused_unit_id: Option<Uuid>) -> Result<Model> {
    // As at intake, neither the accused unit handles it, nor one above or below it.
    let is_accused = steps::is_accused(write, complaint.unit_id, accused_unit_id).await?;
    let unit_id = complaint.unit_id.filter(|_| !is_accused);
    let place = if is_accused { "/accused_unit" } else { "/recused" };
    Staff::of(write).await?.refuse_nobody_left::<ComplaintsHandle>(write, place, unit_id, &recused).await?;
    let assignee_id = match complaint.assignee_id {
        Some(id) if is_accused || people::is_in(write, &id.to_string(), &recused).await? => None,
        stays => stays,
    };
    Ok(Model { recused: Texts(recused), accused_unit_id, unit_id, assignee_id, ..complaint })
}

fn same(one: &[String], other: &[String]) -> bool {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names.dedup();
        names
    };
    sorted(one) == sorted(other)
}
