//! What an answer lacks, and what is odd about it.

use std::collections::HashMap;

use entity::codes::{Coded, Label};
use entity::ita_item;
use entity::link::State as LinkState;
use serde::Serialize;
use utoipa::ToSchema;

use super::disclosures::store::Row;
use super::proofs::Proof;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{GapKind, ItemCode, is_same_part, owner};
use crate::error::{Code, FieldError, Result};
use crate::links::Known;

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

pub fn is_broken(state: LinkState) -> bool {
    // What is too large to be checked has answered.
    ![LinkState::Good, LinkState::Unchecked, LinkState::TooLarge].contains(&state)
}

/// What an answer lacks, with what the service proves about its subject and what is known of its links.
pub fn of(row: &Row, proof: Option<&Proof>, known: &HashMap<String, Known>) -> Vec<Gap> {
    let gap = |kind, part: Option<&String>, th: String, en: String| Gap {
        kind,
        part: part.cloned(),
        message: Label { th: th.into(), en: en.into() },
    };
    let (code, answer) = (row.code(), &row.answer);
    let published = proof.and_then(|proof| proof.published.as_ref());
    if answer.disclosed == Some(false) {
        let th = format!("ข้อ {code} ตอบว่าไม่มีการเปิดเผยข้อมูล");
        return vec![gap(GapKind::Disclosure, None, th, format!("{code} is answered with no."))];
    }
    let mut gaps = Vec::new();
    match (answer.disclosed, proof) {
        // What the service publishes is disclosed.
        (None, Some(_)) if published.is_some() => {}
        (None, _) => {
            let (th, en) = (format!("ข้อ {code} ยังไม่ได้ตอบว่ามีหรือไม่มี"), format!("{code} has no answer yet: yes or no."));
            gaps.push(gap(GapKind::Answer, None, th, en));
        }
        _ => {}
    }
    if answer.links.0.is_empty() && published.is_none() {
        gaps.push(match proof {
            Some(_) => gap(
                GapKind::Publication,
                None,
                format!("ข้อ {code} ยังไม่มีที่อยู่เว็บ เพราะรายงานยังไม่เผยแพร่"),
                format!("{code} has no address: its report is not published."),
            ),
            None => gap(GapKind::Link, None, format!("ข้อ {code} ยังไม่มีที่อยู่เว็บ"), format!("{code} has no address.")),
        });
    }
    for link in &answer.links.0 {
        let Some(Known { state, reason, .. }) = known.get(&link.url).filter(|known| is_broken(known.state)) else {
            continue;
        };
        let reason = reason.clone().unwrap_or_else(|| state.label());
        let (url, th, en) = (&link.url, reason.th, reason.en);
        gaps.push(gap(GapKind::BrokenLink, None, format!("ข้อ {code} {url}: {th}"), format!("{code}: {url}: {en}")));
    }
    let parts = &row.item.required_parts.0;
    for part in parts {
        if row.shows(part) || proof.is_some_and(|proof| proof.shows(part)) {
            continue;
        }
        let reasons = proof.map(|proof| proof.reasons(part)).unwrap_or_default();
        let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(" · ")) };
        gaps.push(gap(
            GapKind::Part,
            Some(part),
            format!("ข้อ {code} ยังไม่แสดง \"{part}\"{why}"),
            format!("{code} does not show \"{part}\"{why}."),
        ));
    }
    gaps.extend(proof.into_iter().flat_map(|proof| proof.lacks_beside(parts)).map(|missing| {
        let line = missing.line();
        gap(GapKind::Part, None, format!("ข้อ {code} {line}"), format!("{code}: {line}"))
    }));
    gaps
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
    let short = |text: String| text.chars().take(1900).collect::<String>();
    let (th, en) = (format!("ข้อ {code} ปีงบประมาณ {year}: {th}"), format!("{code} of fiscal year {year}: {en}"));
    FieldError::at("/action", FieldCode::MissingPart.because(short(th), short(en)))
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
            Label {
                th: format!("ข้อ {code} ไม่ได้ถามถึง {list} ซึ่งเป็นองค์ประกอบของข้อ {other} {}", item.title).into(),
                en: format!("{code} does not ask for {list}. {other} does: {}.", item.title).into(),
            }
        }
        None => Label {
            th: format!("ข้อ {code} ไม่ได้ถามถึง {list}").into(),
            en: format!("{code} does not ask for {list}.").into(),
        },
    };
    let parts = astray.into_iter().map(str::to_owned).collect();
    Some(Misplaced { parts, belongs_to: owner.map(|item| ItemCode::stored(item.number)), message })
}
