//! The register of complaints.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::codes::Coded;
use entity::complaint::{Channel, Column as Field, Entity, Kind, Outcome, Status};
use entity::complaint_category;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::columns::Column;
use super::columns::Content::{Codes, Date, Text};
use super::{Filed, Key, Office, Register, addressee, as_code, identified, on_paper, stated_sample};
use crate::app::checked;
use crate::audit_log::append::Event;
use crate::cases::new_case::NewCase;
use crate::cases::receipts;
use crate::cases::tallies::TallyKey;
use crate::cases::workflow::ends;
use crate::complaints::tally::place_of;
use crate::complaints::{ComplaintInput, store};
use crate::db::{Db, Write};
use crate::domain::complaint::Action;
use crate::domain::field_code::FieldCode;
use crate::domain::working_days::bangkok_day;
use crate::error::{Error, Result};

/// A complaint of a register.
pub struct Complaints {
    key: Key,
    input: ComplaintInput,
}

const fn text(name: &'static str, th: &'static str, pointer: &'static str) -> Column {
    Column::new(name, th, pointer, Text)
}

impl Register for Complaints {
    const COLUMNS: &'static [Column] = &[
        text("register_no", "เลขทะเบียนรับ", "/register_no").needed(),
        Column::new("received_on", "วันที่รับเรื่อง", "/received_on", Date).needed(),
        Column::new("kind", "ประเภทเรื่อง", "/kind", Codes(|| Kind::CODES.iter().collect())).needed(),
        text("category", "ประเภทย่อย", "/category").needed(),
        Column::new("channel", "ช่องทางรับเรื่อง", "/channel", Codes(|| on_paper(Channel::Web))).needed(),
        text("subject", "เรื่อง", "/subject").needed(),
        text("description", "รายละเอียด", "/description"),
        text("occurred_text", "เวลาที่เกิดเหตุ", "/occurred_text"),
        text("location_text", "สถานที่เกิดเหตุ", "/location_text"),
        text("accused", "ผู้ถูกร้องเรียน", "/accused"),
        text("accused_unit", "ส่วนราชการที่ถูกร้องเรียน", "/accused_unit"),
        Column::new("first_answered_on", "วันที่แจ้งผลครั้งแรก", "/first_answered_on", Date).exported("first_answer_met_on"),
        Column::new("status", "สถานะ", "/closing/status", Codes(ends::<Action>)),
        Column::new("closed_on", "วันที่สิ้นสุด", "/closing/closed_on", Date).exported("วันที่แจ้งผลการพิจารณา"),
        Column::new("outcome", "ผลการพิจารณา", "/closing/outcome", Codes(|| Outcome::CODES.iter().collect())),
        text("result", "ผลการดำเนินการ", "/closing/text"),
        Column::new("referral_authority", "หน่วยงานที่ส่งต่อ", "/closing/referral/authority", Text),
        Column::new("referral_letter_no", "เลขที่หนังสือส่งต่อ", "/closing/referral/letter_no", Text),
        Column::new("referral_letter_on", "วันที่ของหนังสือส่งต่อ", "/closing/referral/letter_on", Date),
    ];

    const TAKES_FORM: bool = false;

    async fn there(db: &Db) -> Result<HashMap<Key, Filed>> {
        let numbered = Entity::find().filter(Field::RegisterNo.is_not_null()).select_only();
        let numbered = numbered.columns([Field::RegisterNo, Field::ReceivedOn, Field::Kind, Field::Channel]);
        let numbered = numbered.join(sea_orm::JoinType::InnerJoin, to_category());
        let numbered = numbered.column(complaint_category::Column::Code);
        let numbered = numbered.into_tuple::<(String, NaiveDate, Kind, Channel, String)>().all(db.reader()).await?;
        let there = numbered.into_iter().map(|(number, day, kind, channel, category)| {
            ((String::new(), number, day), vec![kind.code().to_owned(), category, channel.code().to_owned()])
        });
        Ok(there.collect())
    }

    async fn check(office: &Office, mut body: Value) -> Result<Self> {
        if body["description"].is_null() {
            // A register has what a complaint is about in one line.
            body["description"] = body["subject"].as_str().unwrap_or("-").into();
        }
        as_code(&office.names.categories, &mut body["category"]);
        as_code(&office.names.units, &mut body["accused_unit"]);
        let input: ComplaintInput = checked(body)?;
        let errors = input.stated().errors(Some(&office.author), bangkok_day(office.db.now()));
        if !errors.is_empty() {
            return Err(Error::in_body(errors));
        }
        let (number, day) = identified(input.stated())?;
        Ok(Self { key: (String::new(), number, day), input })
    }

    fn sample(office: &Office, place: &str, body: &Value) -> Option<Value> {
        let end = &body["closing"];
        match place {
            // Of every kind, but that only one is taken note of.
            "/kind" if end["outcome"] == Outcome::Noted.code() => Some(json!(Kind::Feedback.code())),
            "/kind" => Some(json!(Kind::Service.code())),
            "/category" => office.names.categories.values().min().map(|code| json!(code)),
            "/channel" => Some(json!(Channel::Letter.code())),
            "/closing/status" if end["outcome"].is_null() => Some(json!(Status::Withdrawn.code())),
            "/closing/status" => Some(json!(Status::Concluded.code())),
            "/closing/outcome" if end["status"] != Status::Concluded.code() => None,
            "/closing/outcome" if end["referral"].is_null() => Some(json!(Outcome::Unsubstantiated.code())),
            "/closing/outcome" => Some(json!(Outcome::Referred.code())),
            "/closing/referral" => (end["outcome"] == Outcome::Referred.code()).then(addressee),
            _ => stated_sample(office, place),
        }
    }

    fn follows(place: &str, code: FieldCode) -> &'static [&'static str] {
        match code {
            FieldCode::WrongKind => &["/kind"],
            FieldCode::NotForThis if place == "/closing/referral" => &["/closing/status", "/closing/outcome"],
            _ if place == "/closing/text" => &["/closing/status"],
            _ => &[],
        }
    }

    fn key(&self) -> Key {
        self.key.clone()
    }

    fn filed(&self) -> Filed {
        let ComplaintInput { kind, category, channel, .. } = &self.input;
        vec![kind.code().to_owned(), category.to_string(), channel.code().to_owned()]
    }

    fn service(&self) -> Option<Uuid> {
        None
    }

    fn place(&self) -> Result<TallyKey> {
        place_of(self.input.kind, self.key.2)
    }

    fn kind(&self) -> String {
        self.input.kind.code().to_owned()
    }

    async fn insert(self, office: &Office, write: &Write) -> Result<Vec<Event>> {
        // Nobody holds a receipt of what came on paper: the office answers in the way that it came.
        let (new, filed_as) = (NewCase::stated(write, &self.input.stated())?, (receipts::reference()?, true));
        let (_, events) = store::insert(office.filing(), write, new, self.input, filed_as).await?;
        Ok(events)
    }
}

fn to_category() -> sea_orm::RelationDef {
    Entity::belongs_to(complaint_category::Entity).from(Field::CategoryId).to(complaint_category::Column::Id).into()
}
