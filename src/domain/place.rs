//! Places on the earth, and whether they are within a municipality.

use serde_json::Value;

/// A place, in millionths of a degree (WGS 84): a tenth of a metre, and exact on every database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub latitude: i32,
    pub longitude: i32,
}

const DEGREE: f64 = 1e6;

impl Point {
    pub fn from_degrees(latitude: f64, longitude: f64) -> Self {
        Self { latitude: (latitude * DEGREE).round() as i32, longitude: (longitude * DEGREE).round() as i32 }
    }

    /// Latitude and longitude.
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.latitude) / DEGREE, f64::from(self.longitude) / DEGREE)
    }

    /// The same to a thousandth of a degree: about a hundred metres.
    pub fn rounded(self) -> Self {
        let round = |number: i32| (f64::from(number) / 1000.0).round() as i32 * 1000;
        Self { latitude: round(self.latitude), longitude: round(self.longitude) }
    }
}

/// The area of a municipality: the rings of its polygons. A point is inside if it is within an odd number of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundary(Vec<Vec<Point>>);

impl Boundary {
    /// From a GeoJSON text (RFC 7946): a polygon or several, by themselves or as features.
    pub fn parse(text: &str) -> Result<Self, String> {
        let json: Value = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
        let mut rings = Vec::new();
        collect(&json, &mut rings).ok_or("is no GeoJSON Polygon or MultiPolygon, nor a feature of one (RFC 7946)")?;
        let is_ring = |ring: &Vec<Point>| ring.len() >= 4 && ring.first() == ring.last();
        if rings.is_empty() || !rings.iter().all(is_ring) {
            return Err("has a ring that is not closed, or of fewer than four points".to_owned());
        }
        Ok(Self(rings))
    }

    pub fn contains(&self, point: Point) -> bool {
        self.0.iter().filter(|ring| is_within(ring, point)).count() % 2 == 1
    }
}

fn collect(json: &Value, rings: &mut Vec<Vec<Point>>) -> Option<()> {
    match json["type"].as_str()? {
        "FeatureCollection" => json["features"].as_array()?.iter().try_for_each(|feature| collect(feature, rings)),
        "Feature" => collect(&json["geometry"], rings),
        "Polygon" => polygon(&json["coordinates"], rings),
        "MultiPolygon" => json["coordinates"].as_array()?.iter().try_for_each(|one| polygon(one, rings)),
        _ => None,
    }
}

fn polygon(json: &Value, rings: &mut Vec<Vec<Point>>) -> Option<()> {
    // Longitude stands first.
    let point = |place: &Value| {
        let (latitude, longitude) = (place.get(1)?.as_f64()?, place.get(0)?.as_f64()?);
        let is_one = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        is_one.then(|| Point::from_degrees(latitude, longitude))
    };
    for ring in json.as_array()? {
        rings.push(ring.as_array()?.iter().map(point).collect::<Option<_>>()?);
    }
    Some(())
}

/// Whether a line from the point to the east crosses the ring an odd number of times.
fn is_within(ring: &[Point], point: Point) -> bool {
    let crosses = |side: &&[Point]| {
        let [a, b] = [side[0], side[1]].map(|end| (i64::from(end.latitude), i64::from(end.longitude)));
        let (y, x) = (i64::from(point.latitude), i64::from(point.longitude));
        if (a.0 > y) == (b.0 > y) {
            return false;
        }
        // On which side of the line from the lower end to the upper one.
        let (low, high) = if a.0 < b.0 { (a, b) } else { (b, a) };
        (x - low.1) * (high.0 - low.0) < (high.1 - low.1) * (y - low.0)
    };
    ring.windows(2).filter(crosses).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of a degree with a hole, and a triangle elsewhere.
    const AREA: &str = r#"{"type": "Feature", "properties": {}, "geometry": {"type": "MultiPolygon", "coordinates": [
        [[[100, 15], [101, 15], [101, 16], [100, 16], [100, 15]], [[100.4, 15.4], [100.6, 15.4], [100.6, 15.6], [100.4, 15.6], [100.4, 15.4]]],
        [[[103, 15], [104, 15], [103, 16], [103, 15]]]
    ]}}"#;

    #[test]
    fn a_point_is_inside_or_outside_or_in_a_hole() {
        let area = Boundary::parse(AREA).unwrap();
        for (latitude, longitude, inside) in [
            (15.1, 100.1, true),
            (15.999, 100.999, true),
            (15.5, 100.5, false),
            (15.5, 100.61, true),
            (15.5, 102.0, false),
            (15.2, 103.2, true),
            (15.8, 103.8, false),
            (-15.1, 100.1, false),
        ] {
            assert_eq!(area.contains(Point::from_degrees(latitude, longitude)), inside, "{latitude} {longitude}");
        }
    }

    #[test]
    fn what_is_no_area_is_told() {
        for (wrong, message) in [
            ("x", "is not JSON"),
            ("{}", "is no GeoJSON"),
            (r#"{"type": "Point", "coordinates": [100, 15]}"#, "is no GeoJSON"),
            (r#"{"type": "Polygon", "coordinates": []}"#, "not closed"),
            (r#"{"type": "Polygon", "coordinates": [[[100, 15], [101, 15], [101, 16], [100, 16]]]}"#, "not closed"),
            (r#"{"type": "Polygon", "coordinates": [[["a", 15]]]}"#, "is no GeoJSON"),
            (r#"{"type": "Polygon", "coordinates": [[[15, 100], [15, 101], [16, 101], [15, 100]]]}"#, "is no GeoJSON"),
        ] {
            let error = Boundary::parse(wrong).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn degrees_come_back_and_are_rounded_to_a_hundred_metres() {
        let point = Point::from_degrees(15.185_149, 100.125_501);
        assert_eq!(point.degrees(), (15.185_149, 100.125_501));
        assert_eq!(point.rounded().degrees(), (15.185, 100.126));
        assert_eq!(Point::from_degrees(-15.185_149, 0.0).rounded().degrees(), (-15.185, 0.0));
    }
}
