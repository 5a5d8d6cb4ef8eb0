//! E-services as search engines read them: `GovernmentService` of schema.org, as JSON-LD.

use entity::agency;
use sea_orm::EntityTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::Row;
use crate::domain::baht::Baht;
use crate::error::{Code, Result};
use crate::state::App;

/// An e-service in the vocabulary of <https://schema.org/GovernmentService>.
#[derive(Serialize, ToSchema)]
pub struct GovernmentService {
    /// Always `https://schema.org`.
    #[serde(rename = "@context")]
    #[schema(max_length = 100, example = "https://schema.org")]
    context: &'static str,
    /// Always `GovernmentService`.
    #[serde(rename = "@type")]
    #[schema(max_length = 100, example = "GovernmentService")]
    kind: &'static str,
    /// Absolute address of the e-service.
    #[serde(rename = "@id")]
    #[schema(max_length = 2000, example = "https://api.example.go.th/v1/e-services/public-lighting")]
    id: String,
    /// Code of the e-service.
    #[schema(max_length = 50, example = "public-lighting")]
    identifier: String,
    /// Names of the e-service, one for each language.
    #[schema(max_items = 2)]
    name: Vec<LinkedText>,
    /// The municipality.
    provider: Organization,
    /// Where the e-service can be requested online. Absent if there is no page for it.
    #[serde(rename = "availableChannel", skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    channel: Option<Channel>,
    /// The fee. Absent if it is not the same for everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    offers: Option<Offer>,
}

/// A text and its language.
#[derive(Serialize, ToSchema)]
struct LinkedText {
    /// Language of the text, `th` or `en`.
    #[serde(rename = "@language")]
    #[schema(max_length = 10, example = "th")]
    language: &'static str,
    /// The text.
    #[serde(rename = "@value")]
    #[schema(max_length = 300, example = "งานไฟฟ้าสาธารณะ")]
    value: String,
}

/// The municipality.
#[derive(Serialize, ToSchema)]
#[schema(as = GovernmentOrganization)]
struct Organization {
    /// Always `GovernmentOrganization`.
    #[serde(rename = "@type")]
    #[schema(max_length = 100, example = "GovernmentOrganization")]
    kind: &'static str,
    /// Name of the municipality, in Thai.
    #[schema(max_length = 300, example = "เทศบาลเมืองชัยนาท")]
    name: String,
}

/// A page on which an e-service can be requested.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceChannel)]
struct Channel {
    /// Always `ServiceChannel`.
    #[serde(rename = "@type")]
    #[schema(max_length = 100, example = "ServiceChannel")]
    kind: &'static str,
    /// Page on which the e-service can be requested.
    #[serde(rename = "serviceUrl")]
    #[schema(max_length = 2000, example = "https://www.example.go.th/e-service/public-lighting")]
    url: String,
}

/// The fee of an e-service.
#[derive(Serialize, ToSchema)]
struct Offer {
    /// Always `Offer`.
    #[serde(rename = "@type")]
    #[schema(max_length = 100, example = "Offer")]
    kind: &'static str,
    /// The fee.
    price: Baht,
    /// Always `THB`.
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
