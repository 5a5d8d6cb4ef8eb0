//! Holidays as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::holiday::{Column, Entity, Model};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::name::{Name, NameInput};
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::http::list::{Filter, Tabular};
use crate::http::several::FiscalYears;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::TableColumn;

/// A day on which public offices are closed.
#[derive(Serialize, ToSchema)]
pub struct Holiday {
    /// Id of the holiday, a UUIDv7.
    pub id: Uuid,
    /// The day.
    #[schema(example = "2024-04-13")]
    pub date: NaiveDate,
    /// Name of the holiday in Thai and English.
    pub name: Name,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The writable fields of a holiday.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "date": "2024-05-22", "name": { "th": "วันวิสาขบูชา", "en": "Visakha Bucha Day" } }))]
pub struct HolidayInput {
    /// The day, in a fiscal year from 2500 to 2700. A day can have one holiday.
    #[schema(example = "2024-05-22")]
    pub date: NaiveDate,
    /// Name of the holiday in Thai and English. If several holidays are on one day, the name states all of them.
    pub name: NameInput,
}

impl Validate for HolidayInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        Rules::default()
            .require(
                FiscalYear::of(self.date).is_some(),
                "date",
                FieldCode::NotPlausible.because(
                    "วันที่ต้องใช้ปี ค.ศ. และอยู่ในปีงบประมาณ พ.ศ. 2500 ถึง 2700",
                    "must be in a fiscal year from 2500 to 2700; the day itself is of the Gregorian calendar",
                ),
            )
            .end()
    }
}

/// Which holidays to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HolidayFilter {
    /// Records of this fiscal year.
    #[param(inline, explode = false, example = json!([2567]))]
    pub fiscal_year: Option<FiscalYears>,
    /// Holidays on this day or later.
    #[param(example = "2024-04-01")]
    pub date_from: Option<NaiveDate>,
    /// Holidays on this day or earlier.
    #[param(example = "2024-04-30")]
    pub date_to: Option<NaiveDate>,
    /// Holidays whose Thai or English name contains this text.
    #[param(inline, example = "สงกรานต์")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default earliest first.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["-date"]))]
    pub sort: Option<Vec<HolidaySort>>,
}

type HolidaySort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "holidays";
    const BY: &'static [(&'static str, Column)] =
        &[("date", Column::Date), ("created_at", Column::CreatedAt), ("updated_at", Column::UpdatedAt)];
}

impl Filter for HolidayFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Date, Order::Asc)])
    }
}

impl From<Model> for Holiday {
    fn from(row: Model) -> Self {
        let Model { id, date, name_th, name_en, version: _, created_at, updated_at } = row;
        Self { id, date, name: Name { th: name_th, en: name_en }, created_at, updated_at }
    }
}

impl From<&Model> for HolidayInput {
    fn from(row: &Model) -> Self {
        Self { date: row.date, name: NameInput::new(&row.name_th, row.name_en.as_deref()) }
    }
}

impl Tabular for Holiday {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |holiday| holiday.id.to_string().into()),
        ("date", |holiday| holiday.date.into()),
        ("name_th", |holiday| holiday.name.th.as_str().into()),
        ("name_en", |holiday| holiday.name.en.as_deref().into()),
        ("created_at", |holiday| holiday.created_at.into()),
        ("updated_at", |holiday| holiday.updated_at.into()),
    ];
}
