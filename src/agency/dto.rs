//! The agency as clients see it.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::agency::{ActiveModel, DayCount, Model};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::store::Row;
use crate::domain::contact::Email;
use crate::domain::coverage::RecordedFrom;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::name::{Name, NameInput};
use crate::domain::text::{Line, Lines, WebAddress};
use crate::error::FieldError;
use crate::references::Referred;

/// The municipality.
#[derive(Serialize, ToSchema)]
pub struct Agency {
    /// Name of the municipality in Thai and English.
    pub name: Name,
    /// Province, in Thai; null if not stated.
    #[schema(required, max_length = 100, example = "ชัยนาท")]
    pub province: Option<String>,
    /// District, in Thai; null if not stated.
    #[schema(required, max_length = 100, example = "เมืองชัยนาท")]
    pub district: Option<String>,
    /// Postal address; null if not stated.
    #[schema(required, max_length = 500, example = "ถนนพรหมประเสริฐ ตำบลในเมือง อำเภอเมืองชัยนาท จังหวัดชัยนาท 17000")]
    pub address: Option<String>,
    /// Telephone number; null if not stated.
    #[schema(required, max_length = 100, example = json!(null))]
    pub phone: Option<String>,
    /// Mail address; null if not stated.
    #[schema(required, max_length = 254, example = json!(null))]
    pub email: Option<String>,
    /// Address of the website; null if not stated.
    #[schema(required, max_length = 2000, example = json!(null))]
    pub website: Option<String>,
    /// The days from which the agency records all cases here, by kind of case.
    pub recorded_from: RecordedFrom,
    /// Days that are counted until the first answer to a complaint.
    pub first_answer_counted: DayCount,
    /// Units that new complaints come to, by kind of complaint.
    pub intake_units: IntakeUnits,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// Units that new complaints come to, by kind of complaint. Only their officers see them, and those of all units. A complaint about the
/// unit itself, or about one above or below it, does not come to it: officers of all units alone see it.
#[derive(Serialize, ToSchema)]
pub struct IntakeUnits {
    /// Code of the unit for complaints of corruption and misconduct (`corruption`, `misconduct`); null if officers of all units take
    /// them in.
    #[schema(required, max_length = 50, example = "legal")]
    pub integrity: Option<String>,
    /// Name of this unit.
    #[schema(required)]
    pub integrity_name: Option<Name>,
    /// Code of the unit for complaints about services and for feedback (`service`, `feedback`); null if officers of all units take
    /// them in.
    #[schema(required, max_length = 50, example = "clerk-office")]
    pub general: Option<String>,
    /// Name of this unit.
    #[schema(required)]
    pub general_name: Option<Name>,
}

/// What can be changed of the agency.
#[derive(Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": { "th": "เทศบาลเมืองชัยนาท", "en": "Chainat Town Municipality" },
    "province": "ชัยนาท",
    "district": "เมืองชัยนาท",
    "address": "อำเภอเมืองชัยนาท จังหวัดชัยนาท 17000",
    "email": "saraban@example.go.th",
    "website": "https://www.example.go.th",
    "intake_units": { "integrity": "legal", "general": "clerk-office" },
}))]
pub struct AgencyInput {
    /// Name of the municipality in Thai and English.
    pub name: NameInput,
    /// Province, in Thai.
    pub province: Option<Line<100>>,
    /// District, in Thai.
    pub district: Option<Line<100>>,
    /// Postal address.
    pub address: Option<Lines<500>>,
    /// Telephone number.
    pub phone: Option<Line<100>>,
    /// Mail address.
    pub email: Option<Email>,
    /// Address of the website.
    pub website: Option<WebAddress<2000>>,
    /// The days from which the agency records all cases here, by kind of case. Figures are of these days and later ones, and that there
    /// were no cases is said of them alone.
    pub recorded_from: Option<RecordedFromInput>,
    /// Days that are counted until the first answer to a complaint: `calendar_days`, as the Royal Decree on Good Governance of 2546 has them, unless
    /// the municipality promises `working_days`. What was promised before stays.
    pub first_answer_counted: Option<DayCount>,
    /// Units that new complaints come to, by kind of complaint.
    pub intake_units: Option<IntakeUnitsInput>,
}

/// Units that new complaints come to, by kind of complaint. The two may be one unit; the ITA asks for a channel for corruption and
/// misconduct that is apart from the general one. Without a unit, only officers of all units see new complaints, until they are
/// forwarded.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "integrity": "legal", "general": "clerk-office" }))]
pub struct IntakeUnitsInput {
    /// Code of the unit for complaints of corruption and misconduct.
    pub integrity: Option<Line<50>>,
    /// Code of the unit for complaints about services and for feedback.
    pub general: Option<Line<50>>,
}

/// The days from which the agency records all cases here, by kind of case. A day is the first of a month, because cases are counted by
/// month. It is not in the future, nor before fiscal year 2500.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "integrity": "2023-10-01", "general": "2023-10-01", "service_requests": "2024-10-01" }))]
pub struct RecordedFromInput {
    /// First day of complaints of corruption and misconduct.
    pub integrity: Option<NaiveDate>,
    /// First day of complaints about services and of feedback.
    pub general: Option<NaiveDate>,
    /// First day of requests for e-services.
    pub service_requests: Option<NaiveDate>,
}

impl From<&Model> for RecordedFrom {
    fn from(row: &Model) -> Self {
        Self {
            integrity: row.integrity_recorded_from,
            general: row.general_recorded_from,
            service_requests: row.service_requests_recorded_from,
        }
    }
}

impl From<Row> for Agency {
    fn from(row: Row) -> Self {
        let Row { agency, integrity_unit, general_unit } = row;
        let recorded_from = RecordedFrom::from(&agency);
        let intake_units = IntakeUnits {
            integrity_name: integrity_unit.as_ref().map(Referred::name),
            integrity: integrity_unit.map(|unit| unit.code),
            general_name: general_unit.as_ref().map(Referred::name),
            general: general_unit.map(|unit| unit.code),
        };
        let Model {
            id: _,
            name_th,
            name_en,
            province,
            district,
            address,
            phone,
            email,
            website,
            integrity_recorded_from: _,
            general_recorded_from: _,
            service_requests_recorded_from: _,
            first_answer_counted,
            integrity_unit_id: _,
            general_unit_id: _,
            version: _,
            updated_at,
        } = agency;
        let name = Name { th: name_th, en: name_en };
        Self {
            name,
            province,
            district,
            address,
            phone,
            email,
            website,
            recorded_from,
            first_answer_counted,
            intake_units,
            updated_at,
        }
    }
}

impl From<&Row> for AgencyInput {
    fn from(Row { agency: row, integrity_unit, general_unit }: &Row) -> Self {
        let RecordedFrom { integrity, general, service_requests } = row.into();
        let code = |unit: &Option<Referred>| unit.as_ref().map(|unit| Line::from(unit.code.clone()));
        Self {
            name: NameInput::new(&row.name_th, row.name_en.as_deref()),
            province: row.province.clone().map(Line::from),
            district: row.district.clone().map(Line::from),
            address: row.address.clone().map(Lines::from),
            phone: row.phone.clone().map(Line::from),
            email: row.email.clone().map(Email::from),
            website: row.website.clone().map(WebAddress::from),
            recorded_from: Some(RecordedFromInput { integrity, general, service_requests }),
            first_answer_counted: Some(row.first_answer_counted),
            intake_units: Some(IntakeUnitsInput { integrity: code(integrity_unit), general: code(general_unit) }),
        }
    }
}

impl AgencyInput {
    /// The days from which cases would be recorded.
    pub fn recorded_from(&self) -> RecordedFrom {
        let stated = |&RecordedFromInput { integrity, general, service_requests }: &RecordedFromInput| RecordedFrom {
            integrity,
            general,
            service_requests,
        };
        self.recorded_from.as_ref().map(stated).unwrap_or_default()
    }

    /// Fills all but the units, and gives what is wrong. `today` is the last day from which cases can be recorded.
    pub fn fill(self, row: &mut ActiveModel, today: NaiveDate) -> Vec<FieldError> {
        let RecordedFrom { integrity, general, service_requests } = self.recorded_from();
        let days = [
            ("/recorded_from/integrity", integrity),
            ("/recorded_from/general", general),
            ("/recorded_from/service_requests", service_requests),
        ];
        let fault = |(place, day): (&'static str, Option<NaiveDate>)| Some(FieldError::at(place, fault(day?, today)?));
        row.name_th = Set(self.name.th.into_inner());
        row.name_en = Set(self.name.en.map(Line::into_inner));
        row.province = Set(self.province.map(Line::into_inner));
        row.district = Set(self.district.map(Line::into_inner));
        row.address = Set(self.address.map(Lines::into_inner));
        row.phone = Set(self.phone.map(Line::into_inner));
        row.email = Set(self.email.map(Email::into_inner));
        row.website = Set(self.website.map(WebAddress::into_inner));
        row.integrity_recorded_from = Set(integrity);
        row.general_recorded_from = Set(general);
        row.service_requests_recorded_from = Set(service_requests);
        row.first_answer_counted = Set(self.first_answer_counted.unwrap_or(DayCount::CalendarDays));
        days.into_iter().filter_map(fault).collect()
    }
}

/// What is wrong with a day from which cases are recorded.
fn fault(day: NaiveDate, today: NaiveDate) -> Option<FieldCode> {
    match () {
        () if day > today => Some(FieldCode::InTheFuture),
        () if FiscalYear::of(day).is_none() => Some(FieldCode::NotPlausible),
        () if day.day() != 1 => Some(FieldCode::NotFirstOfMonth),
        () => None,
    }
}
