//! E-services as search engines read them: `GovernmentService` of schema.org, as JSON-LD.

use entity::agency;
use sea_orm::EntityTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::Row;
use crate::domain::baht::Baht;
use crate::error::{Code, Result};
use crate::state::App;

/// An e-service in the words of <https://schema.org/GovernmentService>.
#[derive(Serialize, ToSchema)]
pub struct GovernmentService {
    #[serde(rename = "@context")]
    #[schema(max_length = 100, example = "https://schema.org")]
    context: &'static str,
    #[serde(rename = "@type")]
    #[schema(max_length = 100, example = "GovernmentService")]
    kind: &'static str,
    /// Address of the e-service here.
    #[serde(rename = "@id")]
    #[schema(max_length = 2000, example = "https://api.example.go.th/v1/e-services/public-lighting")]
    id: String,
    #[schema(max_length = 50, example = "public-lighting")]
    identifier: String,
    #[schema(max_items = 2)]
    name: Vec<LinkedText>,
    provider: Organization,
    #[serde(rename = "availableChannel", skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    channel: Option<Channel>,
    /// The fee, where it is the same for everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    offers: Option<Offer>,
}

/// A text and its language.
#[derive(Serialize, ToSchema)]
struct LinkedText {
    #[serde(rename = "@language")]
    #[schema(max_length = 10, example = "th")]
    language: &'static str,
    #[serde(rename = "@value")]
    #[schema(max_length = 300, example = "งานไฟฟ้าสาธารณะ")]
    value: String,
}

/// The municipality.
#[derive(Serialize, ToSchema)]
#[schema(as = GovernmentOrganization)]
struct Organization {
    #[serde(rename = "@type")]
    #[schema(max_length = 100, example = "GovernmentOrganization")]
    kind: &'static str,
    #[schema(max_length = 300, example = "เทศบาลเมืองชัยนาท")]
    name: String,
}

/// Where it can be asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceChannel)]
struct Channel {
    #[serde(rename = "@type")]
    #[schema(max_length = 100, example = "ServiceChannel")]
    kind: &'static str,
    #[serde(rename = "serviceUrl")]
    #[schema(max_length = 2000, example = "https://www.example.go.th/e-service/public-lighting")]
    url: String,
}

/// What it costs.
#[derive(Serialize, ToSchema)]
struct Offer {
    #[serde(rename = "@type")]
    #[schema(max_length = 100, example = "Offer")]
    kind: &'static str,
    price: Baht,
    #[serde(rename = "priceCurrency")]
    #[schema(max_length = 3, example = "THB")]
    currency: &'static str,
}

pub async fn describe(app: &App, row: Row) -> Result<GovernmentService> {
    let agency = agency::Entity::find().one(app.db.reader()).await?.ok_or(Code::Internal)?;
    let service = row.service;
    let names = [("th", Some(service.name_th)), ("en", service.name_en)];
    let text = |(language, value): (_, Option<String>)| Some(LinkedText { language, value: value? });
    Ok(GovernmentService {
        context: "https://schema.org",
        kind: "GovernmentService",
        id: format!("{}/v1/e-services/{}", app.site.public_url, service.code),
        identifier: service.code,
        name: names.into_iter().filter_map(text).collect(),
        provider: Organization { kind: "GovernmentOrganization", name: agency.name_th },
        channel: service.channel_url.map(|url| Channel { kind: "ServiceChannel", url }),
        offers: service.fee.map(|fee| Offer { kind: "Offer", price: Baht::from_satang(fee), currency: "THB" }),
    })
}
