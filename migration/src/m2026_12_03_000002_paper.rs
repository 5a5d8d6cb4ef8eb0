//! Cases that came on paper, or before the service: when and by whom they were entered, their number in the office's register, and on
//! which day the events of their timeline happened.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date_null, text_null, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

const CASES: [&str; 2] = ["complaint", "service_request"];

/// A number of a register is taken once on a day: registers begin anew with each year.
const INDEXES: [(&str, &str); 2] = [
    ("complaint_of_register", "complaint (register_no, received_on)"),
    ("service_request_of_register", "service_request (e_service_id, register_no, received_on)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in CASES {
            for column in
                [timestamp_with_time_zone_null("entered_at"), text_null("entered_by"), text_null("register_no")]
            {
                manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
            }
        }
        let day = Table::alter().table("case_event").add_column(date_null("happened_on")).to_owned();
        manager.alter_table(day).await?;
        for (index, columns) in INDEXES {
            let sql = format!("CREATE UNIQUE INDEX {index} ON {columns}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (index, _) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX {index}")).await?;
        }
        manager.alter_table(Table::alter().table("case_event").drop_column("happened_on").to_owned()).await?;
        for table in CASES {
            for column in ["entered_at", "entered_by", "register_no"] {
                manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
            }
        }
        Ok(())
    }
}
