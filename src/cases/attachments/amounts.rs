//! How much may be attached: to a case by each side, and by strangers to all cases that the office has done nothing about yet.

use entity::case_event::Side;
use entity::case_file::{Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use super::super::blobs::FileSettings;
use super::super::timeline;
use super::of_case;
use crate::db::Write;
use crate::error::{Code, Result};

/// Refuses one more file of so many bytes where there is too much.
pub async fn refuse_too_much(
    settings: &FileSettings,
    db: &impl ConnectionTrait,
    case: Uuid,
    side: Side,
    bytes: u64,
) -> Result<()> {
    let of_side = of_case(case).filter(Column::Side.eq(side));
    let most = settings.per_case;
    if of_side.clone().count(db).await? >= most {
        let (th, en) = (
            format!("แนบได้ไม่เกิน {most} ไฟล์ โปรดส่งเป็นข้อความแทน"),
            format!("A case takes {most} files of each side: send the rest as a message."),
        );
        return Err(Code::TooManyFiles.because(th, en));
    }
    if let Some(most) = settings.per_case_bytes
        && bytes_of(db, of_side).await? + bytes > most
    {
        let mib = most >> 20;
        let th = format!("ไฟล์ของแต่ละฝ่ายในเรื่องหนึ่งรวมกันได้ไม่เกิน {mib} เมกะไบต์ (MB)");
        return Err(Code::TooManyFiles.because(th, format!("A case takes {mib} MiB of files of each side.")));
    }
    if let Some(most) = settings.unhandled_bytes
        && side == Side::Sender
        && unhandled(db).await? + bytes > most
        && !timeline::is_handled(db, case).await?
    {
        return Err(Code::AttachmentsFull.because(
            "ไฟล์ของเรื่องที่เจ้าหน้าที่ยังไม่ได้ดำเนินการมีมากเกินกำหนด จึงยังรับไฟล์ไม่ได้ เรื่องและข้อความยังส่งได้ตามปกติ",
            "There are too many files of cases that the office has not dealt with yet. Complaints and messages are taken.",
        ));
    }
    Ok(())
}

/// Bytes of the files of cases that the office has done nothing about yet.
pub async fn unhandled(db: &impl ConnectionTrait) -> Result<u64> {
    // As the index has it.
    bytes_of(db, Entity::find().filter(Expr::col(Column::Unhandled))).await
}

async fn bytes_of(db: &impl ConnectionTrait, files: Select<Entity>) -> Result<u64> {
    let sum = files.select_only().column_as(Column::Size.sum(), "bytes").into_tuple::<Option<i64>>();
    Ok(sum.one(db).await?.flatten().unwrap_or_default().unsigned_abs())
}

/// The office has done something about a case: its files count as strangers' no more.
pub async fn handled(write: &Write, case: Uuid) -> Result<()> {
    let files = Entity::update_many().col_expr(Column::Unhandled, Expr::value(false));
    files.filter(Column::CaseId.eq(case)).filter(Expr::col(Column::Unhandled)).exec(write).await?;
    Ok(())
}
