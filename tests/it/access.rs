//! Who may do what: every operation of the document, asked as every role, against the table in access.txt.

use std::fmt::Write;

use clap::ValueEnum;
use prongsai::auth::scope;
use prongsai::auth::scope::Role;
use prongsai::auth::token::Grant;

use crate::support::ask::{Ask, Operation};
use crate::support::spawn_filled;

/// An operation without a row, or a row that is not as the service behaves, fails here. The table is written by hand: what
/// changes in it is a decision.
#[tokio::test]
async fn every_operation_lets_in_the_roles_of_the_table_and_no_others() {
    let service = spawn_filled().await;
    let mut callers = vec![("public".to_owned(), None)];
    for role in Role::value_variants() {
        let id = service.add_user(&role.name(), &[*role]).await;
        let scopes = role.scopes().into_iter().map(str::to_owned).collect();
        // What an operation changes about the account itself does not end this token.
        let rights_version = Some(i32::MAX);
        let grant = Grant { subject: id.to_string(), scopes, roles: vec![*role], rights_version, ..Grant::default() };
        callers.push((role.name(), Some(service.issue(grant))));
    }
    let names: Vec<_> = callers.iter().map(|(name, _)| &**name).collect();
    let mut table = format!("{:<30}{}\n", "operation", names.join(" "));
    for operation in Operation::all() {
        let right = Ask::right(&service, &operation).await.without("Authorization");
        let id = operation.document()["operationId"].as_str().unwrap();
        write!(table, "{id:<30}").unwrap();
        for (name, token) in &callers {
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
            write!(table, "{:^width$} ", if denied { "-" } else { "x" }, width = name.len()).unwrap();
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    let declared = include_str!("access.txt");
    assert!(table == declared, "tests/it/access.txt is not how it is:\n{table}");
}

#[test]
fn the_architecture_page_has_the_table_of_scopes_as_it_is() {
    let page = include_str!("../../ARCHITECTURE.md");
    assert!(page.contains(&scope::as_markdown()), "ARCHITECTURE.md lacks\n{}", scope::as_markdown());
}
