//! What an answer lacks, and what is odd about it.

use std::collections::HashMap;

use entity::codes::{Coded, Label};
use entity::ita_disclosure::{Link, State as Progress};
use entity::ita_item;
use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;
use url::Url;
use utoipa::ToSchema;

use super::disclosures::store::Row;
use super::proofs::{Channel, Proof};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{GapKind, ItemCode, is_same_part, owner};
use crate::error::{Code, FieldError, Result};
use crate::links::{Known, is_broken};
use crate::reports::envelope::Missing;

/// Something that an answer lacks. With any of them the item scores nothing.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaGap)]
pub struct Gap {
    /// What is missing.
    pub kind: GapKind,
    /// Name of the required part that is missing; null where it is something else.
    #[schema(required, max_length = 500, example = "ปัญหา/อุปสรรค")]
    pub part: Option<String>,
    /// The same as a sentence.
    pub message: Label,
}

/// Parts that an answer shows and its item does not ask for.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaMisplacedParts)]
pub struct Misplaced {
    /// Names of the parts.
    #[schema(max_items = 50, value_type = Vec<crate::domain::text::Line<500>>, example = json!(["ปัญหา/อุปสรรค", "ข้อเสนอแนะ"]))]
    pub parts: Vec<String>,
    /// Code of the item of the same year that asks for most of them; null if none does.
    #[schema(required)]
    pub belongs_to: Option<ItemCode>,
    /// The same as a sentence.
    pub message: Label,
}

impl Gap {
    fn new(kind: GapKind, th: String, en: String) -> Self {
        Self { kind, part: None, message: sentence(th, en) }
    }
}

/// Characters of a sentence and of several, and reasons that are listed: a report may lack something of each of hundreds of records.
const LONGEST: usize = 1000;
const LONGEST_LIST: usize = 1800;
const MOST_REASONS: usize = 5;

/// A sentence that is not longer than its schema says.
pub fn sentence(th: String, en: String) -> Label {
    Label { th: bounded(th, LONGEST).into(), en: bounded(en, LONGEST).into() }
}

/// The text, or its beginning.
fn bounded(text: String, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text;
    }
    let mut length = 1;
    let beginning = text.graphemes(true).take_while(|grapheme| {
        length += grapheme.chars().count();
        length <= longest
    });
    format!("{}…", beginning.collect::<String>())
}

/// What an answer lacks, with what the service proves about its subject and what is known of its links.
pub fn of(row: &Row, proof: Option<&Proof>, known: &HashMap<String, Known>) -> Vec<Gap> {
    let (code, answer) = (row.code(), &row.answer);
    let published = proof.and_then(|proof| proof.published.as_ref());
    let mut gaps = Vec::new();
    if answer.state == Progress::Carried {
        let th = format!("ข้อ {code} ยกคำตอบมาจากปีก่อน โปรดตรวจหรือแก้ไขให้เป็นของปีนี้");
        let en = format!("{code} has the answer of the year before: review it, or change it.");
        gaps.push(Gap::new(GapKind::Review, th, en));
    }
    if answer.disclosed == Some(false) {
        let th = format!("ข้อ {code} ตอบว่าไม่มีการเปิดเผยข้อมูล");
        gaps.push(Gap::new(GapKind::Disclosure, th, format!("{code} is answered with no.")));
        return gaps;
    }
    // What the service publishes is disclosed.
    if answer.disclosed.is_none() && published.is_none() {
        let (th, en) = (format!("ข้อ {code} ยังไม่ได้ตอบว่ามีหรือไม่มี"), format!("{code} has no answer yet: yes or no."));
        gaps.push(Gap::new(GapKind::Answer, th, en));
    }
    if answer.links.0.is_empty() && published.is_none() {
        gaps.push(no_address(code, proof));
    }
    gaps.extend(proof.and_then(|proof| proof.channel.as_ref()).and_then(|channel| of_channel(row, channel)));
    for link in &answer.links.0 {
        let Some(Known { state, reason, .. }) = known.get(&link.url).filter(|known| is_broken(known.state)) else {
            continue;
        };
        let reason = reason.clone().unwrap_or_else(|| state.label());
        let (url, th, en) = (&link.url, reason.th, reason.en);
        gaps.push(Gap::new(GapKind::BrokenLink, format!("ข้อ {code} {url}: {th}"), format!("{code}: {url}: {en}")));
    }
    gaps.extend(of_parts(row, proof));
    gaps
}

/// That an answer has no address.
fn no_address(code: ItemCode, proof: Option<&Proof>) -> Gap {
    match proof {
        Some(Proof { channel: None, year, other_years, .. }) => {
            let (mut th, mut en) = (
                format!("ข้อ {code} ยังไม่มีที่อยู่เว็บ เพราะรายงานของปีงบประมาณ {year} ยังไม่เผยแพร่"),
                format!("{code} has no address: its report of fiscal year {year} is not published."),
            );
            if !other_years.is_empty() {
                let others = other_years.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
                th += &format!(" (ที่เผยแพร่แล้วเป็นของปี {others})");
                en += &format!(" Published is that of {others}.");
            }
            Gap::new(GapKind::Publication, th, en)
        }
        Some(_) => Gap::new(
            GapKind::Link,
            format!("ข้อ {code} ยังไม่มีที่อยู่เว็บของหน้าที่ประชาชนแจ้งเรื่องร้องเรียนการทุจริต"),
            format!("{code} has no address of the page on which complaints about corruption are sent."),
        ),
        None => Gap::new(GapKind::Link, format!("ข้อ {code} ยังไม่มีที่อยู่เว็บ"), format!("{code} has no address.")),
    }
}

/// What the address of the complaint channel lacks.
fn of_channel(row: &Row, channel: &Channel) -> Option<Gap> {
    let (code, links) = (row.code(), &row.answer.links.0);
    let is_home = |link: &Link| channel.website.as_deref().is_some_and(|home| is_same_page(home, &link.url));
    if links.is_empty() || links.iter().any(|link| !is_home(link) && link.steps.is_some()) {
        return None;
    }
    Some(if links.iter().all(is_home) {
        Gap::new(
            GapKind::Link,
            format!("ข้อ {code} ระบุหน้าแรกของเว็บไซต์ ให้ระบุที่อยู่เว็บของหน้าที่ประชาชนแจ้งเรื่องร้องเรียนการทุจริต"),
            format!("{code} has the first page of the website, not the page on which complaints are sent."),
        )
    } else {
        Gap::new(
            GapKind::Steps,
            format!("ข้อ {code} ยังไม่ได้ระบุวิธีเข้าถึงช่องทางจากหน้าแรกของเว็บไซต์หลัก"),
            format!("{code} does not say how the channel is found from the first page of the website."),
        )
    })
}

fn is_same_page(one: &str, other: &str) -> bool {
    let [one_page, other_page] = [one, other].map(page_of);
    if one_page.is_some() { one_page == other_page } else { one == other }
}

/// Host, port, path and query of an address: the same of each way in which a first page is written. A query without a value, such as
/// `?x`, names no page; `?page_id=12` may.
fn page_of(address: &str) -> Option<(String, Option<u16>, String, Option<String>)> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let path = url.path().trim_matches('/');
    let is_first = path.to_lowercase().starts_with("index.") && !path.contains('/');
    let path = if is_first { "" } else { path };
    let query = url.query().filter(|query| query.contains('='));
    Some((host.strip_prefix("www.").unwrap_or(host).into(), url.port(), path.into(), query.map(str::to_owned)))
}

/// The required parts that neither the answer nor what is published shows, and what the published report lacks beside them.
fn of_parts(row: &Row, proof: Option<&Proof>) -> Vec<Gap> {
    let (code, parts) = (row.code(), &row.item.required_parts.0);
    let is_shown = |part: &&String| row.shows(part) || proof.is_some_and(|proof| proof.shows(part));
    let lacking = parts.iter().filter(|part| !is_shown(part)).map(|part| {
        let reasons = proof.map(|proof| proof.reasons(part)).unwrap_or_default();
        let listed = reasons[..reasons.len().min(MOST_REASONS)].join(" · ");
        let (why_th, why_en) = match more_than_listed(reasons.len()) {
            _ if reasons.is_empty() => Default::default(),
            None => (format!(" ({listed})"), format!(" ({listed})")),
            Some((th, en)) => (format!(" ({listed} {th})"), format!(" ({listed} {en})")),
        };
        let th = format!("ข้อ {code} ยังไม่แสดง \"{part}\"{why_th}");
        let en = format!("{code} does not show \"{part}\"{why_en}.");
        Gap { part: Some(part.clone()), ..Gap::new(GapKind::Part, th, en) }
    });
    let beside = proof.into_iter().flat_map(|proof| proof.lacks_beside(parts)).map(Missing::line);
    let mut beside: Vec<_> = beside.map(|line| (line.clone(), line)).collect();
    let more = more_than_listed(beside.len());
    beside.truncate(MOST_REASONS);
    beside.extend(more);
    let beside =
        beside.iter().map(|(th, en)| Gap::new(GapKind::Part, format!("ข้อ {code} {th}"), format!("{code}: {en}")));
    lacking.chain(beside).collect()
}

/// The end of a list that has more than are listed, in Thai and in English.
fn more_than_listed(count: usize) -> Option<(String, String)> {
    let more = count.checked_sub(MOST_REASONS).filter(|more| *more > 0)?;
    Some((format!("และอีก {more} รายการ"), format!("and {more} more")))
}

/// Rejects the completion of an answer that lacks something. That something is not disclosed is a complete answer.
pub fn check(row: &Row, proof: Option<&Proof>, known: &HashMap<String, Known>) -> Result<()> {
    let gaps: Vec<Gap> = of(row, proof, known).into_iter().filter(|gap| gap.kind != GapKind::Disclosure).collect();
    if gaps.is_empty() {
        return Ok(());
    }
    Err(Code::Incomplete.with(gaps.into_iter().map(|gap| field_error(row, gap)).collect()))
}

/// The error of the step that a gap stops. Why a part is not shown stands in the readiness, which may be long.
fn field_error(row: &Row, Gap { kind: _, part, message }: Gap) -> FieldError {
    let (code, year) = (row.code(), FiscalYear::stored(row.item.fiscal_year));
    let (th, en) = match part {
        Some(part) => (format!("ยังไม่แสดง \"{part}\""), format!("\"{part}\" is not shown")),
        None => (message.th.into_owned(), message.en.into_owned()),
    };
    let (th, en) = (format!("ข้อ {code} ปีงบประมาณ {year}: {th}"), format!("{code} of fiscal year {year}: {en}"));
    FieldError::at("/action", FieldCode::MissingPart.because(bounded(th, LONGEST_LIST), bounded(en, LONGEST_LIST)))
}

/// The parts that an answer shows and its item does not ask for, with the item that does.
pub fn misplaced(row: &Row, items: &[&ita_item::Model]) -> Option<Misplaced> {
    let is_asked = |shown: &str| row.item.required_parts.0.iter().any(|required| is_same_part(shown, required));
    let shown = row.answer.parts.0.iter().map(|part| &*part.part);
    let astray: Vec<&str> = shown.filter(|part| !is_asked(part)).collect();
    if astray.is_empty() {
        return None;
    }
    let others = items.iter().filter(|item| item.id != row.item.id);
    let owner = owner(&astray, others.map(|item| (*item, &item.required_parts.0[..])));
    let (code, list) = (row.code(), astray.join(", "));
    let message = match owner {
        Some(item) => {
            let other = ItemCode::stored(item.number);
            sentence(
                format!("ข้อ {code} ไม่ได้ถามถึง {list} ซึ่งเป็นองค์ประกอบของข้อ {other} {}", item.title),
                format!("{code} does not ask for {list}. {other} does: {}.", item.title),
            )
        }
        None => sentence(format!("ข้อ {code} ไม่ได้ถามถึง {list}"), format!("{code} does not ask for {list}.")),
    };
    let parts = astray.into_iter().map(str::to_owned).collect();
    Some(Misplaced { parts, belongs_to: owner.map(|item| ItemCode::stored(item.number)), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_page_is_known_however_it_is_written() {
        let home = "https://www.example.go.th";
        for (address, expected) in [
            ("https://www.example.go.th/", true),
            ("http://EXAMPLE.go.th", true),
            ("https://www.example.go.th/#main", true),
            ("https://example.go.th/Index.php", true),
            ("https://www.example.go.th/?x", true),
            ("https://www.example.go.th/?page_id=12", false),
            ("https://www.example.go.th/index.php/complaint", false),
            ("https://www.example.go.th/complaint", false),
            ("https://www.example.go.th:8443/", false),
            ("https://complaint.example.go.th/", false),
        ] {
            assert_eq!(is_same_page(home, address), expected, "{address}");
        }
    }

    #[test]
    fn a_list_that_is_cut_off_says_how_many_more_there_are() {
        assert_eq!(more_than_listed(MOST_REASONS), None);
        assert_eq!(more_than_listed(300), Some(("และอีก 295 รายการ".to_owned(), "and 295 more".to_owned())));
    }
}
