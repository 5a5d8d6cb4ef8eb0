//! E-services as clients see them.

use chrono::{DateTime, Utc};
use entity::e_service::{Column, Entity, Model};
use entity::e_service_form;
use entity::state::Publication;
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationErrors};

use super::store::Row;
use crate::domain::baht::Baht;
use crate::domain::name::{Name, NameInput};
use crate::domain::text::{Line, Lines, WebAddress};
use crate::error::{Error, Result};
use crate::http::list::{Filter, Tabular};
use crate::http::several::Codes;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::revisions::Resource;

/// A service of the municipality that can be requested online.
#[derive(Serialize, ToSchema)]
pub struct EService {
    /// Code that never changes, for programs.
    #[schema(max_length = 50, example = "public-lighting")]
    pub code: String,
    /// Name of the e-service in Thai and English.
    pub name: Name,
    /// Code of the unit that carries it out.
    #[schema(max_length = 50, example = "public-works")]
    pub unit: String,
    /// Name of that unit.
    pub unit_name: Name,
    /// Law and regulation on which the e-service is based; null if not stated.
    #[schema(required, max_length = 2000, example = "พระราชบัญญัติเทศบาล พ.ศ. 2496 มาตรา 53")]
    pub legal_basis: Option<String>,
    /// Documents that the applicant needs.
    #[schema(value_type = Vec<Line<500>>, max_items = 50, example = json!(["สำเนาบัตรประจำตัวประชาชน"]))]
    pub papers: Vec<String>,
    /// Steps of the service, in order.
    #[schema(value_type = Vec<Lines<1000>>, max_items = 50, example = json!(["รับคำขอ", "ตรวจสอบพื้นที่", "ซ่อมแซม"]))]
    pub steps: Vec<String>,
    /// Fee in baht; null if it is not the same for everyone.
    #[schema(required, example = "0.00")]
    pub fee_baht: Option<Baht>,
    /// Number of working days within which completion is promised.
    #[schema(minimum = 1, maximum = 1000, example = 5)]
    pub working_days: i32,
    /// Number of requests that can be booked for a day; null if the e-service books no days.
    #[schema(required, minimum = 1, maximum = 10000, example = json!(null))]
    pub capacity: Option<i32>,
    /// Page on which the e-service can be requested; null if there is none.
    #[schema(required, max_length = 2000, example = "https://www.example.go.th/e-service/public-lighting")]
    pub channel_url: Option<String>,
    /// Whether the service is performed at a location, which the applicant states.
    #[schema(example = true)]
    pub takes_location: bool,
    /// Whether the e-service is also offered over Open311.
    #[schema(example = true)]
    pub open311: bool,
    /// Number of the current version of the form.
    #[schema(minimum = 1, maximum = 1000000, example = 1)]
    pub form_version: i32,
    /// The form that the applicant fills in, as JSON Schema 2020-12.
    #[schema(value_type = Object, example = json!({ "type": "object" }))]
    pub form_schema: Value,
    /// `published` if the e-service is offered, `unpublished` if it is no longer offered.
    pub publication: Publication,
    /// Public reason for which the e-service is no longer offered; null if it is offered.
    #[schema(required, max_length = 1000, example = json!(null))]
    pub unpublished_reason: Option<String>,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The writable fields of an e-service.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "rubbish-collection",
    "name": { "th": "งานเก็บขยะชิ้นใหญ่", "en": "Bulky rubbish collection" },
    "unit": "public-health",
    "legal_basis": "พระราชบัญญัติการสาธารณสุข พ.ศ. 2535 มาตรา 18",
    "papers": ["สำเนาบัตรประจำตัวประชาชน"],
    "steps": ["รับคำขอ", "นัดวันเก็บ", "เก็บขยะ"],
    "fee_baht": "50.00",
    "working_days": 7,
    "channel_url": "https://www.example.go.th/e-service/rubbish-collection",
    "takes_location": true,
    "open311": true,
    "form_schema": {
        "type": "object",
        "properties": { "items": { "type": "string", "title": "รายการสิ่งของ", "minLength": 2, "maxLength": 500 } },
        "required": ["items"],
        "additionalProperties": false,
    },
}))]
pub struct EServiceInput {
    /// Code of lower-case words separated by hyphens. It cannot be changed.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 50, example = "rubbish-collection")]
    pub code: String,
    /// Name of the e-service in Thai and English.
    pub name: NameInput,
    /// Code of the unit that carries it out.
    pub unit: Line<50>,
    /// Law and regulation on which the e-service is based.
    #[schema(example = json!(null))]
    pub legal_basis: Option<Lines<2000>>,
    /// Documents that the applicant needs.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["สำเนาบัตรประจำตัวประชาชน"]))]
    pub papers: Vec<Line<500>>,
    /// Steps of the service, in order.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["รับคำขอ", "นัดวันเก็บ", "เก็บขยะ"]))]
    pub steps: Vec<Lines<1000>>,
    /// Fee in baht. Leave out if it is not the same for everyone.
    #[schema(example = "50.00")]
    pub fee_baht: Option<Baht>,
    /// Number of working days within which completion is promised.
    #[schema(minimum = 1, maximum = 1000, example = 7)]
    pub working_days: i32,
    /// Number of requests that can be booked for a day. Applicants then choose a day. Leave out if the e-service books
    /// no days.
    #[schema(minimum = 1, maximum = 10000, example = json!(null))]
    pub capacity: Option<i32>,
    /// Page on which the e-service can be requested.
    #[schema(example = json!(null))]
    pub channel_url: Option<WebAddress<2000>>,
    /// Whether the service is performed at a location, which the applicant states.
    #[serde(default)]
    #[schema(example = true)]
    pub takes_location: bool,
    /// Whether the e-service is also offered over Open311.
    #[serde(default)]
    #[schema(example = true)]
    pub open311: bool,
    /// The form that the applicant fills in, as JSON Schema 2020-12: an object with `additionalProperties` false, whose
    /// fields have a `title` for people, in Thai; `x-title-en` is the English one. A choice is a `oneOf` of constants with titles.
    /// References point to its own `$defs`.
    #[schema(value_type = Object, example = json!({ "type": "object", "properties": {}, "additionalProperties": false }))]
    pub form_schema: Value,
}

/// What no schema of ours says about a form, and whether its unit is there, the store finds out.
impl Validate for EServiceInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        Ok(())
    }
}

/// A version of a form. A request keeps the version with which it was sent.
#[derive(Serialize, ToSchema)]
pub struct EServiceForm {
    /// Number of the version, from 1.
    #[schema(minimum = 1, maximum = 1000000, example = 1)]
    pub version: i32,
    /// The form as JSON Schema 2020-12.
    #[schema(value_type = Object, example = json!({ "type": "object" }))]
    pub schema: Value,
    /// Time at which the version was created.
    pub created_at: DateTime<Utc>,
}

/// Which e-services to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EServiceFilter {
    /// E-services of the unit with this code.
    #[param(inline, explode = false, example = json!(["public-works"]))]
    pub unit: Option<Codes>,
    /// `true`: e-services that are performed at a location. `false`: all others.
    #[param(example = true)]
    pub takes_location: Option<bool>,
    /// `true`: e-services that are offered over Open311. `false`: all others.
    #[param(example = true)]
    pub open311: Option<bool>,
    /// E-services with one of these publication states. Without it, only e-services that are offered.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["published", "unpublished"]))]
    pub publication: Option<Vec<Publication>>,
    /// Records changed at this time or later.
    #[param(example = "2024-04-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Records changed at this time or earlier.
    #[param(example = "2024-04-30T16:59:59Z")]
    pub updated_to: Option<DateTime<Utc>>,
    /// E-services whose Thai or English name contains this text.
    #[param(inline, example = "ไฟฟ้า")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default by code.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-updated_at"]))]
    pub sort: Option<Vec<EServiceSort>>,
}

type EServiceSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "e-services";
    const BY: &'static [(&'static str, Column)] =
        &[("code", Column::Code), ("created_at", Column::CreatedAt), ("updated_at", Column::UpdatedAt)];
}

impl Filter for EServiceFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Code, Order::Asc)])
    }
}

/// Which versions of a form to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EServiceFormFilter {
    /// Only this version.
    #[param(minimum = 1, maximum = 1000000, example = 1)]
    pub version: Option<i32>,
    /// Sort order. A minus sign reverses a field. By default newest first.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["version"]))]
    pub sort: Option<Vec<EServiceFormSort>>,
}

type EServiceFormSort = Sort<e_service_form::Entity>;

impl Sortable for e_service_form::Entity {
    const RECORDS: &str = "versions of a form";
    const BY: &'static [(&'static str, e_service_form::Column)] = &[("version", e_service_form::Column::Version)];
}

impl Filter for EServiceFormFilter {
    type Entity = e_service_form::Entity;

    fn order(&self) -> Vec<(e_service_form::Column, Order)> {
        sort::order(self.sort.as_deref(), &[(e_service_form::Column::Version, Order::Desc)])
    }
}

impl TryFrom<Row> for EService {
    type Error = crate::error::Error;

    fn try_from(row: Row) -> Result<Self> {
        let form_schema = row.form()?;
        let Model {
            id: _,
            code,
            name_th,
            name_en,
            unit_id: _,
            legal_basis,
            papers,
            steps,
            fee,
            working_days,
            capacity,
            channel_url,
            takes_location,
            open311,
            form_version,
            publication,
            unpublished_reason,
            version: _,
            created_at,
            updated_at,
        } = row.service;
        Ok(Self {
            code,
            name: Name { th: name_th, en: name_en },
            unit_name: row.unit.name(),
            unit: row.unit.code,
            legal_basis,
            papers: papers.0,
            steps: steps.0,
            fee_baht: fee.map(Baht::from_satang),
            working_days,
            capacity,
            channel_url,
            takes_location,
            open311,
            form_version,
            form_schema,
            publication,
            unpublished_reason,
            created_at,
            updated_at,
        })
    }
}

impl TryFrom<&Row> for EServiceInput {
    type Error = crate::error::Error;

    fn try_from(row: &Row) -> Result<Self> {
        let service = &row.service;
        Ok(Self {
            code: service.code.clone(),
            name: NameInput::new(&service.name_th, service.name_en.as_deref()),
            unit: row.unit.code.clone().into(),
            legal_basis: service.legal_basis.clone().map(Lines::from),
            papers: service.papers.0.iter().cloned().map(Line::from).collect(),
            steps: service.steps.0.iter().cloned().map(Lines::from).collect(),
            fee_baht: service.fee.map(Baht::from_satang),
            working_days: service.working_days,
            capacity: service.capacity,
            channel_url: service.channel_url.clone().map(WebAddress::from),
            takes_location: service.takes_location,
            open311: service.open311,
            form_schema: row.form()?,
        })
    }
}

impl TryFrom<e_service_form::Model> for EServiceForm {
    type Error = crate::error::Error;

    fn try_from(form: e_service_form::Model) -> Result<Self> {
        let e_service_form::Model { id: _, e_service_id: _, version, schema, created_at } = form;
        let schema = serde_json::from_str(&schema).map_err(Error::internal)?;
        Ok(Self { version, schema, created_at })
    }
}

impl Tabular for EService {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("code", |service| service.code.as_str().into()),
        ("name_th", |service| service.name.th.as_str().into()),
        ("name_en", |service| service.name.en.as_deref().into()),
        ("unit", |service| Cell::records(Resource::Units, [&service.unit])),
        ("legal_basis", |service| service.legal_basis.as_deref().into()),
        ("papers", |service| service.papers[..].into()),
        ("steps", |service| service.steps[..].into()),
        ("fee_baht", |service| service.fee_baht.into()),
        ("working_days", |service| service.working_days.into()),
        ("capacity", |service| service.capacity.into()),
        ("channel_url", |service| service.channel_url.as_deref().into()),
        ("takes_location", |service| service.takes_location.into()),
        ("open311", |service| service.open311.into()),
        ("form_version", |service| service.form_version.into()),
        ("publication", |service| Cell::code(service.publication)),
        ("unpublished_reason", |service| service.unpublished_reason.as_deref().into()),
        ("created_at", |service| service.created_at.into()),
        ("updated_at", |service| service.updated_at.into()),
    ];
}

impl Tabular for EServiceForm {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("version", |form| form.version.into()),
        ("schema", |form| form.schema.to_string().into()),
        ("created_at", |form| form.created_at.into()),
    ];
}
