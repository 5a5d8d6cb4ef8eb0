//! The agency as clients see it.

use chrono::{DateTime, NaiveDate, Utc};
use entity::agency::{ActiveModel, Model};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::domain::contact::Email;
use crate::domain::name::{Name, NameInput};
use crate::domain::text::{Line, Lines, WebAddress};

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
    /// Day from which every complaint and service request is recorded here; null if not stated. Reports say "none" of
    /// periods after it only.
    #[schema(required, example = "2023-10-01")]
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
    /// Day from which every complaint and service request is recorded here.
    #[schema(example = "2023-10-01")]
    pub recording_began_on: Option<NaiveDate>,
}

impl From<Model> for Agency {
    fn from(row: Model) -> Self {
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
            recording_began_on,
            version: _,
            updated_at,
        } = row;
        let name = Name { th: name_th, en: name_en };
        Self { name, province, district, address, phone, email, website, recording_began_on, updated_at }
    }
}

impl From<&Model> for AgencyInput {
    fn from(row: &Model) -> Self {
        Self {
            name: NameInput::new(&row.name_th, row.name_en.as_deref()),
            province: row.province.clone().map(Line::from),
            district: row.district.clone().map(Line::from),
            address: row.address.clone().map(Lines::from),
            phone: row.phone.clone().map(Line::from),
            email: row.email.clone().map(Email::from),
            website: row.website.clone().map(WebAddress::from),
            recording_began_on: row.recording_began_on,
        }
    }
}

impl AgencyInput {
    pub fn fill(self, row: &mut ActiveModel) {
        row.name_th = Set(self.name.th.into_inner());
        row.name_en = Set(self.name.en.map(Line::into_inner));
        row.province = Set(self.province.map(Line::into_inner));
        row.district = Set(self.district.map(Line::into_inner));
        row.address = Set(self.address.map(Lines::into_inner));
        row.phone = Set(self.phone.map(Line::into_inner));
        row.email = Set(self.email.map(Email::into_inner));
        row.website = Set(self.website.map(WebAddress::into_inner));
        row.recording_began_on = Set(self.recording_began_on);
    }
}
