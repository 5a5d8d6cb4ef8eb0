//! Steps of a publication under the lock on its row: each signature by another person, who holds the post.

use chrono::{DateTime, Utc};
use entity::codes::{Coded, Label};
use entity::publication::{File, Files, Model, Signer, Status};
use entity::publication_file;
use entity::publication_step::{self, Outcome};
use entity::report::SigningStep;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use super::dto::ReportPublicationTransition;
use super::frozen::{self, Frozen};
use super::statement;
use super::store::{self, digest};
use crate::audit_log::append::Event;
use crate::auth::scope::{self, PublicationsApprove, PublicationsWrite, Scope};
use crate::db::{Db, Write};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::signing::{Action, after, ends_with_another};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::negotiation::{Format, ReportFormat};
use crate::posts;
use crate::reports::envelope::{Missing, MissingField};

/// Scopes of the caller beside that to sign.
#[derive(Clone, Copy)]
pub struct Rights {
    pub writes: bool,
    pub approves: bool,
}

/// What a step needs that takes long, made before the row is locked.
#[derive(Default)]
pub struct Prepared {
    frozen: Option<Frozen>,
    rendered: Option<Rendered>,
}

/// The files of a version, as if it were signed for the last time now.
struct Rendered {
    /// Of the row that they were rendered from.
    version: i32,
    at: DateTime<Utc>,
    files: Vec<(ReportFormat, Vec<u8>)>,
}

/// Prepares a step, as far as it can be taken now.
pub async fn prepare(db: &Db, id: Uuid, action: Action, rights: Rights) -> Result<Prepared> {
    let publication = store::find(db.reader(), id, true).await?;
    let is_possible = after(action, publication.status, is_last(&publication)).is_some();
    Ok(match action {
        Action::Refresh if is_possible && rights.writes => {
            let year = FiscalYear::stored(publication.fiscal_year);
            let none_in = statement::part_of(&publication);
            let frozen = frozen::freeze(db, year, publication.subject, none_in).await?;
            Prepared { frozen: Some(frozen.map_err(statement::no_longer)?), ..Prepared::default() }
        }
        Action::Sign if is_possible && rights.approves && is_last(&publication) => {
            Prepared { rendered: Some(render(db, &publication).await?), ..Prepared::default() }
        }
        _ => Prepared::default(),
    })
}

/// Renders the files of a version that one signature is left of.
async fn render(db: &Db, publication: &Model) -> Result<Rendered> {
    let (at, reader) = (db.now(), db.reader());
    let mut signatures = store::signatures(reader, publication).await?;
    // Who signs is not printed.
    signatures.push(step(publication, next(publication)?, Uuid::nil(), Outcome::Signed, None, at));
    let files = frozen::render(&store::content(reader, publication).await?, &signatures).await?;
    Ok(Rendered { version: publication.version, at, files })
}

/// Who signs next.
fn next(publication: &Model) -> Result<&Signer> {
    let position = usize::try_from(publication.signatures).map_err(Error::internal)?;
    publication.chain.0.get(position).ok_or_else(|| Code::Internal.into())
}

/// Whether the next signature is the last.
fn is_last(publication: &Model) -> bool {
    publication.status == Status::InSigning && publication.signatures + 1 == publication.chain.0.len() as i32
}

/// Takes a step; gives the version as it is then, and the events about that.
pub async fn take(
    write: &Write,
    publication: Model,
    input: ReportPublicationTransition,
    rights: Rights,
    prepared: Prepared,
) -> Result<(Model, Vec<Event>)> {
    let ReportPublicationTransition { action, comment, override_reason } = input;
    let comment = comment.map(|comment| comment.into_inner());
    let to = after(action, publication.status, is_last(&publication)).ok_or_else(|| illegal(action, &publication))?;
    let is_editors = matches!(action, Action::Refresh | Action::Submit | Action::Abandon);
    require::<PublicationsWrite>(rights.writes || !is_editors)?;
    require::<PublicationsApprove>(rights.approves || to != Status::Published)?;
    match action {
        Action::Refresh => {
            let frozen = prepared.frozen.ok_or_else(overtaken)?;
            let publication = store::refresh(write, publication, frozen).await?;
            let event = Event::about(action.code(), &publication);
            Ok((publication, vec![event]))
        }
        Action::Submit => submit(write, publication, comment, override_reason.map(|reason| reason.into_inner())).await,
        Action::Sign if to == Status::Published => publish(write, publication, comment, prepared.rendered).await,
        Action::Sign => sign(write, publication, comment, action).await,
        Action::Return => give_back(write, publication, comment).await,
        Action::Abandon => {
            let publication = moved(write, publication, to, |_| {}).await?;
            let event = Event::about(action.code(), &publication);
            Ok((publication, vec![event]))
        }
    }
}

fn require<S: Scope>(has_it: bool) -> Result<()> {
    if has_it { Ok(()) } else { Err(Code::InsufficientScope.explained(scope::needed(S::NAME, false))) }
}

fn illegal(action: Action, publication: &Model) -> Error {
    let (action, from) = (action.label(), publication.status.label());
    Code::IllegalTransition.because(
        format!("ฉบับนี้อยู่ในสถานะ \"{}\" จึงดำเนินการ \"{}\" ไม่ได้", from.th, action.th),
        format!("The version is \"{}\": \"{}\" is not possible in this state.", from.en, action.en),
    )
}

/// The error of a step that was prepared while somebody else took one.
fn overtaken() -> Error {
    Code::IllegalTransition.because(
        "ผู้อื่นเพิ่งดำเนินการกับฉบับนี้ โปรดเปิดใหม่แล้วลองอีกครั้ง",
        "Somebody else has just taken a step: read the version again.",
    )
}

/// Begins a round of signing.
async fn submit(
    write: &Write,
    publication: Model,
    comment: Option<String>,
    override_reason: Option<String>,
) -> Result<(Model, Vec<Event>)> {
    if !ends_with_another(&publication.chain.0) {
        return Err(Code::IllegalTransition.because(
            "กรอบรายงานยังไม่กำหนดผู้ลงนามที่ไม่ใช่ผู้จัดทำ โปรดกำหนดผู้ลงนามในบันทึกข้อความ แล้วจัดทำใหม่ (refresh)",
            "The memo of the report names nobody who signs it beside who prepared it: add the signers, then refresh the draft.",
        ));
    }
    refuse_incomplete(&publication, override_reason.is_some())?;
    let editors = store::editors_with(publication.editors.clone(), &write.author);
    let publication = moved(write, publication, Status::InSigning, |row| {
        row.signatures = Set(0);
        row.editors = Set(editors);
        row.override_reason = Set(override_reason);
    })
    .await?;
    if publication.chain.0.first().is_some_and(|first| first.step == SigningStep::Prepared) {
        return sign(write, publication, comment, Action::Submit).await;
    }
    let event = Event::about(Action::Submit.code(), &publication);
    Ok((publication, vec![event]))
}

fn refuse_incomplete(publication: &Model, is_overridden: bool) -> Result<()> {
    let missing: Vec<Missing> = serde_json::from_value(publication.missing.clone()).map_err(Error::internal)?;
    match (missing.is_empty(), is_overridden) {
        (true, true) => Err(FieldError::at("/override_reason", FieldCode::NotForThis).into()),
        (false, false) => {
            let part = |of: &Missing, field: &MissingField| missing_part(publication, &of.title, &field.label);
            let errors = missing.iter().flat_map(|of| of.fields.iter().map(|field| part(of, field)));
            Err(Code::Incomplete.with(errors.collect()))
        }
        _ => Ok(()),
    }
}

fn missing_part(publication: &Model, title: &str, part: &Label) -> FieldError {
    let (year, report) = (publication.fiscal_year, publication.subject.label());
    let violation = FieldCode::MissingPart.because(
        format!("{} ปีงบประมาณ พ.ศ. {year}: {title}: ยังไม่ระบุ \"{}\"", report.th, part.th),
        format!("{}, fiscal year {year}: {title}: \"{}\" is not stated", report.en, part.en),
    );
    FieldError::at("/override_reason", violation)
}

/// Signs the next step, which is not the last.
async fn sign(
    write: &Write,
    publication: Model,
    comment: Option<String>,
    action: Action,
) -> Result<(Model, Vec<Event>)> {
    let note = record(write, &publication, Outcome::Signed, comment, write.now).await?;
    let (signatures, mut editors) = (publication.signatures + 1, publication.editors.clone());
    if next(&publication)?.step == SigningStep::Prepared {
        editors = store::editors_with(editors, &write.author);
    }
    let publication = moved(write, publication, Status::InSigning, |row| {
        row.signatures = Set(signatures);
        row.editors = Set(editors);
    })
    .await?;
    let event = Event::about(action.code(), &publication).with(note);
    Ok((publication, vec![event]))
}

/// Signs the last step, which publishes the version.
async fn publish(
    write: &Write,
    publication: Model,
    comment: Option<String>,
    rendered: Option<Rendered>,
) -> Result<(Model, Vec<Event>)> {
    let rendered = rendered.filter(|rendered| rendered.version == publication.version);
    let Rendered { version: _, at, files } = rendered.ok_or_else(overtaken)?;
    if let Some(days) = publication.none_from.zip(publication.none_until)
        && let Some(violation) = statement::refusal(write, days, write.now).await?
    {
        return Err(statement::no_longer(violation));
    }
    let note = record(write, &publication, Outcome::Signed, comment, at).await?;
    let (id, signatures) = (publication.id, publication.signatures + 1);
    let (mut published, mut events) = (Vec::new(), Vec::new());
    for (format, bytes) in files {
        let format = Format::from(format).extension().to_owned();
        let (sha256, size_bytes) = (digest(&bytes), i64::try_from(bytes.len()).map_err(Error::internal)?);
        published.push(File { format: format.clone(), sha256, size_bytes });
        let file = publication_file::Model { id: Uuid::now_v7(), publication_id: id, format, bytes };
        events.push(Event::about("publish", &file));
        let row = publication_file::ActiveModel::from(file);
        publication_file::Entity::insert(row).exec_without_returning(write).await?;
    }
    let publication = moved(write, publication, Status::Published, |row| {
        row.signatures = Set(signatures);
        row.files = Set(Files(published));
        row.published_at = Set(Some(at));
    })
    .await?;
    events.push(Event::about("publish", &publication).with(note));
    Ok((publication, events))
}

/// Sends a version back to who prepared it.
async fn give_back(write: &Write, publication: Model, comment: Option<String>) -> Result<(Model, Vec<Event>)> {
    let note = record(write, &publication, Outcome::Returned, comment, write.now).await?;
    let round = publication.round + 1;
    let publication = moved(write, publication, Status::Returned, |row| {
        row.round = Set(round);
        row.signatures = Set(0);
    })
    .await?;
    let event = Event::about(Action::Return.code(), &publication).with(note);
    Ok((publication, vec![event]))
}

async fn moved(
    write: &Write,
    publication: Model,
    to: Status,
    change: impl FnOnce(&mut entity::publication::ActiveModel),
) -> Result<Model> {
    let version = publication.version;
    let mut row = publication.into_active_model();
    change(&mut row);
    row.status = Set(to);
    row.version = Set(version + 1);
    row.updated_at = Set(write.now);
    Ok(row.update(write).await?)
}

/// Records what the author does at the next step of the chain, if it is theirs.
async fn record(
    write: &Write,
    publication: &Model,
    outcome: Outcome,
    comment: Option<String>,
    at: DateTime<Utc>,
) -> Result<serde_json::Value> {
    let signer = next(publication)?;
    let account = account(write, publication, signer).await?;
    let step = step(publication, signer, account, outcome, comment, at);
    let note = json!(step);
    publication_step::Entity::insert(publication_step::ActiveModel::from(step)).exec_without_returning(write).await?;
    Ok(note)
}

fn step(
    publication: &Model,
    signer: &Signer,
    account: Uuid,
    outcome: Outcome,
    comment: Option<String>,
    at: DateTime<Utc>,
) -> publication_step::Model {
    let Signer { step, post, acting_for } = signer.clone();
    publication_step::Model {
        publication_id: publication.id,
        round: publication.round,
        position: publication.signatures,
        step,
        post,
        acting_for,
        account_id: account,
        outcome,
        comment,
        at,
    }
}

/// The account of the author, who holds the post of the step and has signed nothing else in this round. Who has made or prepared the
/// report, in whichever round, signs as who prepared it only.
async fn account(write: &Write, publication: &Model, signer: &Signer) -> Result<Uuid> {
    let holders = posts::store::holders(write, &signer.post).await?;
    let Some(account) = holders.into_iter().find(|id| write.author.is(&id.to_string())) else {
        let post = &signer.post;
        return Err(Code::WrongPerson.because(
            format!("ลำดับนี้ต้องลงนามโดยผู้ดำรงตำแหน่ง \"{post}\""),
            format!("This step is signed by who holds the post \"{post}\"."),
        ));
    };
    let before = store::signatures(write, publication).await?;
    if before.iter().any(|step| write.author.is(&step.account_id.to_string())) {
        return Err(Code::WrongPerson.because(
            "ท่านลงนามในลำดับก่อนหน้าแล้ว ลำดับนี้ต้องให้ผู้อื่นลงนาม",
            "You have signed an earlier step: another person signs this one.",
        ));
    }
    if signer.step != SigningStep::Prepared && write.author.is_in(&publication.editors.0) {
        return Err(Code::WrongPerson.because(
            "ท่านเป็นผู้จัดทำรายงานฉบับนี้ จึงเห็นชอบหรืออนุมัติเองไม่ได้",
            "You have made this version: another person endorses or approves it.",
        ));
    }
    Ok(account)
}
