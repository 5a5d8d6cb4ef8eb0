//! Distances on the earth, and areas between meridians and parallels.

use super::place::Point;

/// Mean radius of the earth in metres (IUGG). A distance of it differs from that on the ellipsoid by half a percent at most.
const RADIUS: f64 = 6_371_008.8;

/// Half a thousandth of a degree: what [`Point::rounded`] moves a point by at most, in each direction.
const ROUNDING: i32 = 500;

/// A number of degrees, as maps write it.
macro_rules! degrees {
    () => {
        r"-?[0-9]{1,3}(\.[0-9]{1,20})?"
    };
}

/// Latitude and longitude in a text, and the four edges of an area.
pub const POINT: &str = concat!("^", degrees!(), ", ?", degrees!(), "$");
pub const BBOX: &str = concat!("^", degrees!(), "(, ?", degrees!(), "){3}$");

const QUARTER: i32 = 90_000_000;

/// Metres between two points, as the haversine formula has them.
pub fn metres(a: Point, b: Point) -> f64 {
    let [(latitude_a, longitude_a), (latitude_b, longitude_b)] =
        [a, b].map(Point::degrees).map(|(latitude, longitude)| (latitude.to_radians(), longitude.to_radians()));
    let half = |difference: f64| (difference / 2.0).sin().powi(2);
    let chord = half(latitude_b - latitude_a) + latitude_a.cos() * latitude_b.cos() * half(longitude_b - longitude_a);
    2.0 * RADIUS * chord.clamp(0.0, 1.0).sqrt().asin()
}

/// What lies between two parallels and two meridians, in millionths of a degree, the edges included. None crosses the meridian of
/// 180 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub west: i32,
    pub south: i32,
    pub east: i32,
    pub north: i32,
}

impl Area {
    /// The smallest in which every point within `distance` metres is, also once it is rounded.
    pub fn around(centre: Point, distance: f64) -> Self {
        let height = (distance / RADIUS).to_degrees();
        // Furthest to the east and west is not due east and west, but towards the pole.
        let slope = centre.degrees().0.to_radians().cos();
        let width = if slope > (distance / RADIUS).sin() {
            ((distance / RADIUS).sin() / slope).asin().to_degrees()
        } else {
            360.0
        };
        let margin = |degrees: f64| (degrees * 1e6).ceil() as i32 + ROUNDING + 1;
        let (height, width) = (margin(height), margin(width));
        Self {
            west: (centre.longitude - width).max(-2 * QUARTER),
            south: (centre.latitude - height).max(-QUARTER),
            east: (centre.longitude + width).min(2 * QUARTER),
            north: (centre.latitude + height).min(QUARTER),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Point {
        Point::from_degrees(latitude, longitude)
    }

    #[test]
    fn distances_are_those_of_published_tables() {
        for (a, b, expected) in [
            // A degree of a meridian, and of the equator; and of the parallel of 60 degrees nearly half of it.
            (at(0.0, 0.0), at(1.0, 0.0), 111_195.08),
            (at(0.0, 0.0), at(0.0, 1.0), 111_195.08),
            (at(60.0, 0.0), at(60.0, 1.0), 55_595.42),
            // Bangkok to Chiang Mai, and a quarter and a half of a circle.
            (at(13.7563, 100.5018), at(18.7883, 98.9853), 582_800.0),
            (at(0.0, 0.0), at(90.0, 0.0), 10_007_557.2),
            (at(0.0, 0.0), at(0.0, 180.0), 20_015_114.4),
            (at(15.1858, 100.1251), at(15.1858, 100.1251), 0.0),
        ] {
            let found = metres(a, b);
            assert!((found - expected).abs() <= expected * 0.001 + 0.01, "{a:?} {b:?}: {found}");
            assert!((found - metres(b, a)).abs() < 1e-6);
        }
    }

    #[test]
    fn every_point_that_is_near_is_in_the_area_also_when_it_is_rounded() {
        for centre in [at(15.1858, 100.1251), at(0.0, 0.0), at(-60.3, -179.0), at(89.95, 10.0)] {
            for distance in [1.0, 50.0, 1_000.0, 20_000.0] {
                let area = Area::around(centre, distance);
                for step in 0..360 {
                    let angle = f64::from(step).to_radians();
                    let (latitude, longitude) = centre.degrees();
                    let reach = (distance / RADIUS).to_degrees();
                    let latitude = (latitude + reach * angle.cos()).clamp(-90.0, 90.0);
                    let longitude = longitude + reach * angle.sin() / latitude.to_radians().cos().max(1e-3);
                    let point = at(latitude, longitude.clamp(-180.0, 180.0));
                    if metres(centre, point) > distance {
                        continue;
                    }
                    for Point { latitude, longitude } in [point, point.rounded()] {
                        assert!((area.south..=area.north).contains(&latitude), "{centre:?} {point:?}");
                        assert!((area.west..=area.east).contains(&longitude), "{centre:?} {point:?}");
                    }
                }
            }
        }
    }
}
