//! What a request gives to the complaint that it becomes: what was filled in and written, and who made it, who is removed from the
//! request.

use entity::e_service_form;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::dto::{Content, Location, content};
use super::input::ApplicantInput;
use super::store::{CONTENT, Row};
use crate::cases::vault::Vault;
use crate::cases::{Case, Cases, continuation, phones};
use crate::db::Write;
use crate::error::{Code, Error, Result};

/// Who made a request, and the texts for the timeline of the complaint.
pub async fn given(
    db: &impl ConnectionTrait,
    row: &Row,
    vault: &Vault,
) -> Result<(Option<ApplicantInput>, Vec<String>)> {
    use e_service_form::Column::{EServiceId, Version};
    let Content { form, applicant, place } = content(row, vault)?.ok_or(Code::Destroyed)?;
    let filled_in = e_service_form::Entity::find().filter(EServiceId.eq(row.request.e_service_id));
    let filled_in = filled_in.filter(Version.eq(row.request.form_version)).one(db).await?.ok_or(Code::Internal)?;
    let schema: Value = serde_json::from_str(&filled_in.schema).map_err(Error::internal)?;
    let lines = form.as_object().into_iter().flatten().map(|(name, value)| line(&schema, name, value));
    let first = lines.chain(place.map(described)).collect::<Vec<_>>().join("\n");
    Ok((applicant, continuation::words(db, row, vault, first).await?))
}

/// Rejects a request that was a complaint: that one has the identity of its reporter.
pub fn refuse_returned(row: &Row) -> Result<()> {
    let Some(reference) = &row.continuation.continues_reference else { return Ok(()) };
    Err(Code::IllegalTransition.because(
        format!("คำขอนี้มาจากเรื่องร้องเรียน {reference} ให้นำเรื่องนั้นกลับมาดำเนินการใหม่ (reopen) แล้วปิดคำขอนี้พร้อมเหตุผล (reject)"),
        format!("The request was the complaint {reference}: reopen that one, and reject the request."),
    ))
}

/// A field of a form, by its title and that of its choice.
fn line(schema: &Value, name: &str, value: &Value) -> String {
    let field = &schema["properties"][name];
    let choice = field["oneOf"].as_array().into_iter().flatten().find(|choice| choice["const"] == *value);
    let title = field["title"].as_str().unwrap_or(name);
    let chosen = choice.and_then(|choice| choice["title"].as_str()).or(value.as_str());
    format!("{title}: {}", chosen.map_or_else(|| value.to_string(), str::to_owned))
}

fn described(Location { latitude, longitude, address }: Location) -> String {
    let point = latitude.zip(longitude).map(|(latitude, longitude)| format!("{latitude}, {longitude}"));
    format!("สถานที่: {}", address.into_iter().chain(point).collect::<Vec<_>>().join(" "))
}

/// Removes who made a request from what is sealed of it. The row is still to be saved.
pub async fn forget_applicant(cases: &Cases, write: &Write, mut row: Row) -> Result<Row> {
    let Some(content) = content(&row, &cases.vault)?.filter(|content| content.applicant.is_some()) else {
        return Ok(row);
    };
    let text = serde_json::to_string(&Content { applicant: None, ..content }).map_err(Error::internal)?;
    row.request.content = row.needed_key(&cases.vault)?.seal(CONTENT, row.id(), &text)?;
    phones::forget(write, row.id()).await?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_reads_as_people_filled_it_in() {
        let schema = json!({ "properties": {
            "fault": { "title": "อาการ", "oneOf": [{ "const": "out", "title": "ไฟดับ" }] },
            "lamp_count": { "title": "จำนวนดวง" },
        }});
        assert_eq!(line(&schema, "fault", &json!("out")), "อาการ: ไฟดับ");
        assert_eq!(line(&schema, "lamp_count", &json!(2)), "จำนวนดวง: 2");
        assert_eq!(line(&schema, "other", &json!("ก")), "other: ก");
        let place =
            Location { latitude: Some(15.1858), longitude: Some(100.1251), address: Some("ซอย 3".to_owned()) };
        assert_eq!(described(place), "สถานที่: ซอย 3 15.1858, 100.1251");
    }
}
