//! A month of an office, whose every promise and figure a model has as well.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use prongsai::auth::scope::Role;
use serde_json::json;

use crate::audit::verified;
use crate::support::spawn_unused_at;

const BOTH: [Role; 2] = [Role::ComplaintOfficer, Role::ServiceOfficer];

#[tokio::test]
async fn a_month_of_an_office_is_what_a_model_has() {
    let service = spawn_unused_at("2026-12-01T02:00:00Z".parse().unwrap()).await;
    service
        .record_from(json!({ "integrity": "2026-12-01", "general": "2026-12-01", "service_requests": "2026-12-01" }))
        .await;
    let (mut ids, mut tokens) = (json!({}), json!({}));
    for login in ["first", "second", "third"] {
        let officer = service.person(login, &BOTH, &[]).await;
        (ids[login], tokens[login]) = (officer.id.into(), officer.token.into());
    }
    tokens["admin"] = service.token(Role::Admin).into();
    tokens["auditor"] = service.token(Role::Auditor).into();
    let setup = json!({ "address": service.address, "seed": 2570, "ids": ids, "tokens": tokens });
    let file = service.folder.path().join("setup.json");
    std::fs::write(&file, setup.to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/month.py");
    let db = service.db().clone();
    let run = move || {
        let mut model = Command::new("python3");
        let mut model = model.arg(script).arg(file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut clock_is_set = model.stdin.take().unwrap();
        for time in BufReader::new(model.stdout.take().unwrap()).lines() {
            db.clock.set(time.unwrap().parse().unwrap());
            writeln!(clock_is_set).unwrap();
        }
        assert!(model.wait().unwrap().success(), "the service and the model differ");
    };
    tokio::task::spawn_blocking(run).await.unwrap();
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}
