//! Loading the municipality's own files: the agency, its units, holidays, the six-column table of measures, projects, e-services,
//! frames of reports.
//!
//! A file is loaded whole or not at all. What is there already is left as it is, so a file can be loaded twice. Errors are
//! sentences for the person who loads it.

pub(in crate::app) mod rows;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use entity::report::ReportSubject;
use entity::state::Publication;
use entity::{complaint_category, e_service, guide, holiday, ita_item, ita_year, measure, project, unit};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use self::rows::{
    Numbered, PROGRAM, add, each, each_of, listed, message, parse, record, values, with_new_codes, write,
};
use crate::agency::{self, AgencyInput};
use crate::app::document;
use crate::app::register::table::{self, Cell, Encoding};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::complaints::categories::{self, ComplaintCategoryInput};
use crate::db::Db;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::message::Language;
use crate::domain::publication::{Action, Transition};
use crate::domain::text::{folded, without_bom};
use crate::e_services::{self, EServiceInput};
use crate::guides::{self, GuideInput};
use crate::holidays::{self, HolidayInput};
use crate::http::body::Patch;
use crate::ita::items::{self, ItaItemInput};
use crate::ita::years;
use crate::measures::{self, ALL_UNITS, MeasureInput};
use crate::projects::{self, ProjectInput};
use crate::report_frames::{self, ReportFrameInput};
use crate::units::{self, UnitInput};

/// Changes the agency's particulars as far as the file states them. The units that it names are there.
pub async fn agency(db: &Arc<Db>, file: &str) -> Result<(), String> {
    let patch = Patch::of(parse(file)?);
    document::publish();
    let writing = write(db, |write| async move {
        let row = agency::store::lock(&write).await?;
        let input = patch.onto(&AgencyInput::from(&row))?;
        let row = agency::store::update(&write, row, input).await?;
        write.commit([Event::about("import", &row.agency)], ())
    });
    writing.await.map_err(|error| format!("the agency: {error}"))
}

/// Adds units; each stands after its parent. Tells how many were new.
pub async fn units(db: &Arc<Db>, file: &str) -> Result<usize, String> {
    #[derive(Deserialize)]
    struct File {
        units: Vec<Value>,
    }
    let there: HashSet<String> = values(db, unit::Entity::find(), unit::Column::Code).await?;
    let inputs = each(parse::<File>(file)?.units, |row| {
        let code = row["code"].as_str().unwrap_or_default().to_owned();
        let known = ["code", "name", "short_name", "parent"];
        let row = known.into_iter().filter_map(|name| Some((name.to_owned(), row.get(name)?.clone()))).collect();
        (!there.contains(&code)).then(|| record::<UnitInput>(&code, Value::Object(row))).transpose()
    })?;
    add(db, inputs, |write, input| {
        async move { Ok(vec![Event::about("import", &units::store::insert(write, input).await?)]) }.boxed()
    })
    .await
}

/// Adds categories of complaints. Tells how many were new.
pub async fn complaint_categories(db: &Arc<Db>, file: &str) -> Result<usize, String> {
    #[derive(Deserialize)]
    struct File {
        complaint_categories: Vec<Value>,
    }
    let rows = parse::<File>(file)?.complaint_categories;
    let inputs = with_new_codes::<ComplaintCategoryInput, _>(
        db,
        rows,
        complaint_category::Entity::find(),
        complaint_category::Column::Code,
    )
    .await?;
    add(db, inputs, |write, input| {
        async move { Ok(vec![Event::about("import", &categories::store::insert(write, input).await?)]) }.boxed()
    })
    .await
}

/// Adds holidays, from JSON or from a table as `GET /v1/holidays?format=csv` has it. Tells how many were new. The running service
/// moves what is due on one of them: it has the key to tell the people of the cases.
pub async fn holidays(db: &Arc<Db>, file: &str) -> Result<usize, String> {
    let there: HashSet<NaiveDate> = values(db, holiday::Entity::find(), holiday::Column::Date).await?;
    let is_json = without_bom(file).trim_start().starts_with('[');
    let (rows, lost) = match is_json {
        true => ((1..).zip(parse::<Vec<Value>>(file)?).collect(), Vec::new()),
        false => holidays_of_table(without_bom(file))?,
    };
    let inputs = each_of(rows, lost, |row| {
        let name = row["date"].as_str().unwrap_or_default().to_owned();
        let input: HolidayInput = record(&name, row)?;
        Ok((!there.contains(&input.date)).then_some(input))
    })?;
    add(db, inputs, |write, input| {
        async move { Ok(vec![Event::about("import", &holidays::store::insert(write, input).await?)]) }.boxed()
    })
    .await
}

/// The rows of a table of holidays by their numbers: `date`, `name_th` and, if there is one, `name_en`; and the faults of those that have
/// cells without a heading. Other columns that have headings are left out.
fn holidays_of_table(file: &str) -> Result<(Numbered<Value>, Vec<String>), String> {
    let none = |what: &str| format!("is not a table of holidays: {what}");
    let rows = table::read(file.as_bytes(), Encoding::Utf8).map_err(|error| none(&error))?;
    let ((_, headings), rows) = rows.split_first().ok_or_else(|| none("it has no rows"))?;
    let column = |name: &str| headings.iter().position(|heading| heading.text() == Some(name));
    let needed = |name: &str| column(name).ok_or_else(|| none(&format!("it has no column {name}")));
    let (date, name_th, name_en) = (needed("date")?, needed("name_th")?, column("name_en"));
    let is_headed = |column: usize| headings.get(column).is_some_and(|heading| *heading != Cell::Empty);
    let lost = |row: &(usize, Vec<Cell>)| {
        Some(format!("row {}, {}: {}", row.0, table::unheaded(row, is_headed)?, table::UNHEADED))
    };
    let holiday = |(number, cells): &(usize, Vec<Cell>)| {
        let text = |column: usize| cells.get(column).and_then(Cell::text);
        (*number, json!({ "date": text(date), "name": { "th": text(name_th), "en": name_en.and_then(text) } }))
    };
    Ok((rows.iter().map(holiday).collect(), rows.iter().filter_map(lost).collect()))
}

/// Adds a year's table of measures, as completed and published. Tells how many were new.
pub async fn measures(db: &Arc<Db>, file: &str, year: FiscalYear) -> Result<usize, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Row {
        no: i32,
        title: String,
        methods: Vec<String>,
        responsible: Vec<String>,
        period: String,
        results: Vec<String>,
        outcomes: Vec<String>,
    }
    let compared = |name: &str| folded(name).replace(' ', "");
    let names = |unit: unit::Model| {
        let short_name = unit.short_name.as_deref().map(compared);
        (unit.code, [Some(compared(&unit.name_th)), short_name])
    };
    let known = unit::Entity::find().all(db.reader()).await.map_err(message)?;
    let known: Vec<_> = known.into_iter().map(names).collect();
    let code_of = |name: &str| {
        let wanted = Some(compared(name));
        let called: Vec<_> =
            known.iter().filter(|(_, names)| names.contains(&wanted)).map(|(code, _)| &**code).collect();
        match called[..] {
            [code] => Ok(code.to_owned()),
            [] => Err(format!("no unit is called {name}; import the units first")),
            _ => Err(format!("several units are called {name}: {}", called.join(", "))),
        }
    };
    let of_the_year = measure::Entity::find()
        .filter(measure::Column::FiscalYear.eq(year.number()))
        .filter(measure::Column::Publication.ne(Publication::Unpublished));
    let there: HashSet<i32> = values(db, of_the_year, measure::Column::Number).await?;
    let inputs = each(parse(file)?, |row| {
        let row: Row = serde_json::from_value(row).map_err(|error| error.to_string())?;
        if there.contains(&row.no) {
            return Ok(None);
        }
        let all_units = row.responsible == [ALL_UNITS];
        let units = if all_units { Vec::new() } else { row.responsible };
        let units = units.iter().map(|name| code_of(name)).collect::<Result<Vec<_>, _>>()?;
        let document = json!({
            "fiscal_year": year, "number": row.no, "title": row.title, "methods": row.methods,
            "responsible": { "all_units": all_units, "units": units }, "period_text": row.period,
            "results": row.results, "outcomes": row.outcomes, "status": "completed",
        });
        record::<MeasureInput>(&format!("measure {}", row.no), document).map(Some)
    })?;
    add(db, inputs, |write, input| {
        let published = async move {
            let row = measures::store::insert(write, input).await?;
            Ok(vec![Event::about("import", &measures::store::transition(write, row, publish()).await?)])
        };
        published.boxed()
    })
    .await
}

/// Adds a year's projects and publishes them. Tells how many were new.
pub async fn projects(db: &Arc<Db>, file: &str, year: FiscalYear) -> Result<usize, String> {
    #[derive(Deserialize)]
    struct File {
        projects: Vec<Value>,
    }
    let of_the_year = project::Entity::find().filter(project::Column::FiscalYear.eq(year.number()));
    let there: HashSet<String> = values(db, of_the_year, project::Column::Title).await?;
    let measures: Vec<(i32, Uuid)> = measure::Entity::find()
        .filter(measure::Column::FiscalYear.eq(year.number()))
        .filter(measure::Column::Publication.ne(Publication::Unpublished))
        .select_only()
        .columns([measure::Column::Number, measure::Column::Id])
        .into_tuple()
        .all(db.reader())
        .await
        .map_err(message)?;
    let measures: HashMap<i64, Uuid> = measures.into_iter().map(|(no, id)| (no.into(), id)).collect();
    let inputs = each(parse::<File>(file)?.projects, |mut row| {
        let title = row["title"].as_str().unwrap_or_default().to_owned();
        row["fiscal_year"] = json!(year);
        if let Some(no) = row.as_object_mut().and_then(|row| row.remove("measure_no")) {
            let measure = no.as_i64().and_then(|no| measures.get(&no));
            let measure = measure.ok_or_else(|| format!("{title}: there is no measure {no} in {year}"))?;
            row["measure_id"] = json!(measure);
        }
        let input: ProjectInput = record(&title, row)?;
        Ok((!there.contains(&*input.title)).then_some(input))
    })?;
    add(db, inputs, |write, input| {
        let published = async move {
            let row = projects::store::insert(write, input).await?;
            Ok(vec![Event::about("import", &projects::store::transition(write, row, publish()).await?)])
        };
        published.boxed()
    })
    .await
}

/// Adds e-services, which are offered at once. Tells how many were new.
pub async fn e_services(db: &Arc<Db>, file: &str) -> Result<usize, String> {
    #[derive(Deserialize)]
    struct File {
        e_services: Vec<Value>,
    }
    let rows = parse::<File>(file)?.e_services;
    let inputs =
        with_new_codes::<EServiceInput, _>(db, rows, e_service::Entity::find(), e_service::Column::Code).await?;
    add(db, inputs, |write, input| {
        async move { Ok(e_services::store::insert(write, input).await?.events("import")) }.boxed()
    })
    .await
}

/// Adds texts for citizens and officers. Tells how many were new.
pub async fn guides(db: &Arc<Db>, file: &str) -> Result<usize, String> {
    #[derive(Deserialize)]
    struct File {
        guides: Vec<Value>,
    }
    let rows = parse::<File>(file)?.guides;
    let inputs = with_new_codes::<GuideInput, _>(db, rows, guide::Entity::find(), guide::Column::Code).await?;
    add(db, inputs, |write, input| {
        async move { Ok(vec![Event::about("import", &guides::store::insert(write, input).await?)]) }.boxed()
    })
    .await
}

/// Adds the items of the ITA in the year that the file is of, and their year. Tells how many were new; a trial run writes nothing.
pub async fn ita_items(db: &Arc<Db>, file: &str, is_trial: bool) -> Result<usize, String> {
    #[derive(Deserialize)]
    struct File {
        fiscal_year: i32,
        items: Vec<Value>,
    }
    let File { fiscal_year, items } = parse(file)?;
    let year = FiscalYear::try_from(fiscal_year).map_err(|error| format!("fiscal_year: {error}"))?;
    let of_the_year = ita_item::Entity::find().filter(ita_item::Column::FiscalYear.eq(fiscal_year));
    let there: HashSet<i32> = values(db, of_the_year, ita_item::Column::Number).await?;
    let inputs = each(items, |row| {
        let code = row["code"].as_str().unwrap_or_default().to_owned();
        let input: ItaItemInput = record(&code, row)?;
        Ok((!there.contains(&input.code.number())).then_some(input))
    })?;
    let count = inputs.len();
    let adding = db.write(&Author::program(PROGRAM), move |write| async move {
        let (mut events, mut faults) = (Vec::new(), Vec::new());
        if ita_year::Entity::find().filter(ita_year::Column::FiscalYear.eq(fiscal_year)).one(&write).await?.is_none() {
            events.push(Event::about("import", &years::insert(&write, year, None).await?));
        }
        for (number, input) in inputs {
            let code = input.code;
            match items::store::insert(&write, year, input).await {
                Ok(added) => events.extend(added.events("import")),
                Err(error) => faults.push(format!("row {number}: {code}: {}", error.localized(Language::English))),
            }
        }
        let is_written = !is_trial && faults.is_empty() && !events.is_empty();
        if is_written { write.commit(events, faults) } else { Ok(faults) }
    });
    let faults = adding.await.map_err(|error| error.localized(Language::English))?;
    if faults.is_empty() { Ok(count) } else { Err(listed(faults)) }
}

/// Sets the frame of a report, with its memo, unless something of it was set. Tells how many were new.
pub async fn report_frame(db: &Arc<Db>, file: &str, year: FiscalYear, subject: ReportSubject) -> Result<usize, String> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        memo: Value,
        report: Texts,
    }
    #[derive(Deserialize)]
    struct Texts {
        #[serde(default)]
        title: Value,
        #[serde(default)]
        opening: Value,
        #[serde(default)]
        closing: Value,
    }
    let File { mut memo, report: Texts { title, opening, closing } } = parse(file)?;
    if let Some(memo) = memo.as_object_mut() {
        // The date in print follows from the date.
        memo.shift_remove("date_printed");
        let unit = memo.shift_remove("unit");
        memo.extend(unit.map(|unit| ("from".to_owned(), unit)));
    }
    let fields = [("title", title), ("opening", opening), ("closing", closing), ("memo", memo)];
    let stated = fields.into_iter().filter(|(_, value)| !value.is_null());
    let document = stated.map(|(name, value)| (name.to_owned(), value)).collect();
    let input: ReportFrameInput = record(&subject.slug(), Value::Object(document))?;
    if report_frames::store::find(db.reader(), year, subject).await.map_err(|error| error.to_string())?.version > 0 {
        return Ok(0);
    }
    write(db, move |write| async move {
        let row = report_frames::store::lock(&write, year, subject).await?;
        let row = report_frames::store::update(&write, row, input).await?;
        write.commit([Event::about("import", &row)], ())
    })
    .await?;
    Ok(1)
}

fn publish() -> Transition {
    Transition { action: Action::Publish, reason: None }
}
