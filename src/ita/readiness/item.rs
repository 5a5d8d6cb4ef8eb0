//! How far the answer to one item is, and what to enter for it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::codes::Label;
use entity::ita_disclosure::State as Progress;
use entity::ita_item::{self, Subject};
use entity::link::{self, State as LinkState};
use entity::link_use;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{FULL, ItemCode};
use crate::domain::name::Name;
use crate::ita::disclosures::store::Row;
use crate::ita::gaps::{self, Gap, Misplaced};
use crate::ita::items::store::about_year;
use crate::ita::memos;
use crate::ita::proofs::{Channel, Proof};
use crate::links::Known;
use crate::references::Referred;

/// How far the answer to an item is.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaReadyItem)]
pub struct ReadyItem {
    /// Code of the item in this year.
    pub code: ItemCode,
    /// What the item is about; null where nothing depends on it.
    #[schema(required, example = "integrity_measures_report")]
    pub subject: Option<Subject>,
    /// Title of the item.
    #[schema(max_length = 300, example = "รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน")]
    pub title: String,
    /// Fiscal year that the item asks about, Buddhist era. What the service publishes of this year answers it.
    pub about_year: FiscalYear,
    /// Indicator that the item counts for.
    #[schema(max_length = 300, example = "10 การป้องกันการทุจริต")]
    pub indicator: String,
    /// Sub-indicator that the item counts for.
    #[schema(max_length = 300, example = "10.2 มาตรการส่งเสริมคุณธรรมและความโปร่งใส")]
    pub sub_indicator: String,
    /// Code of the unit that prepares the answer; null if none is stated.
    #[schema(required, max_length = 50, example = "policy-planning")]
    pub unit: Option<String>,
    /// Name of that unit.
    #[schema(required)]
    pub unit_name: Option<Name>,
    /// Progress of the answer.
    pub state: Progress,
    /// What is missing. The item scores nothing until the list is empty.
    #[schema(max_items = 100)]
    pub missing: Vec<Gap>,
    /// Parts that the answer shows and the item does not ask for; null if there are none.
    #[schema(required)]
    pub misplaced: Option<Misplaced>,
    /// Parts that the memo of the item's report lists, and another item asks for; null if there are none.
    #[schema(required)]
    pub misplaced_in_memo: Option<Misplaced>,
    /// The addresses of the answer, and what the last check found there.
    #[schema(max_items = 20)]
    pub links: Vec<ReadyLink>,
    /// What to enter into the ITA's form.
    pub paste: Paste,
    /// Expected score of the item: 100 or 0.
    #[schema(minimum = 0, maximum = 100, example = 100.0)]
    pub expected_score: f64,
}

/// An address of an answer, and what the last check found there.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaReadyLink)]
pub struct ReadyLink {
    /// The address.
    #[schema(max_length = 2000, example = "https://www.example.go.th/integrity-report-2567")]
    pub url: String,
    /// What the last check found, `unchecked` if that is more than seven days ago; null of a public file of the service, which is compared with its hash when it is served.
    #[schema(required)]
    pub state: Option<LinkState>,
    /// Why the link is in this state; null if it works or was not checked.
    #[schema(required)]
    pub reason: Option<Label>,
    /// Time of the last check; null if there was none.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    pub checked_at: Option<DateTime<Utc>>,
    /// Time of the last check that received the page or file; null if there was none.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    pub last_good_at: Option<DateTime<Utc>>,
}

impl ReadyLink {
    fn of(url: &str, known: Option<&Known>) -> Self {
        Self {
            url: url.to_owned(),
            state: known.map(|known| known.state),
            reason: known.and_then(|known| known.reason.clone()),
            checked_at: known.and_then(|known| known.checked_at),
            last_good_at: known.and_then(|known| known.last_good_at),
        }
    }
}

/// What is known beside the answers.
pub struct Facts {
    /// By the id of the item.
    pub proofs: HashMap<Uuid, Proof>,
    pub links: HashMap<String, Known>,
    /// The entries of the memo of the item's report, by the id of the item.
    pub memos: HashMap<Uuid, Vec<String>>,
    /// Links that do not work, each with a record that refers to it.
    pub broken: Vec<(link::Model, link_use::Model)>,
    /// Whether the service checks links.
    pub links_checked: bool,
}

/// What to enter into the ITA's form.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaPaste)]
pub struct Paste {
    /// The answer, "มี" or "ไม่มี"; null before it is decided.
    #[schema(required, max_length = 10, example = "มี")]
    pub answer: Option<&'static str>,
    /// The addresses, a line each.
    #[schema(max_length = 50_000, example = "https://www.example.go.th/integrity-report-2567")]
    pub addresses: String,
    /// The explanation: that of the answer, how each address is found, and where each part is.
    #[schema(max_length = 100_000, example = "1. ผลการดำเนินการตามมาตรการ: คอลัมน์ผลการดำเนินการ")]
    pub explanation: String,
}

impl ReadyItem {
    pub fn of(row: &Row, facts: &Facts, catalogue: &[&ita_item::Model]) -> Self {
        let proof = facts.proofs.get(&row.item.id);
        let missing = gaps::of(row, proof, &facts.links);
        let Row { item, answer, unit } = row;
        Self {
            code: row.code(),
            subject: item.subject,
            title: item.title.clone(),
            about_year: about_year(item),
            indicator: item.indicator.clone(),
            sub_indicator: item.sub_indicator.clone(),
            unit_name: unit.as_ref().map(Referred::name),
            unit: unit.as_ref().map(|unit| unit.code.clone()),
            state: answer.state,
            expected_score: if missing.is_empty() { FULL } else { 0.0 },
            missing,
            misplaced: gaps::misplaced(row, catalogue),
            misplaced_in_memo: facts.memos.get(&item.id).and_then(|entries| memos::misplaced(item, entries, catalogue)),
            links: answer.links.0.iter().map(|link| ReadyLink::of(&link.url, facts.links.get(&link.url))).collect(),
            paste: Paste::of(row, proof),
        }
    }
}

impl Paste {
    fn of(row: &Row, proof: Option<&Proof>) -> Self {
        let answer = &row.answer;
        // What the service knows is no answer where the agency has said that it discloses nothing.
        let proof = proof.filter(|_| answer.disclosed != Some(false));
        let published = proof.and_then(|proof| proof.published.as_ref());
        let mut addresses: Vec<&str> = answer.links.0.iter().map(|link| &*link.url).collect();
        // Parts that the service proves are shown there.
        let published_address = published.map(|(_, address)| &**address);
        addresses.extend(published_address.filter(|address| !answer.links.0.iter().any(|link| link.url == **address)));
        let disclosed = answer.disclosed.or(published.map(|_| true));
        Self {
            answer: disclosed.map(|disclosed| if disclosed { "มี" } else { "ไม่มี" }),
            addresses: addresses.join("\n"),
            explanation: explanation(row, proof).join("\n"),
        }
    }
}

/// The lines of the explanation.
fn explanation(row: &Row, proof: Option<&Proof>) -> Vec<String> {
    let answer = &row.answer;
    let links = &answer.links.0;
    let is_numbered = links.len() > 1;
    let steps = (1..).zip(links).filter_map(|(number, link)| {
        let steps = link.steps.as_deref()?;
        Some(if is_numbered { format!("ลิงก์ที่ {number}: {steps}") } else { steps.to_owned() })
    });
    let entered = answer.parts.0.iter().map(|part| {
        let link = if is_numbered { format!("ลิงก์ที่ {} ", part.link) } else { String::new() };
        let place = format!("{link}{}", part.place.as_deref().unwrap_or_default());
        match place.trim() {
            "" => part.part.clone(),
            place => format!("{}: {place}", part.part),
        }
    });
    let proven = row
        .item
        .required_parts
        .0
        .iter()
        .filter(|part| !row.shows(part) && proof.is_some_and(|proof| proof.shows(part)));
    let parts = (1..).zip(entered.chain(proven.cloned())).map(|(number, part)| format!("{number}. {part}"));
    let published = proof.and_then(|proof| proof.published.as_ref());
    let title = published.map(|(title, _)| title.clone());
    let accepts = proof.and_then(|proof| proof.channel.as_ref()).map(Channel::accepts);
    answer.explanation.clone().into_iter().chain(title).chain(accepts).chain(steps).chain(parts).collect()
}
