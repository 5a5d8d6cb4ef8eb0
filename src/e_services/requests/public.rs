//! Public view of service requests: a map of open ones and a feed of completed ones, with places and without personal
//! data.

use std::collections::HashMap;

use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use entity::service_request::{Column, Entity, Status};
use entity::{agency, e_service};
use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, Condition, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::filter::in_area;
use crate::domain::place::Point;
use crate::error::{Code, Result};
use crate::http::atom::{Entry, Feed};
use crate::http::negotiation::Format;
use crate::http::params::Query;
use crate::http::places::Bbox;
use crate::http::response::ReadResponse;
use crate::revisions::Resource;
use crate::state::{App, State};

const DEPENDS_ON: &[Resource] = &[Resource::ServiceRequests, Resource::EServices, Resource::Agency];

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_service_request_map).service(get_service_request_feed);
}

/// What everybody may see of a service request. What is sealed is not even read.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Shown {
    pub reference: String,
    pub e_service_id: Uuid,
    pub unit_id: Uuid,
    pub status: Status,
    pub received_on: NaiveDate,
    pub received_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub due_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
    pub public_note: Option<String>,
    latitude: Option<i32>,
    longitude: Option<i32>,
}

impl Shown {
    /// Where it is to be done, to about a hundred metres.
    pub fn point(&self) -> Option<Point> {
        Some(Point { latitude: self.latitude?, longitude: self.longitude? })
    }
}

/// Open service requests as GeoJSON (RFC 7946).
#[derive(Serialize, ToSchema)]
struct FeatureCollection {
    /// Always `FeatureCollection`.
    #[serde(rename = "type")]
    #[schema(max_length = 30, example = "FeatureCollection")]
    kind: &'static str,
    /// One feature for each request, newest first.
    #[schema(max_items = 10000)]
    features: Vec<Feature>,
}

/// One open service request and its location.
#[derive(Serialize, ToSchema)]
struct Feature {
    /// Always `Feature`.
    #[serde(rename = "type")]
    #[schema(max_length = 30, example = "Feature")]
    kind: &'static str,
    /// The location.
    geometry: Geometry,
    /// The service request.
    properties: Properties,
}

/// A point, rounded to about a hundred metres.
#[derive(Serialize, ToSchema)]
#[schema(as = PointGeometry)]
struct Geometry {
    /// Always `Point`.
    #[serde(rename = "type")]
    #[schema(max_length = 30, example = "Point")]
    kind: &'static str,
    /// Longitude, then latitude.
    #[schema(min_items = 2, max_items = 2, example = json!([100.125, 15.186]))]
    coordinates: Vec<f64>,
}

/// Public data of an open service request.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenServiceRequest)]
struct Properties {
    /// Code of the e-service.
    #[schema(max_length = 50, example = "public-lighting")]
    e_service: String,
    /// Status of the request in the workflow.
    status: Status,
    /// Day in Bangkok on which the request was received.
    #[schema(example = "2024-04-11")]
    received_on: NaiveDate,
    /// Day until which completion is promised; null while the applicant is waited for.
    #[schema(required, example = "2024-04-22")]
    due_on: Option<NaiveDate>,
}

/// What part of the map to return.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MapFilter {
    /// Requests whose rounded point is between these edges: west, south, east, north (WGS 84, degrees).
    #[param(inline, example = "100.12,15.18,100.14,15.2")]
    bbox: Option<Bbox>,
}

/// Points on a map at most, the latest first.
const MOST_FEATURES: u64 = 10_000;

/// Get the map of open service requests
///
/// Returns GeoJSON of the latest 10,000 open requests with a latitude and longitude: e-service, status, dates and the
/// point, rounded to a thousandth of a degree (about 100 metres).
#[utoipa::path(
    tag = "service-requests",
    params(MapFilter),
    responses((status = 200, body = FeatureCollection, content_type = "application/geo+json")),
)]
#[get("/v1/service-requests/public.geojson")]
async fn get_service_request_map(app: State, filter: Query<MapFilter>) -> Result<ReadResponse> {
    let area = filter.0.bbox.as_ref().map(Bbox::area).transpose()?;
    let services = services(&app).await?;
    let open = Entity::find()
        .filter(Condition::all().add_option(area.map(in_area)))
        .filter(Column::ClosedOn.is_null())
        .filter(Column::Latitude.is_not_null())
        .order_by_desc(Column::ReceivedAt)
        .order_by_desc(Column::Id)
        .limit(MOST_FEATURES)
        .into_partial_model::<Shown>();
    // Row by row: a row of the driver takes several times the memory of what is shown of it.
    let open: Vec<Shown> = open.stream(app.db.reader()).await?.try_collect().await?;
    let feature = |request: &Shown| {
        let (latitude, longitude) = request.point()?.degrees();
        Some(Feature {
            kind: "Feature",
            geometry: Geometry { kind: "Point", coordinates: vec![longitude, latitude] },
            properties: Properties {
                e_service: services.get(&request.e_service_id)?.code.clone(),
                status: request.status,
                received_on: request.received_on,
                due_on: request.due_on,
            },
        })
    };
    let map = FeatureCollection { kind: "FeatureCollection", features: open.iter().filter_map(feature).collect() };
    Ok(ReadResponse { format: Format::GeoJson, ..ReadResponse::json(&map, DEPENDS_ON)? }.by_content())
}

/// Entries of the feed at most.
const MOST_ENTRIES: u64 = 50;

/// Get the feed of completed service requests
///
/// Returns an Atom feed (RFC 4287) of the last 50 completed requests for e-services that are done at a place: the
/// e-service, and the public note of the office.
#[utoipa::path(
    tag = "service-requests",
    responses((status = 200, body = String, content_type = "application/atom+xml")),
)]
#[get("/v1/service-requests/completed.atom")]
async fn get_service_request_feed(app: State) -> Result<ReadResponse> {
    let agency = agency::Entity::find().one(app.db.reader()).await?.ok_or(Code::Internal)?.name_th;
    let services = services(&app).await?;
    let located = services.values().filter(|service| service.takes_location).map(|service| service.id);
    let done: Vec<Shown> = Entity::find()
        .filter(Column::Status.eq(Status::Completed))
        .filter(Column::EServiceId.is_in(located))
        .order_by_desc(Column::ClosedOn)
        .order_by_desc(Column::Id)
        .limit(MOST_ENTRIES)
        .into_partial_model()
        .all(app.db.reader())
        .await?;
    let address = format!("{}/v1/service-requests/completed.atom", app.site.public_url);
    let entry = |request: &Shown| {
        let closed_on = request.closed_on?;
        Some(Entry {
            id: format!("{address}#{}", request.reference),
            title: services.get(&request.e_service_id)?.name_th.clone(),
            // Only the day is kept of when it was closed.
            updated: format!("{closed_on}T00:00:00+07:00"),
            link: None,
            content: request.public_note.clone().unwrap_or_default(),
        })
    };
    let title = format!("งานบริการที่ดำเนินการแล้วเสร็จ – {agency}");
    let entries = done.iter().filter_map(entry).collect();
    let body = Feed { address: address.clone(), title, author: agency, entries }.to_xml()?;
    Ok(ReadResponse::new(body, Format::Atom, DEPENDS_ON).by_content())
}

async fn services(app: &App) -> Result<HashMap<Uuid, e_service::Model>> {
    let all = e_service::Entity::find().all(app.db.reader()).await?;
    Ok(all.into_iter().map(|service| (service.id, service)).collect())
}
