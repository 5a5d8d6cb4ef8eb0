//! What was reported of a period before it was recorded here, beside the figures and never in them.

use entity::codes::Label;
use entity::reported_figure::Model;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shape::Rows;
use crate::domain::count::Count;
use crate::domain::period::{self, Part};
use crate::http::spreadsheet::Cell;

/// Figures that were reported elsewhere, with their source.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportedCounts {
    /// Id of the reported figure.
    pub id: Uuid,
    /// The period that it is of.
    #[schema(max_length = 10, example = "2566")]
    pub period: String,
    /// The name of the period.
    pub period_label: Label,
    /// How many cases were received.
    #[schema(value_type = Count)]
    pub total: i64,
    /// How many of them are closed.
    #[schema(value_type = Count)]
    pub finished_count: i64,
    /// How many of them are open.
    #[schema(value_type = Count)]
    pub in_progress_count: i64,
    /// Title of the source.
    #[schema(max_length = 300, example = "รายงานสถิติเรื่องร้องเรียน ประจำปีงบประมาณ พ.ศ. 2566")]
    pub source_title: String,
    /// Address of the source.
    #[schema(max_length = 2000, example = "https://www.example.go.th/o24-2566.pdf")]
    pub source_url: String,
}

/// What was reported of cases that are counted together.
#[derive(Clone, Copy)]
pub struct Reported<'a> {
    figures: &'a [Model],
    subject: &'a str,
}

impl<'a> Reported<'a> {
    pub fn of(figures: &'a [Model], subject: &'a str) -> Self {
        Self { figures, subject }
    }

    /// Those of a period and of the parts of it.
    pub fn within(&self, part: &Part) -> Vec<ReportedCounts> {
        let within = |figure: &Model| {
            let inner = period::named(&figure.period)?;
            let is_within = part.days.0 <= inner.days.0 && inner.days.1 <= part.days.1;
            is_within.then(|| of_row(figure, inner))
        };
        self.figures.iter().filter(|it| it.subject == self.subject).filter_map(within).collect()
    }
}

fn of_row(row: &Model, part: Part) -> ReportedCounts {
    ReportedCounts {
        id: row.id,
        period: part.key,
        period_label: part.label,
        total: row.total,
        finished_count: row.finished_count,
        in_progress_count: row.total - row.finished_count,
        source_title: row.source_title.clone(),
        source_url: row.source_url.clone(),
    }
}

impl ReportedCounts {
    pub fn rows(&self, rows: &mut Rows<'_>) {
        rows.number("reported_total", Cell::count(self.total));
        rows.number("reported_finished_count", Cell::count(self.finished_count));
        rows.number("reported_in_progress_count", Cell::count(self.in_progress_count));
        rows.text("source_title", self.source_title.as_str());
        rows.text("source_url", self.source_url.as_str());
    }
}
