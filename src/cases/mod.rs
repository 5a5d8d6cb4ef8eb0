//! What complaints and service requests share, since both are cases: receipts, timelines, deadlines, the sealing of all
//! that people write, and of who they are.

pub mod attachments;
pub mod counts;
pub mod custodians;
pub mod deadline;
pub mod files;
pub mod identity;
pub mod receipts;
pub mod timeline;
pub mod vault;

use entity::{audit_detail, audit_event, case_event, case_file, case_key, identity_request, receipt, sealed_identity};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::db::Write;
use crate::error::Result;
use crate::ledger::Event;
use crate::revisions::Resource;

/// Destroys the key of a case, with it all that was written, who it was that came with it, and what the audit log kept beside
/// its leaves: these stay. Gives what else the log is to be told.
pub async fn destroy(write: &Write, case: Uuid) -> Result<Vec<Event>> {
    case_key::Entity::delete_by_id(case).exec(&**write).await?;
    case_event::Entity::delete_many().filter(case_event::Column::CaseId.eq(case)).exec(&**write).await?;
    // The files themselves, which nobody can open any more, are cleared away within the hour.
    case_file::Entity::delete_many().filter(case_file::Column::CaseId.eq(case)).exec(&**write).await?;
    receipt::Entity::delete_many().filter(receipt::Column::CaseId.eq(case)).exec(&**write).await?;
    let (mut records, mut told) = (vec![case], Vec::new());
    if sealed_identity::Entity::delete_by_id(case).exec(&**write).await?.rows_affected > 0 {
        told.push(Event::deleted(Resource::SealedIdentities, case));
    }
    let of_the_case = identity_request::Column::CaseId.eq(case);
    for request in identity_request::Entity::find().filter(of_the_case.clone()).all(&**write).await? {
        records.push(request.id);
        told.push(Event::deleted(Resource::IdentityRequests, request.id));
    }
    identity_request::Entity::delete_many().filter(of_the_case).exec(&**write).await?;
    let events = Query::select()
        .column(audit_event::Column::Seq)
        .from(audit_event::Entity)
        .and_where(audit_event::Column::RecordId.is_in(records))
        .to_owned();
    audit_detail::Entity::delete_many().filter(audit_detail::Column::Seq.in_subquery(events)).exec(&**write).await?;
    Ok(told)
}
