//! Questions about service requests, and how they come in.

use chrono::NaiveDate;
use entity::case_event::Side;
use entity::service_request::{ActiveModel, Column, Entity, Model, Status};
use entity::state::Publication;
use entity::{case_key, e_service, unit};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::form::Form;
use super::super::store as catalogue;
use super::dto::{Content, ServiceRequestInput};
use super::filter::ServiceRequestFilter;
use super::{bookings, counted, steps};
use crate::app::App;
use crate::cases::Case;
use crate::cases::deadline::{self, reckon};
use crate::cases::receipts;
use crate::cases::timeline::{self, Entry};
use crate::db::Write;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::service_request::Action;
use crate::domain::text::Lines;
use crate::domain::workflow::Action as _;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Error, Fault, Result, Said};
use crate::ledger::{Author, Logged};
use crate::list::{Found, List};
use crate::revisions::{Resource, Snapshot};

pub const CONTENT: &str = "service_request.content";

/// A service request with the codes of what it refers to, and its sealed key.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub request: Model,
    #[sea_orm(from_alias = "service_code")]
    pub service: String,
    #[sea_orm(from_alias = "unit_code")]
    pub unit: String,
    ring_key: Option<String>,
    sealed_key: Option<Vec<u8>>,
}

impl Row {
    pub fn id(&self) -> Uuid {
        self.request.id
    }

    pub fn version(&self) -> i32 {
        self.request.version
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::ServiceRequests;

    fn id(&self) -> Option<Uuid> {
        Some(self.request.id)
    }

    fn document(&self) -> Value {
        json!(self.request)
    }
}

impl Case for Row {
    const ATTACHMENTS: &str = "/v1/service-request-attachments";

    fn case_id(&self) -> Uuid {
        self.id()
    }

    /// The record's version, and the revisions of those whose codes are in it.
    fn etag(&self, at: Snapshot) -> String {
        at.etag(self.version(), &[Resource::Units, Resource::Today])
    }

    fn is_closed(&self) -> bool {
        Action::is_closed(self.request.status)
    }

    /// A photo of what was done may come later.
    fn takes_files(&self, side: Side) -> bool {
        !self.is_closed() || (side == Side::Office && self.request.status == Status::Completed)
    }

    fn sealed_key(&self) -> Option<case_key::Model> {
        let (ring_key, sealed) = self.ring_key.clone().zip(self.sealed_key.clone())?;
        Some(case_key::Model { case_id: self.id(), ring_key, sealed })
    }

    async fn find<C: ConnectionTrait>(db: &C, id: Uuid, author: &Author) -> Result<Self> {
        let row = whole(Entity::find_by_id(id).filter(seen_by(author))).into_model().one(db).await?;
        row.ok_or_else(|| Code::NotFound.into())
    }

    async fn find_any<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Self> {
        whole(Entity::find_by_id(id)).into_model().one(db).await?.ok_or_else(|| Code::UnknownReceipt.into())
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        let select = Entity::find_by_id(id).filter(seen_by(&write.author));
        select.lock_exclusive().one(&**write).await?.ok_or(Code::NotFound)?;
        Self::find(&**write, id, &write.author).await
    }

    async fn lock_any(write: &Write, id: Uuid) -> Result<Self> {
        Entity::find_by_id(id).lock_exclusive().one(&**write).await?.ok_or(Code::UnknownReceipt)?;
        Self::find_any(&**write, id).await
    }

    async fn touch(self, write: &Write) -> Result<Self> {
        steps::save(write, self.request).await
    }
}

pub async fn list(
    app: &App,
    list: &List<ServiceRequestFilter>,
    author: &Author,
    today: NaiveDate,
) -> Result<Found<Row>> {
    let select = Entity::find().filter(seen_by(author)).filter(list.filter.matching(today));
    list.find(app, select, whole, |row: &Row| &row.request).await
}

/// The rows that somebody may see: those of their units.
fn seen_by(author: &Author) -> Condition {
    author.reach.condition(|units| Column::UnitId.is_in(units))
}

/// Every service request, for the audit log's export.
pub fn all() -> Select<Entity> {
    whole(Entity::find())
}

/// A service request that was written just now, counted as it is.
pub async fn written(write: &Write, id: Uuid) -> Result<Row> {
    let row = Row::find_any(&**write, id).await?;
    counted::count(write, &row).await?;
    Ok(row)
}

/// Files a request for an e-service that is offered.
pub async fn insert(app: &App, write: &Write, code: &str, input: ServiceRequestInput) -> Result<Row> {
    let catalogue::Row { service, .. } = catalogue::find(&**write, code).await?;
    if service.publication != Publication::Published {
        let reason = service.withdrawn_reason.unwrap_or_default();
        return Err(Code::Withdrawn.because(format!("งดให้บริการ: {reason}"), format!("withdrawn: {reason}")));
    }
    let form = catalogue::forms(service.id, Some(service.form_version)).one(&**write).await?.ok_or(Code::Internal)?;
    let ServiceRequestInput { form: filled_in, applicant, place, day, channel } = input;
    let mut faults: Vec<Fault> =
        Form::of(&form.schema)?.faults(&filled_in).into_iter().map(|fault| fault.below("/form")).collect();
    let point = place.as_ref().and_then(|place| place.point());
    match (&place, service.located) {
        (None, true) => {
            let said = Said::new("ต้องระบุสถานที่", "is required: this e-service is done at a place");
            faults.push(Fault::at("/place", "needed", said));
        }
        (Some(_), false) => {
            let said = Said::new("ไม่ใช้กับบริการนี้", "is not for this e-service");
            faults.push(Fault::at("/place", "not_for_this", said));
        }
        _ => {}
    }
    if let Some(boundary) = app.boundary.as_ref()
        && point.is_some_and(|point| !boundary.contains(point))
    {
        let said = Said::new("อยู่นอกเขตเทศบาล", "is outside of the municipality");
        faults.push(Fault::at("/place", "outside", said));
    }
    let (calendar, today) = (deadline::calendar(&**write).await?, bangkok_day(write.now));
    faults.extend(bookings::book(write, &service, day, &calendar, today).await?);
    if !faults.is_empty() {
        return Err(Error::in_body(faults));
    }
    let id = Uuid::now_v7();
    let key = app.vault.begin(write, id).await?;
    let address = place.and_then(|place| place.address).map(Lines::into_inner);
    let content = Content { form: filled_in, applicant, address };
    let content = serde_json::to_string(&content).map_err(|_| Code::Internal)?;
    let (due_on, holidays) = reckon(&calendar, today, service.working_days.unsigned_abs());
    let request = Model {
        id,
        reference: receipts::reference()?,
        e_service_id: service.id,
        form_version: service.form_version,
        channel,
        status: Status::Submitted,
        fiscal_year: FiscalYear::of(today).ok_or(Code::Internal)?.number(),
        received_on: today,
        received_at: write.now,
        unit_id: service.unit_id,
        assignee_id: None,
        working_days: service.working_days,
        clock_from: today,
        due_on,
        holidays,
        closed_on: None,
        took: None,
        reopened: 0,
        rating: None,
        latitude: point.map(|point| point.latitude),
        longitude: point.map(|point| point.longitude),
        booked_on: day,
        public_note: None,
        destroyed_on: None,
        content: key.seal(CONTENT, id, &content)?,
        version: 1,
        updated_at: write.now,
    };
    Entity::insert(ActiveModel::from(request)).exec_without_returning(&**write).await?;
    let status = Some(Status::Submitted.to_value());
    let entry = Entry { action: "receive", side: Side::Reporter, public: true, status, text: None };
    timeline::add(write, &key, id, entry).await?;
    written(write, id).await
}

fn whole(select: Select<Entity>) -> Select<Entity> {
    let part = |query: &mut SelectStatement| SimpleExpr::SubQuery(None, Box::new(query.to_owned().into()));
    let service = part(
        Query::select()
            .column((e_service::Entity, e_service::Column::Code))
            .from(e_service::Entity)
            .and_where(Expr::col((e_service::Entity, e_service::Column::Id)).equals((Entity, Column::EServiceId))),
    );
    let unit = part(
        Query::select()
            .column((unit::Entity, unit::Column::Code))
            .from(unit::Entity)
            .and_where(Expr::col((unit::Entity, unit::Column::Id)).equals((Entity, Column::UnitId))),
    );
    let key = |column: case_key::Column| {
        part(
            Query::select()
                .column((case_key::Entity, column))
                .from(case_key::Entity)
                .and_where(Expr::col((case_key::Entity, case_key::Column::CaseId)).equals((Entity, Column::Id))),
        )
    };
    select
        .expr_as(service, "service_code")
        .expr_as(unit, "unit_code")
        .expr_as(key(case_key::Column::RingKey), "ring_key")
        .expr_as(key(case_key::Column::Sealed), "sealed_key")
}
