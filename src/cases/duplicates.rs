//! Duplicates: cases of one kind that are about the same matter. Each stays a case of its own, with its reporter, promises and figures;
//! one of them is the main case, and a step with it can be taken with its open duplicates as well. No reporter learns of another.

use std::collections::{BTreeMap, BTreeSet};

use entity::case_event::{self, Side};
use entity::codes::{Coded, Label};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::messages::MESSAGE;
use super::tallies::{self, TallyKey};
use super::timeline::{self, Entry};
use super::{Case, Cases};
use crate::audit_log::append::Event;
use crate::db::{Write, sql};
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::timeline::{LINK_DUPLICATE, UNLINK_DUPLICATE};
use crate::domain::workflow::{Action, way};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::etag::OptionalIfMatch;

/// Duplicates of one case: a step with all of them is one write.
const MOST: i64 = 100;

/// The case of which another is a duplicate.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "duplicate_of_id": null }))]
pub struct DuplicateInput {
    /// Id of the main case, of the same kind; null ends the link.
    #[schema(required, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub duplicate_of_id: Option<Uuid>,
}

/// Which cases a step or message is for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WithDuplicates {
    /// Do the same with each open duplicate of the case that the officer may see, or with none if one of them does not allow it.
    #[param(default = false, example = true)]
    #[serde(default)]
    pub with_duplicates: bool,
}

impl WithDuplicates {
    /// Rejects a step with several closed cases: the duplicates that it would be taken with are the open ones.
    pub fn refuse_reopening(&self, is_reopening: bool) -> Result<()> {
        if !(self.with_duplicates && is_reopening) {
            return Ok(());
        }
        let violation = FieldCode::NotForThis
            .because("นำกลับมาดำเนินการใหม่ได้ทีละเรื่อง", "must be left out: each case is reopened for itself");
        Err(FieldError::parameter("with_duplicates", violation).into())
    }
}

/// A case that can be a duplicate.
pub trait Duplicable: Case + Clone {
    const DUPLICATE_OF: <Self::Table as EntityTrait>::Column;

    fn reference(&self) -> &str;

    fn version(&self) -> i32;

    fn status(&self) -> <Self::Step as Action>::Status;

    /// The status in which a wait began that it is in.
    fn status_before(&self) -> Option<<Self::Step as Action>::Status> {
        None
    }

    fn duplicate_of(&self) -> Option<Uuid>;

    /// How many duplicates it has.
    fn duplicates_count(&self) -> i64;

    /// Where it is counted.
    fn place(&self) -> Result<TallyKey>;

    /// The unit that handles it.
    fn unit(&self) -> Option<Uuid>;

    /// The unit that it is about. No unit that handles a case of the same accused unit is that one.
    fn accused_unit(&self) -> Option<Uuid> {
        None
    }

    /// Who must not see it.
    fn recused(&self) -> &[String] {
        &[]
    }

    /// Locks what steps with several may change beside the cases and their tallies.
    fn hold(_write: &Write, _cases: &[&Self]) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// What goes with a step of the office: of an action alone, nothing.
    type Given: From<Self::Step> + Clone + Send;

    /// Takes a step of the office.
    fn takes(self, cases: &Cases, write: &Write, given: Self::Given) -> impl Future<Output = Result<Self>> + Send;

    /// Takes what the office says of it.
    fn hears(
        self,
        cases: &Cases,
        write: &Write,
        public: bool,
        text: &str,
    ) -> impl Future<Output = Result<(Self, case_event::Model)>> + Send;

    /// Saves it as a duplicate of another.
    fn linked_to(self, write: &Write, main: Option<Uuid>) -> impl Future<Output = Result<Self>> + Send;
}

/// Cases with the number of the one of which each is a duplicate, and how many duplicates it has, as two more columns.
pub fn with_links<E: EntityTrait>(
    select: Select<E>,
    (id, duplicate_of): (E::Column, E::Column),
    reference: E::Column,
) -> Select<E> {
    let case = |column: E::Column| (E::default(), column);
    let select = select.expr_as(sql::referred(reference, id, case(duplicate_of)), "duplicate_of_reference");
    select.expr_as(sql::count_of(duplicate_of, case(id)), "duplicates_count")
}

/// Links a case to the one of which it is a duplicate, or ends the link. The officer sees both cases, or ends the link of one.
pub async fn link<C: Duplicable>(
    cases: &Cases,
    write: &Write,
    (id, if_match): (Uuid, OptionalIfMatch),
    main: Option<Uuid>,
) -> Result<(C, Vec<Event>)> {
    let before = C::find(write, id, &write.author).await?;
    // What is to be changed first, as everywhere.
    if_match.check(before.version())?;
    let Some(main_id) = main.or(before.duplicate_of()) else {
        return Err(Code::IllegalTransition.because("เรื่องนี้ไม่ได้เชื่อมไว้เป็นเรื่องซ้ำ", "The case is no duplicate."));
    };
    if main_id == id {
        return Err(wrong(FieldCode::Circular.into()));
    }
    let ending = main.is_none().then_some(main_id);
    let mut locked = lock_each::<C>(write, [id, main_id].into(), |one| Some(one) == ending).await?;
    let case = locked.remove(&id).ok_or(Code::NotFound)?;
    if_match.check(case.version())?;
    let main_case = locked.remove(&main_id).ok_or_else(|| match main {
        Some(_) => wrong(FieldCode::NotFound.into()),
        None => Code::NotFound.into(),
    })?;
    let action = match main {
        Some(_) => {
            refuse_link(&case, &main_case)?;
            main_case.refuse_named(write).await?;
            main_case.needed_key(&cases.vault)?;
            LINK_DUPLICATE
        }
        None if case.duplicate_of() == Some(main_id) => UNLINK_DUPLICATE,
        // Somebody else was faster.
        None => return Err(Code::PreconditionFailed.into()),
    };
    case.refuse_named(write).await?;
    tallies::hold(write, BTreeSet::from([case.place()?, main_case.place()?])).await?;
    tell(cases, write, &case, action).await?;
    tell(cases, write, &main_case, action).await?;
    let case = case.linked_to(write, main).await?;
    let main_case = main_case.touch(write).await?;
    let events = vec![Event::about(action, &case), Event::about(action, &main_case)];
    Ok((case, events))
}

fn wrong(violation: Violation) -> Error {
    FieldError::at("/duplicate_of_id", violation).into()
}

fn refuse_link<C: Duplicable>(case: &C, main: &C) -> Result<()> {
    let illegal = |th: &'static str, en: &'static str| Err(Code::IllegalTransition.because(th, en));
    if case.duplicate_of().is_some() {
        return illegal(
            "เรื่องนี้เชื่อมไว้เป็นเรื่องซ้ำแล้ว ให้ยกเลิกการเชื่อมก่อน",
            "The case is a duplicate already: end that link first.",
        );
    }
    if case.duplicates_count() > 0 {
        return illegal(
            "เรื่องนี้มีเรื่องซ้ำที่เชื่อมไว้ จึงเป็นเรื่องซ้ำของเรื่องอื่นไม่ได้ ให้เชื่อมเรื่องซ้ำเหล่านั้นกับเรื่องหลักใหม่ก่อน",
            "The case has duplicates, so it cannot be one: link those to the other case first.",
        );
    }
    if case.is_closed() {
        return illegal(
            "เรื่องนี้สิ้นสุดแล้ว จึงเชื่อมเป็นเรื่องซ้ำไม่ได้",
            "The case is closed: only open cases are linked as duplicates.",
        );
    }
    if !same(case.recused(), main.recused()) {
        return illegal(
            "ผู้ที่ถูกกันออกจากสองเรื่องนี้ไม่ใช่คนเดียวกัน ให้เสนอกันออกจากทั้งสองเรื่องให้เหมือนกันก่อน (POST /v1/complaints/{id}/recusals)",
            "Other people are recused from the one case than from the other: propose the same recusals for both first \
             (POST /v1/complaints/{id}/recusals).",
        );
    }
    if case.unit() != main.unit() || case.accused_unit() != main.accused_unit() {
        return illegal(
            "สองเรื่องนี้ไม่ได้อยู่กับส่วนราชการเดียวกัน หรือไม่ได้ร้องเรียนส่วนราชการเดียวกัน ให้ส่งต่อหรือแก้ไขก่อน",
            "The cases are not with the same unit, or not about the same accused unit: forward or correct one first.",
        );
    }
    if main.duplicate_of().is_some() {
        return Err(wrong(FieldCode::Circular.because(
            "เรื่องที่ระบุเป็นเรื่องซ้ำของเรื่องอื่น ให้เชื่อมกับเรื่องหลักของเรื่องนั้น",
            "must not be a duplicate itself: link to the case of which it is one",
        )));
    }
    if main.duplicates_count() >= MOST {
        return Err(wrong(FieldCode::TooManyAtOnce.because(
            format!("เรื่องหลักมีเรื่องซ้ำครบ {MOST} เรื่องแล้ว"),
            format!("must be a case with fewer than {MOST} duplicates"),
        )));
    }
    Ok(())
}

fn same(one: &[String], other: &[String]) -> bool {
    one.iter().all(|name| other.contains(name)) && other.iter().all(|name| one.contains(name))
}

/// Whether the same people see both.
pub(super) fn are_seen_alike<C: Duplicable>(one: &C, other: &C) -> bool {
    let units = |case: &C| (case.unit(), case.accused_unit());
    units(one) == units(other) && same(one.recused(), other.recused())
}

/// Rejects to send a linked case to another unit: who sees it then does not see the others.
pub fn refuse_linked(case: &impl Duplicable) -> Result<()> {
    if case.duplicate_of().is_none() && case.duplicates_count() == 0 {
        return Ok(());
    }
    Err(Code::IllegalTransition.because(
        "เรื่องนี้เชื่อมกับเรื่องซ้ำอยู่ ให้ยกเลิกการเชื่อมก่อน แล้วดำเนินการกับแต่ละเรื่อง",
        "The case is linked with duplicates: end the links first, then do this with each.",
    ))
}

/// Puts the link on the timeline of one of the cases, for the office alone, unless it is destroyed. It does not name the other
/// case: who sees this one later may not see that one.
pub(super) async fn tell<C: Duplicable>(cases: &Cases, write: &Write, case: &C, action: &str) -> Result<()> {
    let Some(key) = case.key(&cases.vault)? else { return Ok(()) };
    let entry = Entry { action, side: Side::Office, public: false, status: None, text: None };
    timeline::add(write, &key, case.case_id(), entry).await.map(drop)
}

/// Locks the cases that the officer may see, in the order of their ids as all writers of several do, against deadlocks; of those
/// that `is_any` names, also what the officer does not see.
pub(super) async fn lock_each<C: Case>(
    write: &Write,
    ids: BTreeSet<Uuid>,
    is_any: impl Fn(Uuid) -> bool + Send,
) -> Result<BTreeMap<Uuid, C>> {
    let mut locked = BTreeMap::new();
    for id in ids {
        let case = if is_any(id) { C::lock_any(write, id).await } else { C::lock(write, id).await };
        match case {
            Err(error) if matches!(error.code(), Code::NotFound | Code::UnknownReceipt) => {}
            case => drop(locked.insert(id, case?)),
        }
    }
    Ok(locked)
}

/// Locks a case, and where that is wanted its open duplicates, as far as the officer may see them.
pub async fn lock<C: Duplicable>(write: &Write, id: Uuid, with: &WithDuplicates) -> Result<(C, Vec<C>)> {
    if !with.with_duplicates {
        return Ok((C::lock(write, id).await?, Vec::new()));
    }
    let linked = C::Table::find().filter(C::DUPLICATE_OF.eq(id)).filter(C::seen_by(&write.author));
    let linked = C::of(linked, write.get_database_backend()).all(write).await?;
    let ids = linked.iter().map(C::case_id).chain([id]).collect();
    let mut locked = lock_each::<C>(write, ids, |_| false).await?;
    let main = locked.remove(&id).ok_or(Code::NotFound)?;
    let is_open = |case: &C| case.duplicate_of() == Some(id) && !case.is_closed();
    let open: Vec<C> = locked.into_values().filter(is_open).collect();
    let all: Vec<&C> = open.iter().chain([&main]).collect();
    C::hold(write, &all).await?;
    tallies::hold(write, all.into_iter().map(C::place).collect::<Result<_>>()?).await?;
    Ok((main, open))
}

/// Takes a step with a case and its open duplicates. Gives the events of all.
pub async fn take<C: Duplicable>(
    cases: &Cases,
    write: &Write,
    (case, linked): (C, Vec<C>),
    (action, text): (C::Step, Option<String>),
    given: C::Given,
) -> Result<(C, Vec<Event>)> {
    let main = case.takes(cases, write, given.clone()).await?;
    let mut events = vec![Event::about(action.code(), &main)];
    for mut case in linked {
        let reference = case.reference().to_owned();
        let ways = steps(&case, &main, action)?;
        // One that is there already has not heard this.
        if let Some(text) = text.as_deref().filter(|_| ways.is_empty() && action.is_public()) {
            let heard = case.hears(cases, write, true, text).await;
            events.push(Event::about(MESSAGE, &heard.map_err(|error| of(&reference, error))?.0));
            continue;
        }
        for way in ways {
            let given = if way.code() == action.code() { given.clone() } else { way.into() };
            case = case.takes(cases, write, given).await.map_err(|error| of(&reference, error))?;
            events.push(Event::about(way.code(), &case));
        }
    }
    Ok((main, events))
}

/// Says something about a case and its open duplicates. Gives what the case was told, and the events of all.
pub async fn say<C: Duplicable>(
    cases: &Cases,
    write: &Write,
    (case, linked): (C, Vec<C>),
    (public, text): (bool, &str),
) -> Result<(C, case_event::Model, Vec<Event>)> {
    let (main, event) = case.hears(cases, write, public, text).await?;
    let mut events = vec![Event::about(MESSAGE, &main)];
    for case in linked {
        let reference = case.reference().to_owned();
        let heard = case.hears(cases, write, public, text).await;
        events.push(Event::about(MESSAGE, &heard.map_err(|error| of(&reference, error))?.0));
    }
    Ok((main, event, events))
}

/// The steps that a duplicate takes with the main case: those that lead to the step, and the step itself. None where it is already in
/// the status that the step has led to.
fn steps<C: Duplicable>(case: &C, main: &C, action: C::Step) -> Result<Vec<C::Step>> {
    let status = case.status();
    match way((status, case.status_before()), action) {
        Some(steps) => Ok(steps),
        None if status.code() == main.status().code() => Ok(Vec::new()),
        None => {
            let (action, status) = (action.label(), status.label());
            Err(of(
                case.reference(),
                Code::IllegalTransition.because(
                    format!("อยู่ในสถานะ \"{}\" จึงทำขั้นตอน \"{}\" ไม่ได้", status.th, action.th),
                    format!("it is \"{}\", where \"{}\" is not possible", status.en, action.en),
                ),
            ))
        }
    }
}

/// An error about one of the duplicates, with its number.
fn of(reference: &str, error: Error) -> Error {
    if error.code().status() >= 500 {
        return error;
    }
    let message = error.errors().first().map_or_else(|| error.message(), |error| error.message.clone());
    let case = Label::named(format!("เรื่องซ้ำ {reference}"), Some(format!("duplicate {reference}")));
    let violation = Violation { code: FieldCode::IllegalTransition, message: message.named(&case) };
    Code::IllegalTransition.with(vec![FieldError::parameter("with_duplicates", violation)])
}
