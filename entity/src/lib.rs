//! The tables, one file each: the row as it is stored and the enums stored in it.
//!
//! No queries and no rules live here. A `Model` is never what a client sees: each resource's `dto.rs` decides that.

/// For `codes!`.
#[doc(hidden)]
pub use utoipa;

pub mod account;
pub mod agency;
pub mod audit_checkpoint;
pub mod audit_detail;
pub mod audit_event;
pub mod audit_head;
pub mod audit_node;
pub mod case_event;
pub mod case_file;
pub mod case_key;
pub mod case_sender;
pub mod case_state;
pub mod case_tally;
pub mod client;
pub mod client_secret;
pub mod codes;
pub mod complaint;
pub mod complaint_category;
pub mod credential;
pub mod database_identity;
pub mod destroyed_object;
pub mod e_service;
pub mod e_service_form;
pub mod holiday;
pub mod idempotency_key;
pub mod identity_request;
pub mod ita_disclosure;
pub mod ita_item;
pub mod ita_year;
pub mod known_device;
pub mod login_attempt;
pub mod measure;
pub mod measure_unit;
pub mod post;
pub mod post_holder;
pub mod project;
pub mod provider_subject;
pub mod publication;
pub mod publication_content;
pub mod publication_file;
pub mod publication_step;
pub mod receipt;
pub mod refresh_token;
pub mod report;
pub mod report_frame;
pub mod retention_listing;
pub mod revision;
pub mod sealed_identity;
pub mod sent_message;
pub mod service_request;
pub mod session;
pub mod state;
pub mod subject_unit;
pub mod texts;
pub mod unit;
pub mod used_challenge;
pub mod user_approval;
