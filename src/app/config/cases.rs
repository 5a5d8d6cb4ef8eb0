//! Settings of complaints and service requests.

use std::path::PathBuf;

use clap::Args;

use super::errors::{ConfigErrors, number};
use crate::cases::deadline::CaseSettings;
use crate::domain::place::Boundary;
use crate::domain::text::without_bom;

/// Deadlines, and the municipality's area.
#[derive(Args, Clone, Debug)]
pub struct CaseArgs {
    /// Days until the first answer to a complaint is due; the agency says whether calendar or working days
    #[arg(long, env = "PRONGSAI_FIRST_ANSWER_DAYS", default_value = "15")]
    pub first_answer_days: String,
    /// Working days until the conclusion of a complaint is due
    #[arg(long, env = "PRONGSAI_CONCLUSION_DAYS", default_value = "60")]
    pub conclusion_days: String,
    /// Days in which a closed case can be reopened
    #[arg(long, env = "PRONGSAI_REOPEN_DAYS", default_value = "30")]
    pub reopen_days: String,
    /// Difficulty of the proof of work for complaints, and for service requests that book a day, without a token, in zero
    /// bits of a hash; each bit doubles the work; 0 for none
    #[arg(long, env = "PRONGSAI_CHALLENGE_BITS", default_value = "16")]
    pub challenge_bits: String,
    /// GeoJSON file with the municipality's area (Polygon or MultiPolygon); places outside of it are rejected
    #[arg(long, env = "PRONGSAI_BOUNDARY", value_name = "FILE")]
    pub boundary: Option<PathBuf>,
}

impl CaseArgs {
    pub fn check(&self) -> Result<CaseSettings, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let settings = CaseSettings {
            first_answer_days: errors.value(number("--first-answer-days", &self.first_answer_days, 1..=1000)),
            conclusion_days: errors.value(number("--conclusion-days", &self.conclusion_days, 1..=1000)),
            reopen_days: errors.value(number("--reopen-days", &self.reopen_days, 1..=1000)),
            challenge_bits: errors.value(number("--challenge-bits", &self.challenge_bits, 0..=28)),
        };
        errors.none_or(settings)
    }

    /// The municipality's area, if a file is configured.
    pub fn read_boundary(&self) -> Result<Option<Boundary>, String> {
        let Some(file) = &self.boundary else { return Ok(None) };
        let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
        let boundary = text.and_then(|text| Boundary::parse(without_bom(&text)));
        boundary.map(Some).map_err(|error| format!("--boundary: {}: {error}", file.display()))
    }
}
