//! What a 404 says: that there is no such path, and which is near; or of which kind the record is that is not there. It follows from
//! the path alone, so that a record that is hidden from the caller is answered as one that does not exist.

use entity::codes::{Coded, Label};
use serde_json::{Map, Value};

use crate::domain::message::Message;
use crate::domain::suggestion::{distance, nearest};
use crate::revisions::Resource;

/// What a record of a collection is called: a resource, or a file.
fn name_of(collection: &str) -> Option<Label> {
    match collection {
        "code-lists" => Some(Label::new("รายการรหัส", "code list")),
        "complaint-attachments" => Some(Label::new("ไฟล์แนบ", "file of a complaint")),
        "service-request-attachments" => Some(Label::new("ไฟล์แนบ", "file of a service request")),
        _ => Resource::of_code(collection).map(Coded::label),
    }
}

/// What a 404 of an address with a parameter says.
pub fn of_record(path: &str, item: &Value, is_listed: impl Fn(&str) -> bool) -> Option<Message> {
    let (collection, parameter) = path.split_once("/{")?;
    let operations = item.as_object().into_iter().flat_map(Map::values);
    let parameters = operations.filter_map(|operation| operation["parameters"].as_array()).flatten();
    let takes_code = parameters.filter(|it| it["in"] == "path").any(|it| it["schema"]["format"] != "uuid");
    let parameter = match parameter.split('}').next()? {
        "id" if takes_code => "id or code",
        parameter => parameter,
    };
    let segment = collection.rsplit('/').next()?;
    let Label { th, en } = name_of(segment)?;
    let (list_th, list_en) = match is_listed(collection) {
        true => (format!(" ดูรายการได้ที่ GET {collection}"), format!(" GET {collection} lists those that are.")),
        false => Default::default(),
    };
    Some(Message::new(
        format!("ไม่มี{th}ที่ใช้รหัสนี้ หรือไม่ได้เปิดให้ท่านดู โปรดตรวจสอบรหัสแล้วลองใหม่{list_th}"),
        format!("No {en} has this {parameter}, or it is not yours to see.{list_en}"),
    ))
}

/// That there is no such path, and which may have been meant.
pub fn of_path(near: Option<&str>) -> Message {
    let (th, en) = match near {
        Some(near) => (format!(" หมายถึง {near} หรือไม่"), format!(" Did you mean {near}?")),
        None => (String::new(), String::new()),
    };
    Message::new(
        format!("ไม่มีที่อยู่นี้ในระบบ{th} ดูรายการที่อยู่ได้ที่ GET / และ /docs/"),
        format!("No such path.{en} GET / names the collections, and /docs/ describes every operation."),
    )
}

/// The known path that is nearest to another, which may lack the version.
pub fn path_near<'a>(sent: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    near(sent, known.clone()).or_else(|| near(&format!("/v1{sent}"), known))
}

/// As many segments, of which one or two are misspelt.
fn near<'a>(sent: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let sent: Vec<&str> = sent.trim_end_matches('/').split('/').collect();
    // All of the segments together, where each of them is the same or near.
    let far = |path: &str| -> Option<usize> {
        let segments: Vec<&str> = path.split('/').collect();
        if segments.len() != sent.len() {
            return None;
        }
        segments
            .iter()
            .zip(&sent)
            .map(|(known, sent)| match known {
                known if known == sent => Some(0),
                known if known.starts_with('{') => (!sent.is_empty()).then_some(0),
                known => nearest(sent, [*known]).map(|known| distance(sent, known)),
            })
            .sum()
    };
    // A fixed segment goes before a parameter.
    known.filter_map(|path| Some((far(path)?, path.contains('{'), path))).min().map(|(.., path)| path)
}
