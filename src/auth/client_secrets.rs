//! Secrets of clients: how they are kept, and which client one is of.

use chrono::{DateTime, Utc};
use entity::{client, client_secret};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::domain::merkle::sha256;
use crate::error::Result;

/// What each begins with.
pub const PREFIX: &str = "prongsai_";

/// The stored hash of a secret that this service made. It has enough entropy for a fast hash.
pub fn kept(secret: &str) -> Vec<u8> {
    sha256(&[secret.as_bytes()]).to_vec()
}

/// The client that a secret is of, and the secret, while both are valid.
pub async fn client_of(
    db: &impl ConnectionTrait,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<(client::Model, client_secret::Model)>> {
    let is_valid = |end: Option<DateTime<Utc>>| end.is_none_or(|end| end > now);
    let secret = client_secret::Entity::find().filter(client_secret::Column::Hash.eq(kept(secret))).one(db).await?;
    let Some(secret) = secret.filter(|secret| is_valid(secret.expires_at)) else { return Ok(None) };
    let client = client::Entity::find_by_id(secret.client_id).one(db).await?;
    Ok(client.filter(|client| client.active && is_valid(client.expires_at)).map(|client| (client, secret)))
}
