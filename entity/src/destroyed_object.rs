//! The object of a file whose case was destroyed: it is deleted from the object store next.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "destroyed_object")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub object: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
