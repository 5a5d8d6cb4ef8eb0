//! What complaints and service requests share, since both are cases: receipts, timelines, deadlines, and the sealing of all
//! that people write.

pub mod counts;
pub mod deadline;
pub mod receipts;
pub mod timeline;
pub mod vault;

use entity::{audit_detail, audit_event, case_event, case_key, receipt};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::db::Write;
use crate::error::Result;

/// Destroys the key of a case, with it all that was written, and what the audit log kept beside its leaves: these stay.
pub async fn destroy(write: &Write, case: Uuid) -> Result<()> {
    case_key::Entity::delete_by_id(case).exec(&**write).await?;
    case_event::Entity::delete_many().filter(case_event::Column::CaseId.eq(case)).exec(&**write).await?;
    receipt::Entity::delete_many().filter(receipt::Column::CaseId.eq(case)).exec(&**write).await?;
    let events = Query::select()
        .column(audit_event::Column::Seq)
        .from(audit_event::Entity)
        .and_where(audit_event::Column::RecordId.eq(case))
        .to_owned();
    audit_detail::Entity::delete_many().filter(audit_detail::Column::Seq.in_subquery(events)).exec(&**write).await?;
    Ok(())
}
