//! Places in the query of a list: `near`, a point, and `bbox`, what lies between two meridians and two parallels.

use std::fmt;

use sea_orm::ColumnTrait;
use sea_orm::sea_query::Condition;
use serde::Deserialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::distance::{self, Area};
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::place::Point;
use crate::error::FieldError;

/// Latitude and longitude, as maps show a point.
#[derive(Deserialize)]
pub struct Near(String);

impl Near {
    pub fn point(&self) -> Result<Point, FieldError> {
        let degrees = degrees(&self.0);
        let at = |name| FieldError::parameter("near", name);
        let [latitude, longitude] = degrees[..] else { return Err(at(FieldCode::BadFormat.into())) };
        match is_place(latitude, longitude) {
            true => Ok(Point::from_degrees(latitude, longitude)),
            false => {
                Err(at(swapped(is_place(longitude, latitude), &format!("{longitude},{latitude}"), LATITUDE_FIRST)))
            }
        }
    }
}

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// West, south, east and north edge, as GeoJSON has them (RFC 7946, section 5).
#[derive(Deserialize)]
pub struct Bbox(String);

impl Bbox {
    pub fn area(&self) -> Result<Area, FieldError> {
        area(&self.0).map_err(|violation| FieldError::parameter("bbox", violation))
    }
}

/// The rows whose point is in an area.
pub fn within<C: ColumnTrait>(area: Area, latitude: C, longitude: C) -> Condition {
    let Area { west, south, east, north } = area;
    Condition::all().add(latitude.between(south, north)).add(longitude.between(west, east))
}

/// An area as `bbox` has it.
pub fn area(text: &str) -> Result<Area, Violation> {
    let degrees = degrees(text);
    let [west, south, east, north] = degrees[..] else { return Err(FieldCode::BadFormat.into()) };
    if !is_place(south, west) || !is_place(north, east) {
        let is_swapped = is_place(west, south) && is_place(east, north);
        return Err(swapped(is_swapped, &format!("{south},{west},{north},{east}"), LONGITUDE_FIRST));
    }
    if west > east || south > north {
        return Err(FieldCode::Outside.because(
            "ต้องเรียงเป็น ขอบตะวันตก, ขอบใต้, ขอบตะวันออก, ขอบเหนือ",
            "must be the west, south, east and north edge, in this order",
        ));
    }
    let (low, high) = (Point::from_degrees(south, west), Point::from_degrees(north, east));
    Ok(Area { west: low.longitude, south: low.latitude, east: high.longitude, north: high.latitude })
}

const LATITUDE_FIRST: (&str, &str) = ("ต้องเขียนละติจูดก่อนลองจิจูด", "must have the latitude before the longitude");
const LONGITUDE_FIRST: (&str, &str) = ("ต้องเขียนลองจิจูดก่อนละติจูด", "must have longitudes before latitudes");

/// What is no place, and what may have been meant.
fn swapped(is_swapped: bool, meant: &str, (th, en): (&str, &str)) -> Violation {
    match is_swapped {
        true => FieldCode::Outside.because(format!("{th} หมายถึง {meant} หรือไม่"), format!("{en}: {meant}?")),
        false => FieldCode::Outside.because(
            "ละติจูดต้องอยู่ระหว่าง -90 ถึง 90 และลองจิจูดระหว่าง -180 ถึง 180",
            "must have latitudes from -90 to 90 and longitudes from -180 to 180",
        ),
    }
}

/// The numbers between commas; none if one of them is not a number.
fn degrees(text: &str) -> Vec<f64> {
    text.split(',').map(|number| number.trim().parse().ok()).collect::<Option<_>>().unwrap_or_default()
}

fn is_place(latitude: f64, longitude: f64) -> bool {
    latitude.abs() <= 90.0 && longitude.abs() <= 180.0
}

fn text(pattern: &str, longest: usize) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(longest));
    text.pattern(Some(pattern)).into()
}

impl PartialSchema for Near {
    fn schema() -> RefOr<Schema> {
        text(distance::POINT, 60)
    }
}

impl ToSchema for Near {}

impl PartialSchema for Bbox {
    fn schema() -> RefOr<Schema> {
        text(distance::BBOX, 120)
    }
}

impl ToSchema for Bbox {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Language;

    #[test]
    fn what_is_no_place_is_told_and_what_was_meant() {
        for (near, message) in [
            ("100.1251,15.1858", "must have the latitude before the longitude: 15.1858,100.1251?"),
            ("200,15", "must have latitudes from -90 to 90 and longitudes from -180 to 180"),
            ("15.1,181", "must have latitudes from -90 to 90 and longitudes from -180 to 180"),
        ] {
            assert_eq!(Near(near.to_owned()).point().unwrap_err().message.localized(Language::English), message);
        }
        for (bbox, message) in [
            ("15.1,100.1,15.2,100.2", "must have longitudes before latitudes: 100.1,15.1,100.2,15.2?"),
            ("100.2,15.1,100.1,15.2", "must be the west, south, east and north edge, in this order"),
            ("100.1,15.2,100.2,15.1", "must be the west, south, east and north edge, in this order"),
            ("100.1,95,100.2,96", "must have latitudes from -90 to 90 and longitudes from -180 to 180"),
        ] {
            assert_eq!(area(bbox).unwrap_err().message.localized(Language::English), message);
        }
        assert_eq!(Near("15.1858, 100.1251".to_owned()).point().unwrap(), Point::from_degrees(15.1858, 100.1251));
        for text in
            ["", "1,2,3", "1,2,3,4,5", "100.1,15.1,x,100.2,15.2", "nan,nan,nan,nan", "inf,0,inf,0", "1e9,0,1e9,0"]
        {
            assert!(area(text).is_err(), "{text}");
        }
        let whole = Area { west: 100_100_000, south: 15_100_000, east: 100_200_000, north: 15_200_000 };
        assert_eq!(area("100.1,15.1,100.2,15.2").unwrap(), whole);
    }
}
