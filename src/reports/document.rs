//! A printed report as data. Every format is made from it alone, so that a report that was stored is printed as it was.

use std::borrow::Cow;

use chrono::NaiveDate;
use entity::codes::{Coded, Label};
use entity::report::SigningStep;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope::{Missing, MissingField};
use crate::domain::baht::Baht;
use crate::domain::memo::{Memo, Signer};
use crate::domain::thai;
use crate::evidence;
use crate::http::spreadsheet::{Block, Cell as SheetCell, Rows, Sheet};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The first page. Its signers are the signatures of the document.
    pub memo: Option<Memo>,
    /// Lines of the title.
    pub title: Vec<String>,
    /// Paragraph before the tables.
    pub opening: Option<String>,
    /// At least one.
    pub tables: Vec<Grid>,
    /// Sentences below the tables.
    pub notes: Vec<String>,
    /// What shows that it was done.
    pub evidence: Vec<Evidence>,
    /// Paragraph below all that.
    pub closing: Option<String>,
    /// Who signs, in order.
    pub signatures: Vec<Signature>,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Stands above the table.
    pub caption: Option<String>,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// Stands where the rows would be, if there are none.
    pub if_empty: String,
    /// Whether the last row is the sum of the others.
    #[serde(default)]
    pub has_total: bool,
}

/// A column of a report's table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReportColumn)]
pub struct Column {
    /// Field of a row that the column shows.
    #[schema(value_type = String, max_length = 50, example = "outcomes")]
    pub field: Cow<'static, str>,
    /// Heading of the column. Printed reports have the Thai one.
    pub label: Label,
    /// Share of the page's width, in per cent.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub width: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// A text as it was written.
    Text(String),
    /// Entries, printed with a hyphen before each.
    Entries(Vec<String>),
    Number(u64),
    Amount(Baht),
    /// There is no figure, and why.
    Absent(String),
}

/// A page or file that shows what was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The row that it belongs to.
    pub about: String,
    pub title: String,
    pub address: String,
}

impl Evidence {
    /// What shows what stands in a row.
    pub fn about(row: String, evidence: &[evidence::Evidence]) -> impl Iterator<Item = Self> {
        evidence.iter().map(move |evidence| {
            let (title, address) = (evidence.title.clone(), evidence.url.clone());
            Self { about: row.clone(), title, address }
        })
    }
}

/// A place to sign, and whether that was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    pub step: SigningStep,
    pub post: String,
    pub acting_for: Option<String>,
    /// Stands above the signature.
    pub note: Option<String>,
    /// The day of the signature; none while it is to come.
    pub signed_on: Option<NaiveDate>,
}

impl Column {
    pub const fn new(field: &'static str, th: &'static str, en: &'static str, width: u8) -> Self {
        Self { field: Cow::Borrowed(field), label: Label::new(th, en), width }
    }
}

impl From<Signer> for Signature {
    fn from(Signer { step, post, acting_for, note }: Signer) -> Self {
        let (acting_for, note) = (acting_for.map(|post| post.into_inner()), note.map(|note| note.into_inner()));
        Self { step, post: post.into_inner(), acting_for, note, signed_on: None }
    }
}

impl Signature {
    /// As it is printed: a place to sign, or when it was signed.
    pub fn lines(&self) -> Vec<String> {
        let (place, day) = match self.signed_on {
            Some(day) => ("(ลงนามแล้ว)", thai::digits(thai::date(day))),
            None => ("..............................", "......../......../........".to_owned()),
        };
        let acting_for = self.acting_for.as_ref().map(|post| format!("รักษาราชการแทน {post}"));
        let mut lines: Vec<String> = self.note.iter().flat_map(|note| note.lines()).map(str::to_owned).collect();
        lines.push(format!("ลงชื่อ {place} {}", self.step.label().th));
        lines.push(self.post.clone());
        lines.extend(acting_for);
        lines.push(format!("วันที่ {day}"));
        lines
    }
}

/// What stands before an entry.
const HYPHEN: &str = "- ";

impl Cell {
    /// A text that may not have been stated.
    pub fn stated(text: Option<&str>) -> Self {
        Self::Text(text.unwrap_or_default().to_owned())
    }

    /// The lines as they are printed: texts as they were written, figures in Thai digits.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Text(text) | Self::Absent(text) => text.lines().map(str::to_owned).collect(),
            Self::Entries(entries) => {
                let lines = |entry: &String| format!("{HYPHEN}{entry}").lines().map(str::to_owned).collect::<Vec<_>>();
                entries.iter().flat_map(lines).collect()
            }
            Self::Number(number) => vec![thai::digits(thai::grouped(number))],
            Self::Amount(amount) => vec![thai::digits(thai::grouped(amount))],
        }
    }

    pub fn is_figure(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Amount(_) | Self::Absent(_))
    }

    /// The same in a spreadsheet, which counts with figures.
    fn in_spreadsheet(&self, before_entry: &str) -> SheetCell {
        match self {
            Self::Text(text) | Self::Absent(text) => text.as_str().into(),
            Self::Entries(entries) => {
                entries.iter().map(|entry| format!("{before_entry}{entry}")).collect::<Vec<_>>()[..].into()
            }
            Self::Number(number) => SheetCell::whole(*number),
            Self::Amount(amount) => (*amount).into(),
        }
    }
}

impl Document {
    /// What the memo lacks, if there is one.
    pub fn missing_of_memo(&self) -> Option<Missing> {
        let memo = self.memo.as_ref()?;
        let parts = [
            (memo.from.is_some(), "from", Label::new("ส่วนราชการ", "unit")),
            (memo.number.is_some(), "number", Label::new("ที่", "number")),
            (memo.date.is_some(), "date", Label::new("วันที่", "date")),
            (memo.subject.is_some(), "subject", Label::new("เรื่อง", "subject")),
            (!memo.to.is_empty(), "to", Label::new("เรียน", "addressee")),
            (!self.signatures.is_empty(), "signers", Label::new("ผู้ลงนาม", "signers")),
        ];
        let lacking = parts.into_iter().filter(|(is_stated, ..)| !is_stated);
        let fields: Vec<_> = lacking.map(|(_, field, label)| MissingField { field: field.into(), label }).collect();
        (!fields.is_empty())
            .then(|| Missing { id: None, title: "บันทึกข้อความ".to_owned(), fields })
    }

    /// The tables below each other for programs (CSV), and then the notes: a hyphen before an entry would be taken for a formula.
    pub fn plain_rows(&self) -> impl Iterator<Item = Vec<SheetCell>> {
        let width = self.tables.iter().map(|table| table.columns.len()).max().unwrap_or_default();
        let tables = self.tables.iter().enumerate().flat_map(|(number, table)| {
            let caption = table.caption.as_deref().unwrap_or_default();
            let between = if number > 0 { vec![vec![], vec![caption.into()]] } else { vec![] };
            between.into_iter().chain([table.head()]).chain(table.plain_rows())
        });
        let notes = self.notes.iter().map(|note| vec![note.as_str().into()]);
        tables.chain(notes).map(move |mut cells| {
            cells.resize(width, SheetCell::Empty);
            cells
        })
    }

    /// A sheet for each table, for people: the first has the title above it, the last has below it what follows the tables.
    pub fn printed_sheets(&self) -> Vec<Sheet<'_>> {
        let mut sheets: Vec<_> = self.tables.iter().map(Grid::sheet).collect();
        if let Some(first) = sheets.first_mut() {
            let title = self.title.iter().cloned().map(Block::Title);
            first.above.splice(0..0, title.chain(self.opening.clone().map(Block::Paragraph)));
        }
        if let Some(last) = sheets.last_mut() {
            last.below.extend(self.below());
        }
        sheets
    }

    /// What follows the tables.
    fn below(&self) -> impl Iterator<Item = Block> {
        let heading = (!self.evidence.is_empty()).then(|| Block::Heading("เอกสารหรือหลักฐาน".to_owned()));
        let evidence = self.evidence.iter().map(|it| format!("{}: {} {}", it.about, it.title, it.address));
        let notes = self.notes.iter().cloned().map(Block::Paragraph).chain(heading);
        let paragraphs = notes.chain(evidence.chain(self.closing.clone()).map(Block::Paragraph));
        // With a line before each, where a name is written.
        paragraphs.chain(self.signatures.iter().map(|it| Block::Signature(format!("\n{}", it.lines().join("\n")))))
    }
}

impl Grid {
    fn head(&self) -> Vec<SheetCell> {
        self.columns.iter().map(|column| (&*column.label.th).into()).collect()
    }

    /// The rows for programs.
    fn plain_rows(&self) -> impl Iterator<Item = Vec<SheetCell>> {
        self.rows.iter().map(|row| row.iter().map(|cell| cell.in_spreadsheet("")).collect())
    }

    fn sheet(&self) -> Sheet<'_> {
        let if_empty = self.rows.is_empty().then(|| self.if_empty.clone()).filter(|text| !text.is_empty());
        Sheet {
            above: self.caption.clone().map(Block::Heading).into_iter().collect(),
            columns: self.head(),
            rows: self,
            below: if_empty.map(Block::Paragraph).into_iter().collect(),
            shares: self.columns.iter().map(|column| column.width).collect(),
            totals: self.has_total.into(),
        }
    }
}

/// The rows for people.
impl Rows for Grid {
    fn rows(&self) -> Box<dyn Iterator<Item = Cow<'_, [SheetCell]>> + '_> {
        Box::new(self.rows.iter().map(move |row| row.iter().map(|cell| cell.in_spreadsheet(HYPHEN)).collect()))
    }
}
