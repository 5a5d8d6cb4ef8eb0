//! Queries and updates of publications.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use entity::publication::{ActiveModel, Chain, Column, Entity, Files, Model, Status};
use entity::publication_step::{self, Outcome};
use entity::report::ReportSubject;
use entity::texts::Texts;
use entity::{account, publication_content, publication_file};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::ReportPublicationFilter;
use super::frozen::Frozen;
use crate::audit_log::append::Logged;
use crate::audit_log::author::Author;
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::merkle::sha256;
use crate::error::{Code, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::negotiation::{Format, ReportFormat};
use crate::http::several::FiscalYears;
use crate::revisions::Resource;
use crate::state::App;

impl Logged for Model {
    const RESOURCE: Resource = Resource::Publications;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    /// The hashes of its files are in it, so that the log commits to them.
    fn document(&self) -> Value {
        json!(self)
    }
}

impl Logged for publication_file::Model {
    const RESOURCE: Resource = Resource::PublicationFiles;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    /// The hash is that of the bytes as they are stored now: an export shows where they are not what was published. It has the text of
    /// statistics in JSON, so that whoever verifies it can recompute the figures.
    fn document(&self) -> Value {
        let Self { id, publication_id, format, bytes } = self;
        let mut document =
            json!({ "id": id, "publication_id": publication_id, "format": format, "sha256": digest(bytes) });
        if format == Format::Json.extension() && is_statistics(bytes) {
            document["text"] = String::from_utf8_lossy(bytes).into();
        }
        document
    }
}

/// Whether a report in JSON has figures that an auditor can recompute.
fn is_statistics(report: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Head {
        subject: ReportSubject,
    }
    let head = serde_json::from_slice::<Head>(report);
    head.is_ok_and(|it| matches!(it.subject, ReportSubject::ComplaintStatistics | ReportSubject::ServiceStatistics))
}

/// A signature, with the name of who gave it.
pub struct Step {
    pub step: publication_step::Model,
    pub name: String,
}

/// A version with its signatures, the oldest first.
pub struct Row {
    pub publication: Model,
    pub steps: Vec<Step>,
}

pub fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&sha256(&[bytes]))
}

/// Where the versions of a report are, below the address of the service.
pub fn address(publication: &Model) -> String {
    format!("/v1/publications/{}/{}", publication.fiscal_year, publication.series)
}

/// Where a file of a version is.
pub fn address_of_file(publication: &Model, format: ReportFormat) -> String {
    format!("{}/v{}.{}", address(publication), publication.number, Format::from(format).extension())
}

/// The latest version that is published of a report.
pub async fn latest(db: &impl ConnectionTrait, year: FiscalYear, subject: ReportSubject) -> Result<Option<Model>> {
    Ok(of_series(year, &subject.slug()).one(db).await?)
}

/// A published version of a report, the latest where none is named.
pub async fn version(db: &impl ConnectionTrait, year: FiscalYear, series: &str, number: Option<i32>) -> Result<Model> {
    let select = of_series(year, series);
    let select = number.into_iter().fold(select, |select, number| select.filter(Column::Number.eq(number)));
    select.one(db).await?.ok_or_else(|| Code::NotFound.into())
}

/// A version of a report that is on its way.
pub async fn draft(db: &impl ConnectionTrait, year: FiscalYear, series: &str, number: i32) -> Result<Option<Model>> {
    let is_on_its_way = Column::Status.is_in([Status::Draft, Status::InSigning, Status::Returned]);
    Ok(versions(year, series).filter(Column::Number.eq(number)).filter(is_on_its_way).one(db).await?)
}

/// The published versions of a report, the latest first.
pub async fn published(db: &impl ConnectionTrait, year: FiscalYear, series: &str) -> Result<Vec<Model>> {
    Ok(of_series(year, series).all(db).await?)
}

fn of_series(year: FiscalYear, series: &str) -> sea_orm::Select<Entity> {
    versions(year, series).filter(Column::Status.eq(Status::Published)).order_by_desc(Column::Number)
}

fn versions(year: FiscalYear, series: &str) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::FiscalYear.eq(year.number())).filter(Column::Series.eq(series))
}

pub async fn list(app: &App, list: &List<ReportPublicationFilter>, of_staff: bool) -> Result<Found<Model>> {
    let ReportPublicationFilter { fiscal_year, subject, status, sort: _ } = &list.filter;
    let years = |years: &FiscalYears| Column::FiscalYear.is_in(years.numbers());
    let public = (!of_staff).then(|| Column::Status.eq(Status::Published));
    let condition = Condition::all()
        .add_option(fiscal_year.as_ref().map(years))
        .add_option(subject.as_ref().map(|subjects| Column::Subject.is_in(subjects.iter().copied())))
        .add_option(status.as_ref().map(|statuses| Column::Status.is_in(statuses.iter().copied())))
        .add_option(public);
    list.find(&app.db, Entity::find().filter(condition)).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid, of_staff: bool) -> Result<Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.filter(|row| of_staff || row.status == Status::Published).ok_or_else(|| Code::NotFound.into())
}

pub async fn lock(write: &Write, id: Uuid) -> Result<Model> {
    let row = Entity::find_by_id(id).lock_exclusive().one(write).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// Adds the signatures.
pub async fn with_steps(db: &impl ConnectionTrait, publications: Vec<Model>) -> Result<Vec<Row>> {
    use publication_step::Column::{Position, PublicationId, Round};
    let steps = publication_step::Entity::find()
        .filter(PublicationId.is_in(publications.iter().map(|publication| publication.id)))
        .order_by_asc(Round)
        .order_by_asc(Position)
        .all(db)
        .await?;
    let names: HashMap<Uuid, String> = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::Name])
        .filter(account::Column::Id.is_in(steps.iter().map(|step| step.account_id)))
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut of: HashMap<Uuid, Vec<Step>> = HashMap::new();
    for step in steps {
        let name = names.get(&step.account_id).cloned().unwrap_or_default();
        of.entry(step.publication_id).or_default().push(Step { step, name });
    }
    let row = |publication: Model| Row { steps: of.remove(&publication.id).unwrap_or_default(), publication };
    Ok(publications.into_iter().map(row).collect())
}

/// The signatures of the round that a version is in, in order.
pub async fn signatures(db: &impl ConnectionTrait, publication: &Model) -> Result<Vec<publication_step::Model>> {
    use publication_step::Column::{Outcome as Is, Position, PublicationId, Round};
    let steps = publication_step::Entity::find()
        .filter(PublicationId.eq(publication.id))
        .filter(Round.eq(publication.round))
        .filter(Is.eq(Outcome::Signed))
        .order_by_asc(Position);
    Ok(steps.all(db).await?)
}

/// The frozen report of a version. One that is not what was frozen is refused.
pub async fn content(db: &impl ConnectionTrait, publication: &Model) -> Result<String> {
    let row = publication_content::Entity::find_by_id(publication.id).one(db).await?;
    let report = row.map(|row| row.report).filter(|report| digest(report.as_bytes()) == publication.content_sha256);
    report.ok_or_else(|| {
        tracing::error!(publication = %publication.id, "the frozen report is not the one that was frozen");
        Code::Damaged.into()
    })
}

/// The last version of a report that was not given up.
pub async fn last(db: &impl ConnectionTrait, year: FiscalYear, series: &str) -> Result<Option<Model>> {
    let versions = Entity::find()
        .filter(Column::FiscalYear.eq(year.number()))
        .filter(Column::Series.eq(series))
        .filter(Column::Status.ne(Status::Abandoned))
        .order_by_desc(Column::Number);
    Ok(versions.one(db).await?)
}

/// A draft of the next version of a report.
pub async fn insert(
    write: &Write,
    (year, subject): (FiscalYear, ReportSubject),
    reason: Option<String>,
    frozen: Frozen,
) -> Result<Model> {
    let last = last(write, year, &frozen.series).await?;
    if last.as_ref().is_some_and(|last| last.status != Status::Published) {
        return Err(Code::AlreadyExists.because(
            "รายงานนี้มีฉบับที่ยังไม่เผยแพร่อยู่แล้ว โปรดดำเนินการฉบับนั้นต่อ หรือยกเลิกก่อน",
            "There is a version of this report that is not published yet: continue with it, or abandon it first.",
        ));
    }
    let number = last.map_or(1, |last| last.number + 1);
    let violation = match (number, &reason) {
        (1, Some(_)) => Some(FieldCode::NotForThis.because(
            "ฉบับแรกไม่มีเหตุผลที่แก้ไข เพราะยังไม่มีฉบับที่เผยแพร่",
            "must be left out: it says why a published version is corrected, and there is none yet",
        )),
        (2.., None) => Some(
            FieldCode::Needed
                .because("ต้องระบุเหตุผลที่แก้ไขฉบับที่เผยแพร่แล้ว", "is required: a published version is corrected for a reason"),
        ),
        _ => None,
    };
    if let Some(violation) = violation {
        return Err(FieldError::at("/reason", violation).into());
    }
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        fiscal_year: Set(year.number()),
        subject: Set(subject),
        series: Set(frozen.series.clone()),
        number: Set(number),
        none_from: Set(frozen.none.map(|(first, _)| first)),
        none_until: Set(frozen.none.map(|(_, last)| last)),
        reason: Set(reason),
        round: Set(1),
        files: Set(Files::default()),
        published_at: Set(None),
        version: Set(1),
        created_at: Set(write.now),
        ..Default::default()
    };
    let row = filled(row, write, Texts::default(), &frozen).insert(write).await?;
    keep(write, row, frozen.report).await
}

/// The same version with the content of now.
pub async fn refresh(write: &Write, publication: Model, frozen: Frozen) -> Result<Model> {
    let (version, editors) = (publication.version, publication.editors.clone());
    let mut row = publication.into_active_model();
    row.version = Set(version + 1);
    let row = filled(row, write, editors, &frozen).update(write).await?;
    keep(write, row, frozen.report).await
}

/// Those who may not approve a version, with another.
pub fn editors_with(mut editors: Texts, author: &Author) -> Texts {
    if !author.is_in(&editors.0) {
        editors.0.push(author.name.clone());
    }
    editors
}

fn filled(mut row: ActiveModel, write: &Write, editors: Texts, frozen: &Frozen) -> ActiveModel {
    row.status = Set(Status::Draft);
    row.title = Set(frozen.title.clone());
    row.chain = Set(Chain(frozen.chain.clone()));
    row.missing = Set(frozen.missing.clone());
    row.override_reason = Set(None);
    row.signatures = Set(0);
    row.editors = Set(editors_with(editors, &write.author));
    row.content_sha256 = Set(digest(frozen.report.as_bytes()));
    row.updated_at = Set(write.now);
    row
}

async fn keep(write: &Write, publication: Model, report: String) -> Result<Model> {
    use publication_content::Column::{PublicationId, Report};
    let content = publication_content::ActiveModel { publication_id: Set(publication.id), report: Set(report) };
    let replaced = OnConflict::column(PublicationId).update_column(Report).to_owned();
    publication_content::Entity::insert(content).on_conflict(replaced).exec_without_returning(write).await?;
    Ok(publication)
}
