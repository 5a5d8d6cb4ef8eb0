//! What a stranger may upload: so many files at a time, also to one case, and so many bytes in a day. Officers and clients have no
//! such limit.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::HttpRequest;
use actix_web::web::Data;
use chrono::NaiveDate;
use uuid::Uuid;

use crate::error::{Code, Error, Result};
use crate::http::callers::{Caller, CallerKey, Callers};
use crate::http::context::part;

/// Files at a time.
const AT_ONCE: usize = 2;

/// When to try again, in seconds, after too many at a time.
const SOON: i64 = 5;

pub struct UploadQuota {
    /// Bytes in a day; none where they are not limited.
    daily: Option<u64>,
    /// Of one day.
    used: Mutex<(NaiveDate, HashMap<CallerKey, Used>)>,
}

#[derive(Default)]
struct Used {
    under_way: usize,
    bytes: u64,
}

impl Used {
    fn begin(&mut self) -> Result<()> {
        if self.under_way == AT_ONCE {
            let (th, en) = (
                "ส่งได้ครั้งละไม่เกิน 2 ไฟล์ โปรดรอให้ไฟล์ก่อนหน้าส่งเสร็จ",
                "At most 2 files are taken at a time: wait until one has arrived.",
            );
            return Err(Code::TooManyRequests.because(th, en).retry_after(SOON));
        }
        self.under_way += 1;
        Ok(())
    }
}

/// An upload under way. Its bytes count from [`UploadTurn::charge`] on, and no more if it is dropped before they are kept.
pub struct UploadTurn {
    quota: Data<UploadQuota>,
    caller: CallerKey,
    case: Option<CallerKey>,
    charged: u64,
    /// Seconds until the next day.
    renewed_in: i64,
}

impl UploadQuota {
    pub fn new(daily: Option<u64>) -> Self {
        Self { daily, used: Mutex::new((NaiveDate::MIN, HashMap::new())) }
    }

    fn used_up(&self, renewed_in: i64) -> Error {
        let mib = self.daily.unwrap_or_default() >> 20;
        let th = format!(
            "วันนี้รับไฟล์จากที่อยู่ของท่านได้อีกไม่พอ (วันละไม่เกิน {mib} เมกะไบต์) โปรดส่งส่วนที่เหลือในวันพรุ่งนี้ เรื่องและข้อความยังส่งได้ตามปกติ"
        );
        let en = format!(
            "At most {mib} MiB of files are taken from one address in a day: send the rest tomorrow. Complaints and messages are taken."
        );
        Code::TooManyRequests.because(th, en).retry_after(renewed_in)
    }

    fn used(&self) -> MutexGuard<'_, (NaiveDate, HashMap<CallerKey, Used>)> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UploadTurn {
    /// Begins the upload of whoever sends a request; none where it is not limited.
    pub fn begin(request: &HttpRequest) -> Result<Option<Self>> {
        let (quota, callers) = (part::<UploadQuota>(request)?, part::<Callers>(request)?);
        let caller = match callers.of(request)? {
            Caller::Known(_) => return Ok(None),
            Caller::Stranger(key) | Caller::Visitor(key, _) => key,
        };
        let (today, renewed_in) = callers.day();
        let mut used = quota.used();
        if used.0 != today {
            // Everybody is another caller since then.
            used.0 = today;
            used.1.retain(|_, used| used.under_way > 0);
        }
        let share = used.1.entry(caller).or_default();
        if quota.daily.is_some_and(|daily| share.bytes >= daily) {
            return Err(quota.used_up(renewed_in));
        }
        share.begin()?;
        Ok(Some(Self { quota: quota.clone(), caller, case: None, charged: 0, renewed_in }))
    }

    /// Says for which case it is, once that is known: many addresses with one receipt do not take the memory of all others.
    pub fn for_case(&mut self, case: Uuid) -> Result<()> {
        self.quota.used().1.entry(case.into_bytes()).or_default().begin()?;
        self.case = Some(case.into_bytes());
        Ok(())
    }

    /// Counts a file, if the day has as many bytes left.
    pub fn charge(&mut self, bytes: u64) -> Result<()> {
        let mut used = self.quota.used();
        let share = used.1.entry(self.caller).or_default();
        if self.quota.daily.is_some_and(|daily| share.bytes + bytes > daily) {
            return Err(self.quota.used_up(self.renewed_in));
        }
        share.bytes += bytes;
        self.charged += bytes;
        Ok(())
    }

    /// The file is stored: what was charged is used.
    pub fn keep(mut self) {
        self.charged = 0;
    }
}

impl Drop for UploadTurn {
    fn drop(&mut self) {
        let mut used = self.quota.used();
        if let Some(share) = used.1.get_mut(&self.caller) {
            share.under_way = share.under_way.saturating_sub(1);
            share.bytes = share.bytes.saturating_sub(self.charged);
        }
        if let Some(share) = self.case.and_then(|case| used.1.get_mut(&case)) {
            share.under_way = share.under_way.saturating_sub(1);
        }
    }
}
