//! Money: whole satang inside, a decimal string of baht outside, so that sums are exact everywhere.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// An amount of baht that is not negative, up to 9,999,999,999.99: sums of any number of them stay within 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Baht(i64);

impl Baht {
    pub const PATTERN: &str = r"^(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?$";

    pub fn from_satang(satang: i64) -> Self {
        Self(satang)
    }

    pub fn satang(self) -> i64 {
        self.0
    }
}

impl FromStr for Baht {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be an amount of baht such as 125000.00";
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 10) || !digits(fraction, 2) || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(WRONG);
        }
        let baht: i64 = whole.parse().map_err(|_| WRONG)?;
        let satang: i64 = format!("{fraction:0<2}").parse().map_err(|_| WRONG)?;
        Ok(Self(baht * 100 + satang))
    }
}

impl fmt::Display for Baht {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Baht {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Baht {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Baht {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(Self::PATTERN))
            .max_length(Some(13))
            .description(Some("An amount in baht as a decimal string, exact to the satang."))
            .examples(["125000.00"])
            .into()
    }
}

impl ToSchema for Baht {}

/// A sum of amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Total(Baht);

impl Total {
    pub fn from_satang(satang: i64) -> Self {
        Self(Baht(satang))
    }

    pub fn satang(self) -> i64 {
        self.0.0
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Total> for Baht {
    fn from(total: Total) -> Self {
        total.0
    }
}

impl PartialSchema for Total {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^(0|[1-9][0-9]{0,16})\.[0-9]{2}$"))
            .max_length(Some(20))
            .description(Some("A sum in baht as a decimal string, exact to the satang."))
            .examples(["350000.00"])
            .into()
    }
}

impl ToSchema for Total {
    fn name() -> Cow<'static, str> {
        "BahtTotal".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_exactly() {
        for (input, written) in [
            ("0", "0.00"),
            ("125000.00", "125000.00"),
            ("0.5", "0.50"),
            ("9999999999.99", "9999999999.99"),
            ("1.05", "1.05"),
        ] {
            assert_eq!(input.parse::<Baht>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for input in ["", "-1", "1,000", "1.", ".5", "1.234", "01", "1e3", "๑๒๕", " 1", "99999999999"] {
            assert!(input.parse::<Baht>().is_err(), "{input:?}");
        }
    }
}
