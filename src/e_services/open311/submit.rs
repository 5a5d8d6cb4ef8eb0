//! What Open311 clients send: a request for an e-service, as a form (`application/x-www-form-urlencoded`).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, Responder, web};
use entity::case_event::Side;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::super::requests::{ServiceRequestInput, store};
use super::{Answer, Endpoint, Segments, definition, read};
use crate::answer::Written;
use crate::app::{App, State};
use crate::body::{self, IdempotencyKey};
use crate::cases::messages;
use crate::cases::{Case, receipts};
use crate::domain::text::Lines;
use crate::error::{Code, Error, Fault, Result, Said};
use crate::ledger::{Author, Event};

const LARGEST: usize = 64 * 1024;

pub async fn create(
    app: State,
    endpoint: web::Data<Endpoint>,
    segments: Segments,
    request: HttpRequest,
    payload: web::Payload,
) -> impl Responder {
    let sent = body::read_body(&request, payload.into_inner(), LARGEST, &["application/x-www-form-urlencoded"]).await;
    let written = async || -> Result<Value> {
        let sent = sent?;
        let key = IdempotencyKey::of(&request, &sent)?;
        let sent = url::form_urlencoded::parse(&sent).into_owned().filter(|(_, text)| !text.trim().is_empty());
        write(app.clone(), **endpoint, Sent(sent.collect()), key).await
    };
    Answer { status: StatusCode::CREATED, ..Answer::new(&segments, "service_requests", written().await) }
}

/// The fields that were sent.
struct Sent(Vec<(String, String)>);

impl Sent {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// What was sent for the fields of the form: `attribute[code]`, or `attribute[code][]` for several.
    fn attributes(&self) -> Vec<(String, String)> {
        let code = |name: &str| {
            let code = name.strip_prefix("attribute[")?;
            code.strip_suffix("][]").or(code.strip_suffix(']')).map(str::to_owned)
        };
        self.0.iter().filter_map(|(name, text)| Some((code(name)?, text.clone()))).collect()
    }

    /// The fields as our own operation takes them.
    fn as_input(&self, schema: &Value) -> Value {
        let (days, attributes): (Vec<_>, Vec<_>) =
            self.attributes().into_iter().partition(|(code, _)| code == definition::DAY);
        let name: Vec<&str> = ["first_name", "last_name"].iter().filter_map(|field| self.text(field)).collect();
        let name = Some(name.join(" ")).filter(|name| !name.is_empty());
        let number = |field: &str| self.text(field).map(|text| text.parse::<f64>().map_or(json!(text), Value::from));
        let own = |text: &str| json!(text);
        let some = |fields: [(&str, Option<Value>); 3]| {
            let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Some(fields.collect::<Map<_, _>>()).filter(|fields| !fields.is_empty())
        };
        let applicant = [
            ("name", name.map(Value::from)),
            ("phone", self.text("phone").map(own)),
            ("email", self.text("email").map(own)),
        ];
        let place = [
            ("latitude", number("lat")),
            ("longitude", number("long")),
            ("address", self.text("address_string").map(own)),
        ];
        let mut input = json!({ "form": definition::filled_in(schema, &attributes) });
        let parts = [("applicant", some(applicant).map(Value::from)), ("place", some(place).map(Value::from))];
        let day = ("day", days.into_iter().next().map(|(_, day)| Value::from(day)));
        for (name, part) in parts.into_iter().chain([day]) {
            part.into_iter().for_each(|part| input[name] = part);
        }
        input
    }

    /// What the applicant says beside the form.
    fn message(&self) -> Option<String> {
        let said: Vec<&str> = ["description", "media_url"].iter().filter_map(|field| self.text(field)).collect();
        Some(said.join("\n")).filter(|said| !said.is_empty())
    }
}

async fn write(app: State, endpoint: Endpoint, sent: Sent, key: Option<IdempotencyKey>) -> Result<Value> {
    let Some(code) = sent.text("service_code").map(str::to_owned) else {
        let said = Said::new("ต้องระบุ", "was not provided");
        return Err(Error::in_parameters(vec![Fault::parameter("service_code", "required", said)]));
    };
    let row = read::find(app.db.reader(), &code).await?;
    let input: ServiceRequestInput = body::checked(sent.as_input(&row.form()?))?;
    let message = sent.message().map(said).transpose()?;
    let draft = store::check(&app, &code, input).await?;
    let state = app.clone();
    let key = key.filter(|_| endpoint == Endpoint::Production);
    let written = app.db.write(&Author::public(), key, move |write| async move {
        let row = store::insert(&state, &write, draft).await?;
        if let Some(text) = message {
            messages::say(&state, &write, &row, Side::Reporter, true, &text).await?;
        }
        let receipt = receipts::issue(&state, &write, row.id()).await?.text();
        let row = row.touch(&write).await?;
        let value = json!([{
            "service_request_id": row.request.reference,
            "service_notice": notice(&state, &receipt),
            "account_id": null,
        }]);
        let written = Written::all_created(&value)?;
        match endpoint {
            Endpoint::Production => write.commit([Event::about("receive", &row)], written).await,
            Endpoint::Test => Ok(written),
        }
    });
    serde_json::from_str(&written.await?.body).map_err(|_| Code::Internal.into())
}

/// A text that somebody wrote, if it can be one.
fn said(text: String) -> Result<String> {
    #[derive(Deserialize, Validate, ToSchema)]
    struct Description {
        description: Lines<10000>,
    }
    body::checked::<Description>(json!({ "description": text })).map(|said| said.description.into_inner())
}

/// With the receipt, which nothing else ever shows.
fn notice(app: &App, receipt: &str) -> String {
    format!("เลขใบรับ (receipt): {receipt} — {}/v1/service-requests/lookup", app.public_url)
}
