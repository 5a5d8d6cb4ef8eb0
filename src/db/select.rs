//! Rows as resources read them.

use sea_orm::{DbBackend, EntityTrait, FromQueryResult, ModelTrait, Select, SelectModel, Selector};

/// A row of a table, with what other tables have of it.
pub trait Selected: FromQueryResult + Send + Sync + Sized + 'static {
    type Table: EntityTrait;

    /// Adds the columns that are not of the table.
    fn joined(select: Select<Self::Table>, backend: DbBackend) -> Select<Self::Table>;

    /// The row as the table has it.
    fn model(&self) -> &<Self::Table as EntityTrait>::Model;

    /// Those rows that `select` finds.
    fn of(select: Select<Self::Table>, backend: DbBackend) -> Selector<SelectModel<Self>> {
        Self::joined(select, backend).into_model()
    }
}

impl<M> Selected for M
where
    M: ModelTrait<Entity: EntityTrait<Model = M>> + FromQueryResult + Send + Sync + 'static,
{
    type Table = M::Entity;

    fn joined(select: Select<Self::Table>, _: DbBackend) -> Select<Self::Table> {
        select
    }

    fn model(&self) -> &M {
        self
    }
}
