//! The agency as clients see it.

use chrono::{DateTime, NaiveDate, Utc};
use entity::agency::{ActiveModel, Model};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::domain::contact::Email;
use crate::domain::coverage::RecordedFrom;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::name::{Name, NameInput};
use crate::domain::text::{Line, Lines, WebAddress};
use crate::error::{Error, FieldError, Result};

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
    /// The day from which the cases of all kinds are recorded here: the last of the days of `recorded_from`; null where one of them is
    /// null. Use `recorded_from`.
    #[schema(required, deprecated, example = "2023-10-01")]
    pub recording_began_on: Option<NaiveDate>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
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
    /// One day for all kinds of cases. Use `recorded_from`.
    #[schema(deprecated, example = "2023-10-01")]
    pub recording_began_on: Option<NaiveDate>,
}

/// The days from which the agency records all cases here, by kind of case. A day is not in the future, nor before fiscal year 2500.
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

impl From<RecordedFromInput> for RecordedFrom {
    fn from(days: RecordedFromInput) -> Self {
        let RecordedFromInput { integrity, general, service_requests } = days;
        Self { integrity, general, service_requests }
    }
}

impl From<Model> for Agency {
    fn from(row: Model) -> Self {
        let recorded_from = RecordedFrom::from(&row);
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
            version: _,
            updated_at,
        } = row;
        let name = Name { th: name_th, en: name_en };
        let recording_began_on = recorded_from.of_all();
        Self { name, province, district, address, phone, email, website, recorded_from, recording_began_on, updated_at }
    }
}

impl From<&Model> for AgencyInput {
    fn from(row: &Model) -> Self {
        let RecordedFrom { integrity, general, service_requests } = row.into();
        Self {
            name: NameInput::new(&row.name_th, row.name_en.as_deref()),
            province: row.province.clone().map(Line::from),
            district: row.district.clone().map(Line::from),
            address: row.address.clone().map(Lines::from),
            phone: row.phone.clone().map(Line::from),
            email: row.email.clone().map(Email::from),
            website: row.website.clone().map(WebAddress::from),
            recorded_from: Some(RecordedFromInput { integrity, general, service_requests }),
            recording_began_on: RecordedFrom::from(row).of_all(),
        }
    }
}

impl AgencyInput {
    /// `before` are the days that the client knew when it set a day for all kinds, and `today` ends those that can be stated.
    pub fn fill(self, row: &mut ActiveModel, before: RecordedFrom, today: NaiveDate) -> Result<()> {
        let days: RecordedFrom = self.recorded_from.unwrap_or_default().into();
        let sets_all = days == before && self.recording_began_on != before.of_all();
        let days = if sets_all { RecordedFrom::all(self.recording_began_on) } else { days };
        let places = match sets_all {
            true => ["/recording_began_on"; 3],
            false => ["/recorded_from/integrity", "/recorded_from/general", "/recorded_from/service_requests"],
        };
        let RecordedFrom { integrity, general, service_requests } = days;
        let mut errors: Vec<_> = places
            .into_iter()
            .zip([integrity, general, service_requests])
            .filter_map(|(place, day)| fault(day?, today).map(|code| FieldError::at(place, code)))
            .collect();
        errors.truncate(if sets_all { 1 } else { 3 });
        if !errors.is_empty() {
            return Err(Error::in_body(errors));
        }
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
        Ok(())
    }
}

/// What is wrong with a day from which cases are recorded.
fn fault(day: NaiveDate, today: NaiveDate) -> Option<FieldCode> {
    match () {
        () if day > today => Some(FieldCode::InTheFuture),
        () if FiscalYear::of(day).is_none() => Some(FieldCode::NotPlausible),
        () => None,
    }
}
