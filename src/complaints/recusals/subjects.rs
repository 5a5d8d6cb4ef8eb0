//! Who can be recused, as the log names them.

use std::collections::HashSet;

use entity::{account, client};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::auth::oidc;
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
use crate::error::{FieldError, Result};

/// The accounts, clients and people of the identity provider that a list names, each as the log names it.
pub async fn known_subjects(write: &Write, names: Vec<Line<170>>, errors: &mut Vec<FieldError>) -> Result<Vec<String>> {
    let ours = subjects(write, names.iter().filter_map(|name| name.parse().ok()).collect()).await?;
    let mut known = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        let found = match name.parse::<Uuid>() {
            // However it was spelled.
            Ok(id) => ours.contains(&id).then(|| id.to_string()),
            Err(_) => oidc::is_subject(&name).then(|| name.into_inner()),
        };
        match found {
            Some(name) => known.push(name),
            None => errors.push(FieldError::at(&format!("/recused/{index}"), FieldCode::UnknownAccount)),
        }
    }
    Ok(known)
}

/// Those of several ids that an account or a client has.
async fn subjects(write: &Write, ids: Vec<Uuid>) -> Result<HashSet<Uuid>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let accounts = account::Entity::find().filter(account::Column::Id.is_in(ids.iter().copied()));
    let accounts = accounts.select_only().column(account::Column::Id).into_tuple::<Uuid>().all(write).await?;
    let clients = client::Entity::find().filter(client::Column::Id.is_in(ids));
    let clients = clients.select_only().column(client::Column::Id).into_tuple::<Uuid>().all(write).await?;
    Ok(accounts.into_iter().chain(clients).collect())
}
