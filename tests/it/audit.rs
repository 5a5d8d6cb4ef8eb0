//! The audit log: what stands in it, and that no change of it goes unseen. Each tampering is verified twice, by our verifier and
//! by docs/verify_audit.py, which has nothing in common with it.

use std::collections::HashMap;
use std::io::{BufReader, Read};
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::join_all;
use prongsai::audit::report::Outcome;
use prongsai::audit::{export, store, verify};
use prongsai::audit_log::append::Event;
use prongsai::audit_log::author::Author;
use prongsai::audit_log::checkpoint::Checkpoint;
use prongsai::audit_log::names;
use prongsai::audit_log::{AuditLog, Broken};
use prongsai::auth::scope::Role;
use prongsai::crypto::keys::SigningKey;
use prongsai::crypto::signed_note::Verifier;
use prongsai::domain::merkle;
use prongsai::domain::merkle::{Edge, Hash, Place};
use prongsai::revisions::Resource;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use crate::support::ask::{Ask, Operation};
use crate::support::samples::{complaint, holiday, measure, named_complaint, unit};
use crate::support::{Service, audit_key, faults, on_postgres, spawn, spawn_filled};

impl Service {
    fn auditor(&self) -> String {
        self.token(Role::Auditor)
    }

    async fn checkpoint(&self) -> String {
        self.get("/v1/audit/checkpoint").token(&self.auditor()).send().await.expect(200).text()
    }

    /// Signs the log and stores the checkpoint.
    pub async fn sign(&self) {
        store::sign(self.db(), &self.app.audit, None).await.unwrap().unwrap();
    }

    pub async fn export(&self) -> String {
        let mut text = String::new();
        export::to_file(self.db(), "prongsai", self.app.audit.records)
            .await
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    /// Changes the database behind the service's back, triggers or not.
    pub async fn tamper(&self, sql: &[&str]) {
        let direct = Database::connect(&self.database_url).await.unwrap();
        for table in ["audit_event", "audit_node", "audit_checkpoint"] {
            let triggers = if on_postgres() {
                vec![format!("DROP TRIGGER IF EXISTS {table}_append_only ON {table}")]
            } else {
                ["UPDATE", "DELETE"].map(|change| format!("DROP TRIGGER IF EXISTS {table}_no_{change}")).to_vec()
            };
            for trigger in triggers {
                direct.execute_unprepared(&trigger).await.unwrap();
            }
        }
        for sql in sql {
            direct.execute_unprepared(sql).await.unwrap();
        }
    }
}

/// What both verifiers find in an export, which must be the same.
pub fn verified(export: &str, since: Option<&str>) -> Vec<String> {
    judged(export, since, &Verifier::of(&audit_key(), "prongsai")).places
}

/// What both verifiers say of an export.
pub struct Judgement {
    pub outcome: Outcome,
    /// Where something is wrong.
    pub places: Vec<String>,
    /// Published figures that are not those of the log.
    pub false_figures: Vec<String>,
    /// The cases that retention destroyed.
    pub destroyed: Vec<String>,
    /// The restores that the log acknowledges.
    pub restores: Vec<String>,
}

/// Asks both verifiers, which must say the same.
pub fn judged(export: &str, since: Option<&str>, key: &Verifier) -> Judgement {
    let checkpoint = since.map(|note| Checkpoint::open(note, key).unwrap());
    let report = verify::verify(BufReader::new(export.as_bytes()), key, checkpoint.as_ref()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let mut python = Command::new("python3");
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify_audit.py")).arg(file("export", export));
    python.arg("--key").arg(file("key", &key.text()));
    if let Some(since) = since {
        python.arg("--since").arg(file("since", since));
    }
    let output = python.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let places = |findings: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        let mut places: Vec<_> = findings.map(|line| line.split(": ").next().unwrap().to_owned()).collect();
        places.sort();
        places.dedup();
        places
    };
    let ours = places(&mut report.findings.iter().map(String::as_str));
    let lines: Vec<&str> = told.lines().collect();
    let (last, lines) = lines.split_last().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let is_told = |line: &&str| line.starts_with("destroyed 20") || line.starts_with("restored at ");
    let (told_besides, findings): (Vec<&str>, Vec<&str>) = lines.iter().copied().partition(is_told);
    let theirs = places(&mut findings.into_iter());
    assert_eq!(ours, theirs, "{:#?}\n{told}", report.findings);
    // Of figures they say the same in the same words.
    let figures = |findings: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        let mut figures: Vec<_> = findings.filter(|line| line.contains("the log has")).map(str::to_owned).collect();
        figures.sort();
        figures
    };
    let false_figures = figures(&mut report.findings.iter().map(String::as_str));
    assert_eq!(false_figures, figures(&mut told.lines()));
    assert_eq!([&report.destroyed[..], &report.restores[..]].concat(), told_besides);
    let status = match report.outcome() {
        Outcome::Ok => 0,
        Outcome::Failed => 1,
        Outcome::Restored => 3,
    };
    assert_eq!(output.status.code(), Some(status), "{told}");
    if ours.is_empty() {
        assert_eq!(report.summary(), *last);
    }
    Judgement {
        outcome: report.outcome(),
        places: ours,
        false_figures,
        destroyed: report.destroyed,
        restores: report.restores,
    }
}

/// A log of eleven events, signed, and the checkpoint that an auditor has kept.
async fn logged() -> (Service, String) {
    let service = spawn().await;
    service.create("/v1/units", &unit("legal", "งานนิติการ")).await;
    for no in 1..=3 {
        service.publish("/v1/measures", &measure(2567, no)).await;
    }
    let first = service.all("/v1/measures").await[0]["id"].as_str().unwrap().to_owned();
    service.change(&format!("/v1/measures/{first}"), &json!({ "topic": 1 })).await;
    let draft = service.create("/v1/measures", &measure(2567, 4)).await;
    let draft = format!("/v1/measures/{}", draft["id"].as_str().unwrap());
    service.delete(&draft).token(&service.token(Role::Editor)).header("If-Match", "*").send().await.expect(204);
    service.sign().await;
    let checkpoint = service.checkpoint().await;
    (service, checkpoint)
}

#[tokio::test]
async fn an_untouched_log_passes_both_verifiers() {
    let (service, checkpoint) = logged().await;
    assert_eq!(verified(&service.export().await, Some(&checkpoint)), Vec::<String>::new());
    let exported = service.get("/v1/audit/export").token(&service.auditor()).send().await.expect(200);
    assert!(exported.header("content-disposition").contains("audit-"));
    // That it was exported is part of it.
    assert!(exported.text().contains("\\\"action\\\":\\\"export\\\""));
    assert_eq!(verified(&exported.text(), Some(&checkpoint)), Vec::<String>::new());
}

#[tokio::test]
async fn every_record_of_the_demonstration_is_as_the_log_has_it() {
    let service = spawn_filled().await;
    service.token_of_a_person().await;
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn every_tampering_is_reported_with_its_place() {
    for (what, sql, place) in [
        ("an edited leaf", &["UPDATE audit_event SET actor = 'nobody' WHERE seq = 3"][..], "event 3"),
        (
            "an edited leaf and its hash",
            &["UPDATE audit_event SET hash = (SELECT hash FROM audit_event WHERE seq = 4) WHERE seq = 3"],
            "event 3",
        ),
        (
            "an edited detail",
            &["UPDATE audit_detail SET text = '{\"at\":\"2026-11-25T00:00:00Z\",\"document\":null}' WHERE seq = 3"],
            "event 3",
        ),
        ("a record and not its leaf", &["UPDATE measure SET title = 'ก' WHERE number = 2"], "record measures"),
        (
            "a record that nobody has created",
            &[
                "INSERT INTO unit (id, code, name_th, version, created_at, updated_at) SELECT id, 'x', 'x', 1, created_at, created_at FROM measure WHERE number = 2",
            ],
            "record units",
        ),
        ("a record that nobody has deleted", &["DELETE FROM measure WHERE number = 3"], "record measures"),
        (
            "a record that was removed with what was said of it",
            &["DELETE FROM audit_detail WHERE seq = 7", "DELETE FROM measure WHERE number = 3"],
            "record measures",
        ),
        (
            "a deletion from the middle",
            &["DELETE FROM audit_detail WHERE seq = 3", "DELETE FROM audit_event WHERE seq = 3"],
            "event 4",
        ),
        (
            "a deletion from the end",
            &["DELETE FROM audit_detail WHERE seq = 10", "DELETE FROM audit_event WHERE seq = 10"],
            "size",
        ),
        (
            "two that were swapped",
            &[
                "DELETE FROM audit_detail WHERE seq IN (3, 4)",
                "UPDATE audit_event SET seq = -1 WHERE seq = 3",
                "UPDATE audit_event SET seq = 3 WHERE seq = 4",
                "UPDATE audit_event SET seq = 4 WHERE seq = -1",
            ],
            "event 3",
        ),
        (
            "one that was inserted",
            &[
                "DELETE FROM audit_detail",
                "UPDATE audit_event SET seq = -seq - 1 WHERE seq >= 4",
                "UPDATE audit_event SET seq = -seq WHERE seq < 0",
                "INSERT INTO audit_event SELECT 4, hour, action, resource, record_id, role, actor, commitment, hash FROM audit_event WHERE seq = 3",
                "UPDATE audit_head SET size = size + 1",
            ],
            "event 4",
        ),
        (
            "a node that was replaced",
            &[
                "UPDATE audit_node SET hash = (SELECT hash FROM audit_event WHERE seq = 0) WHERE level = 2 AND position = 1",
            ],
            "node 2/1",
        ),
        ("a node that is gone", &["DELETE FROM audit_node WHERE level = 1 AND position = 2"], "node 1/2"),
        (
            "a checkpoint that was edited",
            &["UPDATE audit_checkpoint SET note = replace(note, '\n11\n', '\n9\n') WHERE size = 11"],
            "checkpoint 9",
        ),
    ] {
        let (service, checkpoint) = logged().await;
        service.tamper(sql).await;
        let places = verified(&service.export().await, Some(&checkpoint));
        assert!(places.iter().any(|found| found.starts_with(place)), "{what}: {places:?}");
    }
}

#[tokio::test]
async fn a_log_that_was_cut_or_written_anew_with_the_true_key_is_found_by_the_checkpoint_that_was_kept() {
    let (service, _) = logged().await;
    let old = service.export().await;
    service.create("/v1/measures", &measure(2567, 9)).await;
    let kept = service.checkpoint().await;
    // Everything of before is whole, signed, and older than what the auditor has.
    assert_eq!(verified(&old, None), Vec::<String>::new());
    assert_eq!(verified(&old, Some(&kept)), ["since 12"]);
    // The same number of events, all signed with the true key, but not those of then.
    let (anew, _) = logged().await;
    anew.create("/v1/measures", &measure(2567, 9)).await;
    anew.sign().await;
    let anew = anew.export().await;
    assert_eq!(verified(&anew, None), Vec::<String>::new());
    assert_eq!(verified(&anew, Some(&kept)), ["since 12"]);
}

#[tokio::test]
async fn a_checkpoint_that_is_damaged_is_found_in_the_same_place_by_both_verifiers() {
    let (service, _) = logged().await;
    let export = service.export().await;
    let line = export.lines().rfind(|line| line.contains(r#""kind":"checkpoint""#)).unwrap();
    let number = export.lines().position(|each| each == line).unwrap() + 1;
    let note = serde_json::from_str::<Value>(line).unwrap()["note"].as_str().unwrap().to_owned();
    let parts: Vec<&str> = note.lines().collect();
    let [origin, size, root, "", signature] = parts[..] else { panic!("{note}") };
    let unreadable = format!("line {number}");
    for (damaged, place) in [
        // A text that is none of a checkpoint.
        (note.replace(root, &root[1..]), &*unreadable),
        (note.replace(root, root.trim_end_matches('=')), &unreadable),
        (note.replace(&format!("\n{size}\n"), "\n011\n"), &unreadable),
        (note.replace(&format!("\n{size}\n"), "\n9223372036854775808\n"), &unreadable),
        (note.replace(&format!("\n{size}\n"), "\n11\r\n"), &unreadable),
        (note.replacen(origin, "", 1), &unreadable),
        // One that is not a signed note.
        (note.replace("\n\n", "\n"), &unreadable),
        (note.trim_end().to_owned(), &unreadable),
        (format!("{note}witness\n"), &unreadable),
        (note.replace('\u{2014}', "-"), &unreadable),
        (String::new(), &unreadable),
        // One that another key has signed, or nobody.
        (note.replace(&format!("\n{size}\n"), "\n9\n"), "checkpoint 9"),
        (note.replace(&format!("\n{size}\n"), "\n9223372036854775807\n"), "checkpoint 9223372036854775807"),
        (note.replace(signature, &signature[..signature.len() - 4]), "checkpoint 11"),
        (note.replace(signature, "\u{2014} witness AAAA"), "checkpoint 11"),
    ] {
        let damaged = json!({ "kind": "checkpoint", "note": damaged }).to_string();
        // A good one stands after it, which the damaged one must not make wrong.
        for with in [damaged.clone(), format!("{damaged}\n{line}")] {
            assert_eq!(verified(&export.replace(line, &with), None), [place], "{damaged}");
        }
    }
}

#[test]
fn what_is_no_export_does_not_pass() {
    for text in ["", "{}\n", "nonsense\n", "{\"kind\":\"event\"}\n"] {
        assert_eq!(verified(text, None), ["line 1"], "{text}");
    }
}

#[tokio::test]
async fn a_detail_is_missing_only_where_its_record_was_destroyed() {
    let (service, checkpoint) = logged().await;
    let changed = "UPDATE measure SET title = 'ก' WHERE number = 2";
    for (sql, places) in [
        // A record that was changed, with all that was said of it.
        (
            &[changed, "DELETE FROM audit_detail WHERE seq IN (4, 5)"][..],
            &["event 4", "event 5", "record measures"][..],
        ),
        // One that was deleted: its history stays.
        (&["DELETE FROM audit_detail WHERE seq = 9"], &["event 9"]),
        // An event about no record.
        (&["DELETE FROM audit_detail WHERE seq = 0"], &["event 0", "record agency"]),
    ] {
        service.tamper(sql).await;
        for since in [None, Some(&*checkpoint)] {
            let found = verified(&service.export().await, since);
            for place in places {
                assert!(found.iter().any(|found| found.starts_with(place)), "{place}: {found:?}");
            }
        }
    }
}

/// An export in which an event of this action has lost its detail.
pub fn without_detail(export: &str, action: &str) -> String {
    let line = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if line["leaf"].as_str().is_some_and(|leaf| leaf.contains(&format!("\"action\":\"{action}\""))) {
            (line["salt"], line["detail"]) = (Value::Null, Value::Null);
        }
        format!("{line}\n")
    };
    export.lines().map(line).collect()
}

#[tokio::test]
async fn a_figure_that_was_changed_with_the_last_detail_about_it_is_found_by_both_verifiers() {
    let service = spawn_filled().await;
    service.sign().await;
    let checkpoint = service.checkpoint().await;
    let export = service.export().await;
    let spent = |line: &&str| line.contains(r#""kind":"record","resource":"projects""#) && line.contains("7645000");
    let record = export.lines().find(spent).unwrap();
    let id = serde_json::from_str::<Value>(record).unwrap()["record"].as_str().unwrap().to_owned();
    let changed = export.replace(record, &record.replace("7645000", "1"));
    let last = changed.lines().rfind(|line| line.contains(r#""kind":"event""#) && line.contains(&id)).unwrap();
    let mut erased: Value = serde_json::from_str(last).unwrap();
    (erased["salt"], erased["detail"]) = (Value::Null, Value::Null);
    let event = format!("event {}", erased["seq"]);
    let changed = changed.replace(last, &erased.to_string());
    for since in [None, Some(&*checkpoint)] {
        assert_eq!(verified(&export, since), Vec::<String>::new());
        assert_eq!(verified(&changed, since), [event.clone(), format!("record projects {id}")]);
    }
}

#[tokio::test]
async fn events_are_found_by_the_name_of_every_resource() {
    let service = spawn_filled().await;
    let export = service.export().await;
    let mut found = 0;
    for name in names::kinds().map(|kind| kind.code) {
        let path = format!("/v1/audit/events?resource={name}&limit=1&include_total=true");
        let page = service.get(&path).token(&service.auditor()).send().await.expect(200).json();
        let logged = export.matches(&format!("\\\"resource\\\":\\\"{name}\\\"")).count();
        assert_eq!(page["page"]["total"], logged, "{name}");
        found += logged;
    }
    assert_eq!(found, export.matches(r#""kind":"event""#).count());
}

#[tokio::test]
async fn a_service_on_a_log_that_was_changed_reads_and_does_not_write() {
    for sql in [
        &["DELETE FROM audit_detail WHERE seq = 10", "DELETE FROM audit_event WHERE seq = 10"][..],
        &["UPDATE audit_node SET hash = (SELECT hash FROM audit_event WHERE seq = 0) WHERE level = 3"],
        &["UPDATE audit_head SET size = 4"],
        &["UPDATE audit_checkpoint SET note = replace(note, 'prongsai', 'other')"],
    ] {
        let (service, _) = logged().await;
        service.tamper(sql).await;
        let restarted = service.sibling().await;
        restarted.get("/v1/measures").send().await.expect(200);
        let refused = restarted.post("/v1/measures").token(&service.token(Role::Editor)).json(&measure(2567, 8)).send();
        refused.await.problem(503, "log_broken");
    }
}

#[tokio::test]
async fn what_was_rewritten_in_the_middle_is_found_soon_after_the_start() {
    let (service, _) = logged().await;
    service.tamper(&["UPDATE audit_event SET actor = 'nobody' WHERE seq = 3"]).await;
    let restarted = service.sibling().await;
    for _ in 0..50 {
        if restarted.get("/health/ready").send().await.expect(200).json()["status"] == "read_only" {
            restarted.get("/v1/audit/checkpoint").token(&service.auditor()).send().await.problem(503, "log_broken");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it was not found");
}

#[tokio::test]
async fn another_key_or_name_signs_nothing_and_neither_does_the_right_one_what_was_rewritten() {
    let (service, _) = logged().await;
    service.create("/v1/measures", &measure(2567, 9)).await;
    let sign = async |key: SigningKey, origin: &str| {
        let log = AuditLog::new(key, origin.to_owned(), None, Default::default(), service.app.audit.records);
        store::sign(service.db(), &log, None).await.unwrap().map(drop)
    };
    let stranger = SigningKey::generate(prongsai::db::machine_now()).unwrap();
    assert!(matches!(sign(stranger, "prongsai").await, Err(Broken::Changed(_))));
    assert!(matches!(sign(audit_key(), "other").await, Err(Broken::Changed(_))));
    assert_eq!(sign(audit_key(), "prongsai").await, Ok(()));
    let replaced = "UPDATE audit_node SET hash = (SELECT hash FROM audit_event WHERE seq = 0) WHERE level = 3";
    service.tamper(&[replaced]).await;
    assert!(matches!(sign(audit_key(), "prongsai").await, Err(Broken::Changed(_))));
}

#[tokio::test]
async fn a_fault_in_the_log_fails_the_write() {
    let service = spawn().await;
    service.tamper(&["UPDATE audit_head SET size = 3"]).await;
    let token = service.token(Role::Editor);
    service.post("/v1/measures").token(&token).json(&measure(2567, 1)).send().await.problem(503, "log_broken");
    assert!(service.all("/v1/measures").await.is_empty());
    let drafts = service.get("/v1/measures").token(&token).send().await.json();
    assert_eq!(drafts["items"], json!([]));
}

#[tokio::test]
async fn events_are_found_by_record_actor_action_and_time() {
    let (service, _) = logged().await;
    let auditor = service.auditor();
    let get = async |query: &str| {
        let page = service.get(&format!("/v1/audit/events?{query}")).token(&auditor).send().await.expect(200).json();
        page["items"].as_array().unwrap().clone()
    };
    let all = get("").await;
    assert_eq!(all.len(), 11);
    let measure = all.iter().find(|event| event["action"] == "publish").unwrap()["record_id"].as_str().unwrap();
    let actions: Vec<_> = get(&format!("record_id={measure}")).await.iter().map(|it| it["action"].clone()).collect();
    assert_eq!(actions, ["publish", "create"]);
    assert_eq!(get("action=delete&resource=measures").await.len(), 1);
    assert_eq!(get("actor_id=tester").await.len(), 10);
    assert_eq!(get("actor_id=migrate").await.len(), 1);
    let at = all[0]["occurred_at"].as_str().unwrap();
    assert_eq!(get(&format!("actor_id=tester&occurred_from={at}&occurred_to={at}")).await.len(), 10);
    assert_eq!(get("occurred_to=2020-01-01T00:00:00Z").await.len(), 0);
    assert_eq!(get("occurred_from=2299-01-01T00:00:00Z").await.len(), 0);
    let csv = service.get("/v1/audit/events?format=csv").token(&auditor).send().await.expect(200);
    assert_eq!(csv.text().lines().count(), 12);
    let page = service.get("/v1/audit/events?limit=4&include_total=true").token(&auditor).send().await.json();
    assert_eq!(page["page"]["total"], 11);
    let next = page["page"]["next"].as_str().unwrap();
    let more = service.get(next).token(&auditor).send().await.expect(200).json();
    assert_eq!(more["items"][0]["seq"], 6);
}

#[tokio::test]
async fn the_public_checkpoint_does_not_move_with_each_event() {
    let (service, fresh) = logged().await;
    let public = service.get("/v1/audit/checkpoint").send().await.expect(200).text();
    assert!(public.starts_with("prongsai\n0\n") && fresh.starts_with("prongsai\n11\n"), "{public}{fresh}");
    let yesterday = if on_postgres() { "now() - interval '2 days'" } else { "'2020-01-01T00:00:00+00:00'" };
    service.tamper(&[&format!("UPDATE audit_checkpoint SET signed_at = {yesterday}")]).await;
    assert_eq!(service.get("/v1/audit/checkpoint").send().await.expect(200).text(), fresh);
}

fn hash(text: &Value) -> Hash {
    BASE64_STANDARD.decode(text.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn theirs(hash: Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash)
}

#[tokio::test]
async fn proofs_are_checked_by_the_library_of_somebody_else() {
    let (service, _) = logged().await;
    let key = Verifier::of(&audit_key(), "prongsai");
    let prove =
        async |query: String| service.get(&format!("/v1/audit/proofs?{query}")).token(&service.auditor()).send().await;
    for to in 1..=11_u64 {
        for event in 0..to {
            let proof = prove(format!("seq={event}&tree_size={to}")).await.expect(200).json();
            let checkpoint = Checkpoint::open(proof["checkpoint"].as_str().unwrap(), &key).unwrap();
            assert_eq!(checkpoint.size, to);
            let hashes = proof["hashes"].as_array().unwrap().iter().map(|it| theirs(hash(it))).collect();
            let leaf = tlog_tiles::record_hash(proof["leaf"].as_str().unwrap().as_bytes());
            tlog_tiles::check_record(&hashes, to, theirs(checkpoint.root), event, leaf).unwrap();
        }
        for from in 1..=to {
            let roots = [from, to].map(|size| prove(format!("tree_size={size}")));
            let roots: Vec<_> = join_all(roots).await.into_iter().map(|it| it.expect(200).json()).collect();
            let root = |index: usize| {
                theirs(Checkpoint::open(roots[index]["checkpoint"].as_str().unwrap(), &key).unwrap().root)
            };
            let proof = prove(format!("first_size={from}&tree_size={to}")).await.expect(200).json();
            let hashes = proof["hashes"].as_array().unwrap().iter().map(|it| theirs(hash(it))).collect();
            tlog_tiles::check_tree(&hashes, to, root(1), from, root(0)).unwrap();
        }
    }
    for (query, place) in [
        ("tree_size=12", "tree_size"),
        ("seq=11", "seq"),
        ("first_size=4&tree_size=3", "first_size"),
        ("seq=1&first_size=1", "first_size"),
        ("seq=0&tree_size=0", "seq"),
    ] {
        let problem = prove(query.to_owned()).await.problem(400, "invalid_parameter");
        assert_eq!(faults(&problem)[0].0, place, "{query}");
    }
}

#[test]
fn random_trees_of_up_to_ten_thousand_leaves_agree_with_the_library_of_somebody_else() {
    use tlog_tiles::{Hash as Theirs, HashReader};

    struct Stored(Vec<Theirs>);
    impl HashReader for Stored {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Theirs>, tlog_tiles::Error> {
            Ok(indexes.iter().map(|index| self.0[*index as usize]).collect())
        }
    }

    const SIZE: u64 = 10_000;
    let (mut edge, mut stored) = (Edge::default(), Stored(Vec::new()));
    let mut nodes: HashMap<(u32, u64), Hash> = HashMap::new();
    let mut roots = vec![edge.root()];
    for number in 0..SIZE {
        let text = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &number.to_be_bytes());
        let leaf = merkle::leaf(text.as_ref());
        let more = tlog_tiles::stored_hashes(number, text.as_ref(), &stored).unwrap();
        stored.0.extend(more);
        nodes.insert((0, number), leaf);
        nodes.extend(edge.add(leaf).into_iter().map(|(place, hash)| ((place.level, place.index), hash)));
        roots.push(edge.root());
    }
    let folded = |part: &Vec<Place>| {
        let hashes: Vec<Hash> = part.iter().map(|place| nodes[&(place.level, place.index)]).collect();
        Theirs(merkle::folded(&hashes))
    };
    // A fixed walk over sizes that are like nothing in particular, and the edges.
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let sizes = (1..=70).chain([127, 128, 129, 4095, 4096, 4097, SIZE]).map(Some);
    for size in sizes.chain([None; 300]) {
        let size = size.unwrap_or_else(|| 1 + next(SIZE));
        let root = Theirs(roots[size as usize]);
        assert_eq!(root.0, tlog_tiles::tree_hash(size, &stored).unwrap().0, "{size}");
        let (leaf, from) = (next(size), 1 + next(size));
        let inclusion: Vec<_> = merkle::inclusion(leaf, size).iter().map(folded).collect();
        tlog_tiles::check_record(&inclusion, size, root, leaf, Theirs(nodes[&(0, leaf)])).unwrap();
        let consistency: Vec<_> = merkle::consistency(from, size).iter().map(folded).collect();
        tlog_tiles::check_tree(&consistency, size, root, from, Theirs(roots[from as usize])).unwrap();
    }
}

#[tokio::test]
async fn fifty_writers_of_two_processes_make_one_log() {
    let service = spawn().await;
    let other = service.sibling().await;
    let token = service.token(Role::Editor);
    let writers = (0..50).map(|writer| {
        let (process, token) = (if writer % 2 == 0 { &service } else { &other }, &token);
        async move {
            let mut ids = Vec::new();
            for round in 0..4 {
                let body = measure(2567, writer * 4 + round + 1);
                let key = format!("idempotency-key-{writer}-{round}");
                for _ in 0..200 {
                    let request = process.post("/v1/measures").token(token).header("Idempotency-Key", &key).json(&body);
                    let answer = request.send().await;
                    if answer.status == 201 {
                        ids.push(answer.json()["id"].as_str().unwrap().to_owned());
                        break;
                    }
                    assert_eq!(answer.status, 503, "{}", answer.text());
                    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
                }
            }
            ids
        }
    });
    let ids: Vec<String> = join_all(writers).await.into_iter().flatten().collect();
    assert_eq!(ids.len(), 200);
    let export = service.export().await;
    // Numbers without a gap, every node and record in its place.
    assert_eq!(verified(&export, None), Vec::<String>::new());
    for id in ids {
        let leaf =
            format!("\\\"action\\\":\\\"create\\\",\\\"resource\\\":\\\"measures\\\",\\\"record\\\":\\\"{id}\\\"");
        assert_eq!(export.matches(&leaf).count(), 1, "{id}");
    }
}

#[tokio::test]
async fn logins_denials_exports_and_tokens_are_events() {
    let service = spawn().await;
    service.add_user("somchai", &[]).await;
    let (id, secret) = service.add_client(&["measures:read"]).await;
    let log_in =
        |password: &str| service.post("/v1/login").json(&json!({ "login": "somchai", "password": password })).send();
    log_in("wrong").await.expect(401);
    service.logged("login_failed", 1).await;
    let tokens = log_in(crate::support::PASSWORD).await.expect(200).json();
    let form = |path: &str, body: String| {
        service.post(path).header("Content-Type", "application/x-www-form-urlencoded").body(body).send()
    };
    let client = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    form("/oauth/token", client).await.expect(200);
    let refresh = format!("grant_type=refresh_token&refresh_token={}", tokens["refresh_token"].as_str().unwrap());
    form("/oauth/token", refresh.clone()).await.expect(200);
    let access = tokens["access_token"].as_str().unwrap();
    for _ in 0..3 {
        service.get("/v1/users").token(access).send().await.expect(403);
    }
    form("/oauth/token", refresh).await.expect(400);
    service.get("/v1/audit/export").token(&service.auditor()).send().await.expect(200);
    let events = service.get("/v1/audit/events").token(&service.auditor()).send().await.json();
    let actions: Vec<_> = events["items"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "export",
            "refresh_reused",
            "denied",
            "refresh",
            "token",
            "login",
            "login_failed",
            "create",
            "set_password",
            "create",
            "create"
        ]
    );
}

#[tokio::test]
async fn the_history_of_a_measure_shows_what_changed_and_the_public_sees_what_was_public() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let draft = service.create("/v1/measures", &measure(2567, 1)).await;
    let address = format!("/v1/measures/{}", draft["id"].as_str().unwrap());
    let history = format!("{address}/history");
    service.get(&history).send().await.problem(404, "not_found");
    service.change(&address, &json!({ "title": "ชื่อใหม่" })).await;
    service.transition(&address, &json!({ "action": "publish" })).await;
    service.change(&address, &json!({ "topic": 3, "results": [] })).await;
    let staff = service.get(&history).token(&editor).send().await.expect(200).json();
    let actions: Vec<_> = staff["items"].as_array().unwrap().iter().map(|it| it["action"].clone()).collect();
    assert_eq!(actions, ["update", "publish", "update", "create"]);
    assert!(staff["items"].as_array().unwrap().iter().all(|it| it["roles"] == json!(["editor"])));
    assert_eq!(staff["items"][2]["changes"], json!([{ "field": "title", "before": draft["title"], "after": "ชื่อใหม่" }]));
    assert_eq!(
        staff["items"][1]["changes"],
        json!([{ "field": "publication", "before": "draft", "after": "published" }])
    );
    let public = service.get(&history).send().await.expect(200).json();
    assert_eq!(public["items"].as_array().unwrap().len(), 2);
    let changed = json!([
        { "field": "results", "before": draft["results"], "after": [] },
        { "field": "topic", "before": null, "after": 3 },
    ]);
    assert_eq!(public["items"][0]["changes"], changed);
    // The first public state is shown as it was then, without what it had been before.
    assert!(public.to_string().contains("ชื่อใหม่") && !public.to_string().contains(draft["title"].as_str().unwrap()));
    service.transition(&address, &json!({ "action": "unpublish", "reason": "ซ้ำ" })).await;
    service.get(&history).send().await.problem(410, "unpublished");
    // What was tried out while it was withdrawn never was public.
    service.change(&address, &json!({ "title": "ร่างที่ยังไม่เผยแพร่" })).await;
    service.change(&address, &json!({ "title": "ชื่อสุดท้าย" })).await;
    service.transition(&address, &json!({ "action": "publish" })).await;
    let public = service.get(&history).send().await.expect(200).json();
    let actions: Vec<_> = public["items"].as_array().unwrap().iter().map(|it| it["action"].clone()).collect();
    assert_eq!(actions, ["publish", "unpublish", "update", "publish"]);
    assert!(public.to_string().contains("ชื่อสุดท้าย") && !public.to_string().contains("ร่างที่ยังไม่เผยแพร่"));
}

#[tokio::test]
async fn an_export_may_take_longer_than_a_request() {
    if !on_postgres() {
        return;
    }
    let service = spawn().await;
    service.create("/v1/holidays", &holiday("2024-04-06", "วันจักรี")).await;
    // A table that is empty for whoever has no more than the ten seconds of a request for a statement.
    service
        .tamper(&[
            "ALTER TABLE holiday RENAME TO any_holiday",
            "CREATE VIEW holiday AS SELECT * FROM any_holiday WHERE current_setting('statement_timeout') = '0'",
        ])
        .await;
    let export = service.export().await;
    assert!(export.contains(r#""kind":"record","resource":"holidays""#), "{export}");
    assert_eq!(service.all("/v1/holidays").await.len(), 0);
}

#[tokio::test]
async fn nothing_is_removed_under_a_forged_end_of_a_case() {
    let sql = |erased: &str| {
        let erased = format!("DELETE FROM audit_detail WHERE seq IN (SELECT seq FROM audit_event WHERE {erased})");
        [erased, "DELETE FROM receipt".to_owned(), "DELETE FROM case_key".to_owned()]
    };
    let about_cases = sql("resource = 'complaints'");
    // What is erased, which record, and the event that is to excuse it.
    for (removed, of, action, resource) in [
        (&about_cases, "complaints", "delete", Resource::IdentityRequests),
        (&about_cases, "complaints", "delete", Resource::SealedIdentities),
        (&sql("resource = 'nothing'"), "complaints", "delete", Resource::Complaints),
        (&about_cases, "complaints", "destroy", Resource::Complaints),
        (&about_cases, "complaints", "destroy", Resource::ServiceRequests),
        (&sql("resource = 'measures'"), "measures", "destroy", Resource::Complaints),
        (&sql("resource = 'measures'"), "measures", "delete", Resource::IdentityRequests),
    ] {
        let service = crate::complaints::open().await;
        service.report(&complaint()).await;
        service.create("/v1/measures", &measure(2599, 1)).await;
        service.sign().await;
        let kept = service.checkpoint().await;
        let events = service.get(&format!("/v1/audit/events?resource={of}")).token(&service.token(Role::Auditor));
        let id = events.send().await.expect(200).json()["items"][0]["record_id"].as_str().unwrap().parse().unwrap();
        let mut sql: Vec<&str> = removed.iter().map(String::as_str).collect();
        if action == "destroy" {
            sql.push("UPDATE complaint SET destroyed_on = '2026-11-28', closed_on = '2012-01-01'");
        } else if of == "complaints" {
            sql.push("DELETE FROM case_event");
            sql.push("DELETE FROM complaint");
        }
        service.tamper(&sql).await;
        let event = match action {
            "delete" => Event::deleted(resource, id),
            _ => Event::happened("destroy", resource.name(), Some(id)),
        };
        let forged =
            service.db().write(&Author::program("retention"), |write| async move { write.commit([event], ()) });
        forged.await.unwrap();
        service.sign().await;
        let found = verified(&service.export().await, Some(&kept));
        assert!(!found.is_empty(), "{of} under {action} of {}", resource.name());
    }
}

#[tokio::test]
async fn only_the_audit_key_acknowledges_a_restore() {
    let service = spawn().await;
    service.create("/v1/units", &unit("legal", "งานนิติการ")).await;
    let (found, root) = (service.checkpoint().await, BASE64_STANDARD.encode([7; 32]));
    let mut lines = found.lines().skip(1);
    let found = json!({ "size": lines.next().unwrap().parse::<u64>().unwrap(), "root": lines.next().unwrap() });
    let other = SigningKey::generate(service.now()).unwrap();
    let signed = |key: &SigningKey| Checkpoint { origin: "prongsai".to_owned(), size: 9, root: [7; 32] }.sign(key);
    for (index, signed) in [signed(&audit_key()), signed(&other), String::new()].into_iter().enumerate() {
        let note = json!({
            "reason": "ดิสก์เสีย", "divergence": "forked", "lost": { "size": 1000, "root": root }, "found": found,
            "common": 1, "signed": signed,
        });
        let event = Event::happened("acknowledge_restore", "audit", None).with(note);
        let write = service.db().write(&Author::program("operator"), |write| async move { write.commit([event], ()) });
        write.await.unwrap();
        let judged = judged(&service.export().await, None, &Verifier::of(&audit_key(), "prongsai"));
        assert_eq!((judged.outcome, judged.restores.len()), (Outcome::Failed, 0));
        assert_eq!(judged.places.len(), index + 1, "{:?}", judged.places);
    }
}

#[tokio::test]
async fn the_end_of_a_case_excuses_nothing_of_another_and_is_not_made_to_look_old() {
    let service = crate::complaints::open().await;
    let (one, other) = (service.report(&named_complaint()).await, service.report(&complaint()).await);
    service.withdraw(&other).await;
    let list = service.all_of_office("/v1/complaints").await;
    let id = |given: &Value| {
        let found = list.iter().find(|complaint| complaint["reference"] == given["reference"]).unwrap();
        found["id"].as_str().unwrap().parse().unwrap()
    };
    let forge = async |events: Vec<Event>| {
        let write = service.db().write(&Author::program("retention"), |write| async move { write.commit(events, ()) });
        write.await.unwrap();
    };
    let now = service.now();
    service.db().clock.set("2021-11-01T00:00:00Z".parse().unwrap());
    forge(vec![Event::happened("reject", Resource::Complaints.name(), Some(id(&other)))]).await;
    service.db().clock.set(now);
    let size: u64 = service.checkpoint().await.lines().nth(1).unwrap().parse().unwrap();
    let events = vec![
        Event::deleted(Resource::SealedIdentities, id(&one)),
        Event::happened("destroy", Resource::Complaints.name(), Some(id(&other))),
    ];
    forge(events).await;
    service.tamper(&["DELETE FROM sealed_identity"]).await;
    let judged = judged(&service.export().await, None, &Verifier::of(&audit_key(), "prongsai"));
    assert!(judged.places.contains(&format!("event {size}")), "{:?}", judged.places);
    // The hour of the end is the latest by then, whatever the event that closed it says.
    let [told] = &judged.destroyed[..] else { panic!("{:?}", judged.destroyed) };
    let hour = now.format("%Y-%m-%dT%H:00:00Z").to_string();
    assert!(told.contains(&format!("closed {hour}")), "{told}");
}

/// What the service deletes is not what somebody removed without it.
#[tokio::test]
async fn every_deletion_of_the_service_is_as_the_verifiers_expect_it() {
    let service = spawn_filled().await;
    let mut deleted = Vec::new();
    for operation in Operation::all().iter().filter(|operation| operation.method == "DELETE") {
        if Ask::right(&service, operation).await.send(&service).await.status == 204 {
            deleted.push(operation.id());
        }
    }
    for known in ["delete_holiday", "delete_post", "delete_ita_item"] {
        assert!(deleted.contains(&known), "{deleted:?}");
    }
    assert_eq!(verified(&service.export().await, None), [] as [&str; 0], "{deleted:?}");
}
