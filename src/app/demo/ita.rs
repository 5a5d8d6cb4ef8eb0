//! The ITA of the sample year as far as a municipality is in April: one report is signed and published, some answers are ready, one
//! lacks a part, and one has a link that does not work.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use entity::account;
use entity::codes::Coded;
use entity::report::ReportSubject;
use ipnet::IpNet;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::app::checked;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::auth::scope::Role;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{Action, ItemCode};
use crate::error::{Error, Result};
use crate::fetch::FetchSettings;
use crate::ita::disclosures::store;
use crate::links;
use crate::posts::{self, PostInput};
use crate::publications;
use crate::state::{App, State};

/// The user who signs beside those of the roles.
pub const CLERK: &str = "clerk";

/// Who signs the report: the user of the demonstration, their roles, and the post of the memo that they hold.
const SIGNERS: [(&str, Role, &str); 3] = [
    ("editor", Role::Editor, "หัวหน้าฝ่ายแผนงานและงบประมาณ"),
    (CLERK, Role::Approver, "ปลัดเทศบาลเมืองชัยนาท"),
    ("approver", Role::Approver, "นายกเทศมนตรีเมืองชัยนาท"),
];

/// Links are checked on this machine, where the demonstration's own are.
pub fn link_check() -> FetchSettings {
    FetchSettings { allowed: vec![IpNet::from(IpAddr::V4(Ipv4Addr::LOCALHOST))], ..FetchSettings::default() }
}

/// Checks the links as soon as the demonstration answers, and not after some minutes.
pub fn check_links(app: State) {
    actix_web::rt::spawn(async move {
        actix_web::rt::time::sleep(Duration::from_secs(1)).await;
        if let Err(error) = links::job::run(&app).await {
            tracing::warn!(%error, "the links were not checked");
        }
    });
}

/// Publishes the report and writes the answers, unless that was done before.
pub async fn prepare(app: &App, year: FiscalYear, address: &str) -> Result<()> {
    const REPORT: ReportSubject = ReportSubject::IntegrityMeasuresReport;
    if publications::store::latest(app.db.reader(), year, REPORT).await?.is_some() {
        return Ok(());
    }
    let mut signers = Vec::new();
    for (login, role, post) in SIGNERS {
        let found = account::Entity::find().filter(account::Column::Login.eq(login)).one(app.db.reader()).await?;
        let id = found.ok_or_else(|| Error::internal(format!("there is no user {login}")))?.id;
        let input: PostInput = checked(json!({ "name": { "th": post }, "holders": [id] }))?;
        let adding = app.db.write(&Author::program("demo"), |write| async move {
            let row = posts::store::insert(&write, input).await?;
            write.commit([Event::about("create", &row)], ())
        });
        adding.await?;
        signers.push(Author::new(id.to_string(), role.name()));
    }
    publications::publish(&app.db, year, REPORT, &signers).await?;
    let link = |title: &str, path: &str| json!([{ "title": title, "url": format!("{address}{path}") }]);
    let part = |part: &str| json!({ "part": part, "link": 1 });
    let report = "/v1/reports/anti-corruption-report?fiscal_year=2567&format=html";
    let plan = "/v1/reports/integrity-measures?fiscal_year=2567&format=html";
    let parts = ["ผลการดำเนินการแต่ละโครงการ/กิจกรรม", "รายละเอียดงบประมาณที่ใช้ดำเนินการแต่ละโครงการ/กิจกรรม", "ปัญหา/อุปสรรค"];
    for (code, is_ready, answer) in [
        (1, true, json!({ "disclosed": true, "links": link("โครงสร้างส่วนราชการ", "/v1/units") })),
        (3, true, json!({ "disclosed": true, "links": link("อำนาจหน้าที่ของเทศบาล", "/v1/agency") })),
        (
            26,
            false,
            json!({ "disclosed": true, "links": link("ประกาศ No Gift Policy", "/documents/no-gift-policy-2567.pdf") }),
        ),
        (
            33,
            false,
            json!({
                "disclosed": true, "links": link("รายงานผลการป้องกันการทุจริต", report), "parts": parts.map(part),
            }),
        ),
        (34, true, json!({ "disclosed": true, "links": link("มาตรการส่งเสริมคุณธรรมและความโปร่งใส", plan) })),
        // The item asks for the report of the year before.
        (35, false, json!({ "disclosed": true })),
    ] {
        write(app, (year, ItemCode::stored(code)), answer, is_ready).await?;
    }
    Ok(())
}

/// Writes an answer; one that is ready is reviewed and completed.
async fn write(app: &App, place: (FiscalYear, ItemCode), answer: Value, is_ready: bool) -> Result<()> {
    let input = checked(answer)?;
    let public_url = app.site.public_url.clone();
    let writing = app.db.write(&Author::program("demo"), move |write| async move {
        let mut row = store::lock(&write, place).await?;
        row = store::update(&write, row, input).await?;
        let mut events = vec![Event::about("update", &row)];
        for action in [Action::Review, Action::Complete].into_iter().filter(|_| is_ready) {
            row = store::transition(&write, row, action, &public_url).await?;
            events.push(Event::about(action.code(), &row));
        }
        write.commit(events, ())
    });
    writing.await
}
