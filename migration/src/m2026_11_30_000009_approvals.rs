//! Approvals are of an account as it was when it was approved, and also of the end of a link; the credentials of an account that ever
//! had a right that no admin gives alone stay guarded.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, integer_null, text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Parts of the roles that no admin gives alone.
const GUARDED: &[&str] = &["officer", "custodian", "auditor", "admin"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("user_approval", text_null("subject")),
            ("user_approval", integer_null("account_version")),
            ("account", boolean("guarded").default(false).to_owned()),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        for role in GUARDED {
            let is_it = format!("UPDATE account SET guarded = true WHERE CAST(roles AS text) LIKE '%{role}%'");
            manager.get_connection().execute_unprepared(&is_it).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in
            [("account", "guarded"), ("user_approval", "account_version"), ("user_approval", "subject")]
        {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
