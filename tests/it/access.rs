//! Who may do what: every operation of the document, asked as every role, against the tables in access/, one for each tag.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::ValueEnum;
use prongsai::auth::scope::Role;
use prongsai::auth::token::Grant;
use prongsai::domain::units::Units;

use crate::support::ask::{Ask, Operation};
use crate::support::spawn_filled;

/// `x` is let in, `+` sees more than others who are, `-` is refused. An operation without a row, or a row that is not as the service behaves, fails here. The tables are written by hand: what
/// changes in them is a decision.
#[tokio::test]
async fn every_operation_lets_in_the_roles_of_its_table_and_no_others() {
    let service = spawn_filled().await;
    let mut callers = vec![("public".to_owned(), None, Vec::new())];
    for role in Role::value_variants() {
        let id = service.add_user(&role.name(), &[*role]).await;
        let scopes = role.scopes().into_iter().map(str::to_owned).collect();
        // What an operation changes about the account itself does not end this token.
        let rights_version = Some(i32::MAX);
        let grant = Grant {
            subject: id.to_string(),
            scopes,
            roles: vec![*role],
            units: Units::All,
            rights_version,
            ..Grant::default()
        };
        callers.push((role.name(), Some(service.issue(grant)), role.scopes()));
    }
    let names: Vec<_> = callers.iter().map(|(name, ..)| &**name).collect();
    let mut tables = BTreeMap::<String, String>::new();
    for operation in Operation::all() {
        let right = Ask::right(&service, &operation).await.without("Authorization");
        let document = operation.document();
        let [id, tag] = [&document["operationId"], &document["tags"][0]].map(|text| text.as_str().unwrap());
        let table =
            tables.entry(format!("{tag}.txt")).or_insert_with(|| format!("{:<42}{}\n", "operation", names.join(" ")));
        write!(table, "{id:<42}").unwrap();
        for (name, token, scopes) in &callers {
            let ask = match token {
                Some(token) => right.clone().header("Authorization", &format!("Bearer {token}")),
                None => right.clone(),
            };
            let answer = ask.send(&service).await;
            // At these addresses 401 says that nobody has proven anything, whoever asks.
            let proves = ["log_in", "issue_token", "revoke_token"].contains(&id);
            let denied = match answer.status {
                401 | 403 if proves => false,
                401 => true,
                403 => answer.json()["code"] == "insufficient_scope",
                _ => false,
            };
            // Who needs no scope may have one with which there is more to see.
            let sees_more = operation.scopes().any(|scope| scopes.contains(&scope));
            let mark = match denied {
                true => "-",
                false if sees_more && !operation.is_guarded() => "+",
                false => "x",
            };
            write!(table, "{mark:^width$} ", width = name.len()).unwrap();
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/access");
    let declared = std::fs::read_dir(folder).unwrap().map(|file| {
        let file = file.unwrap();
        (file.file_name().into_string().unwrap(), std::fs::read_to_string(file.path()).unwrap())
    });
    let declared: BTreeMap<_, _> = declared.collect();
    let wrong: Vec<_> = tables.iter().filter(|(name, table)| declared.get(*name) != Some(table)).collect();
    let wrong: String =
        wrong.into_iter().map(|(name, table)| format!("access/{name} is not how it is:\n{table}\n")).collect();
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(declared.len(), tables.len(), "a file of access/ belongs to no tag of the document");
}
