//! What complaints and service requests share, since both are cases: receipts, timelines, deadlines, and the sealing of all
//! that people write.

pub mod counts;
pub mod deadline;
pub mod receipts;
pub mod timeline;
pub mod vault;
