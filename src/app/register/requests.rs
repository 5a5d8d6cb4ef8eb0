//! The register of service requests.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::codes::Coded;
use entity::e_service;
use entity::service_request::{Channel, Column as Field, Entity, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::columns::Column;
use super::columns::Content::{Codes, Date, Number, Phone, Text};
use super::{Filed, Key, Office, Register, addressee, as_code, identified, on_paper, stated_sample};
use crate::app::checked;
use crate::audit_log::append::Event;
use crate::cases::new_case::NewCase;
use crate::cases::tallies::TallyKey;
use crate::cases::workflow::ends;
use crate::db::{Db, Write};
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::service_request::Action;
use crate::domain::text::typed::plain;
use crate::e_services::requests::ServiceRequestInput;
use crate::e_services::requests::store::{self, Draft};
use crate::e_services::requests::tally::place_of;
use crate::e_services::store as catalogue;
use crate::error::{Code, Error, FieldError, Result};
use crate::references::Known;

/// A service request of a register.
pub struct ServiceRequests {
    e_service: String,
    key: Key,
    channel: Channel,
    draft: Draft,
}

impl Register for ServiceRequests {
    const COLUMNS: &'static [Column] = &[
        Column::new("register_no", "เลขทะเบียนรับ", "/register_no", Text).needed(),
        Column::new("received_on", "วันที่รับเรื่อง", "/received_on", Date).needed(),
        Column::new("e_service", "บริการ", "/e_service", Text).needed(),
        Column::new("channel", "ช่องทางรับเรื่อง", "/channel", Codes(|| on_paper(Channel::Web))).needed(),
        Column::new("applicant_name", "ชื่อผู้ยื่นคำขอ", "/applicant/full_name", Text),
        Column::new("applicant_phone", "โทรศัพท์", "/applicant/phone", Phone),
        Column::new("applicant_email", "อีเมล", "/applicant/email", Text),
        Column::new("latitude", "ละติจูด", "/location/latitude", Number),
        Column::new("longitude", "ลองจิจูด", "/location/longitude", Number),
        Column::new("address", "สถานที่", "/location/address", Text),
        Column::new("booked_on", "วันนัดหมาย", "/booked_on", Date),
        Column::new("status", "สถานะ", "/closing/status", Codes(ends::<Action>)),
        Column::new("closed_on", "วันที่สิ้นสุด", "/closing/closed_on", Date).exported("วันที่แล้วเสร็จ"),
        Column::new("result", "ผลการดำเนินการ", "/closing/text", Text),
        Column::new("referral_authority", "หน่วยงานที่ส่งต่อ", "/closing/referral/authority", Text),
        Column::new("referral_letter_no", "เลขที่หนังสือส่งต่อ", "/closing/referral/letter_no", Text),
        Column::new("referral_letter_on", "วันที่ของหนังสือส่งต่อ", "/closing/referral/letter_on", Date),
    ];

    const TAKES_FORM: bool = true;

    async fn there(db: &Db) -> Result<HashMap<Key, Filed>> {
        let numbered = Entity::find().filter(Field::RegisterNo.is_not_null()).select_only();
        let numbered = numbered.join(sea_orm::JoinType::InnerJoin, to_service()).column(e_service::Column::Code);
        let numbered = numbered.columns([Field::RegisterNo, Field::ReceivedOn, Field::Channel]);
        let numbered = numbered.into_tuple::<(String, String, NaiveDate, Channel)>().all(db.reader()).await?;
        let there = numbered
            .into_iter()
            .map(|(service, number, day, channel)| ((service, number, day), vec![channel.code().to_owned()]));
        Ok(there.collect())
    }

    async fn check(office: &Office, mut body: Value) -> Result<Self> {
        as_code(&office.names.e_services, &mut body["e_service"]);
        let code = body.as_object_mut().and_then(|body| body.shift_remove("e_service")).unwrap_or_default();
        let code = code.as_str().unwrap_or_default().trim().to_owned();
        let service = match catalogue::find(office.db.reader(), &code).await {
            Err(error) if error.code() == Code::NotFound => {
                let known = Known::<e_service::Entity>::read(office.db.reader()).await?;
                return Err(FieldError::at("/e_service", known.without(&code)).into());
            }
            service => service?,
        };
        body["form"] = typed(&service.form()?, body["form"].take());
        let input: ServiceRequestInput = checked(body)?;
        let (number, day) = identified(input.stated())?;
        let (key, channel) = ((code.clone(), number, day), input.channel);
        let (boundary, author) = (office.boundary.as_ref(), Some(&office.author));
        let unpublished = |error: Error| match error.code() {
            Code::Unpublished => {
                let violation = Violation { code: FieldCode::NotAllowed, message: error.message() };
                FieldError::at("/e_service", violation).into()
            }
            _ => error,
        };
        let draft = store::check(&office.db, boundary, &code, input, author).await.map_err(unpublished)?;
        Ok(Self { e_service: code, key, channel, draft })
    }

    fn sample(office: &Office, place: &str, body: &Value) -> Option<Value> {
        let end = &body["closing"];
        match place {
            "/e_service" => office.names.e_services.values().min().map(|code| json!(code)),
            "/channel" => Some(json!(Channel::WalkIn.code())),
            "/closing/status" if end["referral"].is_null() => Some(json!(Status::Cancelled.code())),
            "/closing/status" => Some(json!(Status::Referred.code())),
            "/closing/referral" => (end["status"] == Status::Referred.code()).then(addressee),
            _ => stated_sample(office, place),
        }
    }

    /// What is closed needs neither a place nor the fields of its form.
    fn excuse(office: &Office, body: &mut Value) -> bool {
        let is_open = body["closing"].is_null();
        if is_open {
            body["booked_on"] = Value::Null;
            let day = stated_sample(office, "/closing/closed_on");
            body["closing"] = json!({ "status": Status::Cancelled.code(), "closed_on": day });
        }
        is_open
    }

    fn follows(place: &str, _: FieldCode) -> &'static [&'static str] {
        match place.split('/').nth(1) {
            Some("form" | "booked_on") => &["/e_service"],
            Some("location") => &["/e_service", "/location/latitude", "/location/longitude"],
            Some("closing") if ["/closing/text", "/closing/referral"].contains(&place) => &["/closing/status"],
            _ => &[],
        }
    }

    fn key(&self) -> Key {
        self.key.clone()
    }

    fn filed(&self) -> Filed {
        vec![self.channel.code().to_owned()]
    }

    fn service(&self) -> Option<Uuid> {
        Some(self.draft.service_id())
    }

    fn place(&self) -> Result<TallyKey> {
        place_of(&self.e_service, self.key.2)
    }

    fn kind(&self) -> String {
        self.e_service.clone()
    }

    async fn insert(self, office: &Office, write: &Write) -> Result<Vec<Event>> {
        let new = NewCase::stated(write, &self.draft.stated())?;
        let (_, events) = store::insert(office.filing(), write, new, self.draft).await?;
        Ok(events)
    }
}

fn to_service() -> sea_orm::RelationDef {
    Entity::belongs_to(e_service::Entity).from(Field::EServiceId).to(e_service::Column::Id).into()
}

/// What was filled in, with numbers where the form has them and text where it has that: cells do not tell the two apart.
fn typed(form: &Value, filled_in: Value) -> Value {
    let Value::Object(fields) = filled_in else { return json!({}) };
    let fields = fields.into_iter().map(|(name, value)| {
        let kind = form["properties"][&name]["type"].as_str().unwrap_or_default();
        let value = match (kind, &value) {
            ("integer" | "number", Value::String(text)) => {
                let digits: String = text.trim().chars().map(plain).collect();
                digits.parse::<f64>().map_or(value, |number| json!(number))
            }
            ("boolean", Value::String(text)) => text.trim().to_lowercase().parse::<bool>().map_or(value, Value::Bool),
            ("string", Value::Number(number)) => json!(number.as_f64().unwrap_or_default().to_string()),
            _ => value,
        };
        (name, value)
    });
    Value::Object(fields.collect())
}
