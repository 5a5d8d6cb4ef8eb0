//! Queries and updates of posts.

use entity::post::{ActiveModel, Column, Entity, Model};
use entity::{account, post_holder};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait,
    FromJsonQueryResult, FromQueryResult, IntoActiveModel, QueryFilter, QuerySelect, Select,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{Post, PostFilter, PostInput};
use crate::audit_log::append::Logged;
use crate::db::select::Selected;
use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::http::several::Ids;
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

/// A post with its holders.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub post: Model,
    pub holders: Holders,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Holders(pub Vec<Holder>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub id: Uuid,
    pub name: String,
}

impl Holders {
    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.0.iter().map(|holder| holder.id)
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, backend: DbBackend) -> Select<Entity> {
        let array = match backend {
            DbBackend::Postgres => {
                "coalesce(json_agg(json_build_object('id', account.id, 'name', account.name) ORDER BY account.id), '[]')"
            }
            // SQLite keeps ids as bytes.
            _ => {
                "json_group_array(json_object('id', lower(hex(account.id)), 'name', account.name) ORDER BY account.id)"
            }
        };
        select.expr_as(
            Expr::cust(format!(
                "(SELECT {array} FROM post_holder JOIN account ON account.id = post_holder.account_id \
                 WHERE post_holder.post_id = post.id)"
            )),
            "holders",
        )
    }

    fn model(&self) -> &Model {
        &self.post
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::Posts;

    fn id(&self) -> Option<Uuid> {
        Some(self.post.id)
    }

    fn document(&self) -> Value {
        let mut document = json!(self.post);
        document["holders"] = self.holders.ids().map(|id| id.to_string()).collect();
        document
    }
}

impl Record for Row {
    type Input = PostInput;
    type Answer = Post;

    fn version(&self) -> i32 {
        self.post.version
    }

    /// The record's version, and the revision of the users: names of holders are in it.
    fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version(), &[Resource::Users])
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        Entity::find_by_id(id).lock_exclusive().one(write).await?.ok_or(Code::NotFound)?;
        find(write, id).await
    }

    async fn update(self, write: &Write, input: PostInput) -> Result<Self> {
        let (id, version) = (self.post.id, self.post.version);
        let mut row = self.post.into_active_model();
        row.version = Set(version + 1);
        let holders = input.holders.clone();
        filled(write, row, id, input).await?.update(write).await?;
        hold(write, id, holders).await
    }
}

pub async fn list(app: &App, list: &List<PostFilter>) -> Result<Found<Row>> {
    let PostFilter { holder_id, q, sort: _ } = &list.filter;
    let held = |ids: &Ids| {
        let held = Query::select()
            .column(post_holder::Column::PostId)
            .from(post_holder::Entity)
            .and_where(post_holder::Column::AccountId.is_in(ids.ids()))
            .to_owned();
        Column::Id.in_subquery(held)
    };
    let condition = Condition::all()
        .add_option(holder_id.as_ref().map(held))
        .add_option(q.as_ref().map(|q| sql::either_named_like([Column::NameTh, Column::NameEn], q)));
    list.find(&app.db, Entity::find().filter(condition)).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Row> {
    let row = Row::of(Entity::find_by_id(id), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// Accounts of those who hold the post of this name now.
pub async fn holders(db: &impl ConnectionTrait, name: &str) -> Result<Vec<Uuid>> {
    let select = Entity::find().filter(Column::NameTh.eq(name));
    let row = Row::of(select, db.get_database_backend()).one(db).await?;
    Ok(row.map(|row| row.holders.ids().collect()).unwrap_or_default())
}

pub async fn insert(write: &Write, input: PostInput) -> Result<Row> {
    let id = Uuid::now_v7();
    let row = ActiveModel { id: Set(id), version: Set(1), created_at: Set(write.now), ..Default::default() };
    let holders = input.holders.clone();
    filled(write, row, id, input).await?.insert(write).await?;
    hold(write, id, holders).await
}

async fn filled(write: &Write, mut row: ActiveModel, id: Uuid, input: PostInput) -> Result<ActiveModel> {
    let PostInput { name, holders: _ } = input;
    let other = Entity::find().filter(Column::NameTh.eq(&*name.th)).one(write).await?;
    if other.is_some_and(|other| other.id != id) {
        let taken = FieldCode::AlreadyExists.because("มีตำแหน่งชื่อนี้แล้ว", "must not be the name of another post");
        return Err(FieldError::at("/name/th", taken).into());
    }
    row.name_th = Set(name.th.into_inner());
    row.name_en = Set(name.en.map(Line::into_inner));
    row.updated_at = Set(write.now);
    Ok(row)
}

/// Makes these accounts, the holders of a post.
async fn hold(write: &Write, post: Uuid, holders: Vec<Uuid>) -> Result<Row> {
    let known: Vec<Uuid> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Id.is_in(holders.iter().copied()))
        .into_tuple()
        .all(write)
        .await?;
    let unknown = |(at, id): (usize, &Uuid)| {
        (!known.contains(id)).then(|| FieldError::at(&format!("/holders/{at}"), FieldCode::UnknownAccount))
    };
    let errors: Vec<_> = holders.iter().enumerate().filter_map(unknown).collect();
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    post_holder::Entity::delete_many().filter(post_holder::Column::PostId.eq(post)).exec(write).await?;
    let row = |id| post_holder::ActiveModel { post_id: Set(post), account_id: Set(id) };
    let rows: Vec<_> = holders.into_iter().map(row).collect();
    if !rows.is_empty() {
        post_holder::Entity::insert_many(rows).exec_without_returning(write).await?;
    }
    find(write, post).await
}
