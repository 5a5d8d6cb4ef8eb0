//! The schema's history, one file per change. Never imports `entity`: an old change must not move with today's rows.

use sea_orm_migration::async_trait;
pub use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager};

mod m2026_11_23_000001_foundation;
mod m2026_11_25_000001_audit_tree;
mod m2026_11_25_000002_accounts;
mod m2026_11_25_000003_holidays;
mod m2026_11_25_000004_complaints;
mod m2026_11_25_000005_attachments;
mod m2026_11_25_000006_identities;
mod m2026_11_25_000007_counts;
mod m2026_11_26_000001_e_services;
mod m2026_11_26_000002_service_requests;
mod m2026_11_28_000001_safeguards;
mod m2026_11_29_000001_indexes;
mod m2026_11_30_000002_login_safeguards;
mod m2026_11_30_000003_unhandled_files;
mod m2026_11_30_000004_kept_responses;
mod m2026_11_30_000005_rights;
mod m2026_11_30_000006_retention_notice;
mod m2026_11_30_000007_second_person;
mod m2026_11_30_000008_units_end;
mod m2026_11_30_000009_approvals;
mod m2026_12_01_000001_names;
mod m2026_12_01_000002_case_senders;
mod m2026_12_02_000001_ita;
mod m2026_12_02_000002_report_frames;
mod m2026_12_02_000003_public_files_and_links;
mod m2026_12_02_000004_publications;
mod m2026_12_02_000011_follow_up;
mod m2026_12_02_000012_years_before;
mod m2026_12_03_000000_guides;
mod m2026_12_03_000001_true_figures;
mod m2026_12_03_000002_paper;
mod m2026_12_03_000003_closed_days;
mod m2026_12_03_000004_work;
mod m2026_12_04_000001_asked;
mod m2026_12_04_000002_between_cases;
mod m2026_12_04_000003_field;
mod m2026_12_04_000004_destruction_approvals;
mod m2026_12_05_000001_intake;
mod m2026_12_05_000002_conversions;
mod m2026_12_05_000003_waits;
mod m2026_12_06_000001_agency_log;
mod m2026_12_07_000001_changes;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_23_000001_foundation::Migration),
            Box::new(m2026_11_25_000001_audit_tree::Migration),
            Box::new(m2026_11_25_000002_accounts::Migration),
            Box::new(m2026_11_25_000003_holidays::Migration),
            Box::new(m2026_11_25_000004_complaints::Migration),
            Box::new(m2026_11_25_000005_attachments::Migration),
            Box::new(m2026_11_25_000006_identities::Migration),
            Box::new(m2026_11_25_000007_counts::Migration),
            Box::new(m2026_11_26_000001_e_services::Migration),
            Box::new(m2026_11_26_000002_service_requests::Migration),
            Box::new(m2026_11_28_000001_safeguards::Migration),
            Box::new(m2026_11_29_000001_indexes::Migration),
            Box::new(m2026_11_30_000002_login_safeguards::Migration),
            Box::new(m2026_11_30_000003_unhandled_files::Migration),
            Box::new(m2026_11_30_000004_kept_responses::Migration),
            Box::new(m2026_11_30_000005_rights::Migration),
            Box::new(m2026_11_30_000006_retention_notice::Migration),
            Box::new(m2026_11_30_000007_second_person::Migration),
            Box::new(m2026_11_30_000008_units_end::Migration),
            Box::new(m2026_11_30_000009_approvals::Migration),
            Box::new(m2026_12_01_000001_names::Migration),
            Box::new(m2026_12_01_000002_case_senders::Migration),
            Box::new(m2026_12_02_000001_ita::Migration),
            Box::new(m2026_12_02_000002_report_frames::Migration),
            Box::new(m2026_12_02_000003_public_files_and_links::Migration),
            Box::new(m2026_12_02_000004_publications::Migration),
            Box::new(m2026_12_02_000011_follow_up::Migration),
            Box::new(m2026_12_02_000012_years_before::Migration),
            Box::new(m2026_12_03_000000_guides::Migration),
            Box::new(m2026_12_03_000001_true_figures::Migration),
            Box::new(m2026_12_03_000002_paper::Migration),
            Box::new(m2026_12_03_000003_closed_days::Migration),
            Box::new(m2026_12_03_000004_work::Migration),
            Box::new(m2026_12_04_000001_asked::Migration),
            Box::new(m2026_12_04_000002_between_cases::Migration),
            Box::new(m2026_12_04_000003_field::Migration),
            Box::new(m2026_12_04_000004_destruction_approvals::Migration),
            Box::new(m2026_12_05_000001_intake::Migration),
            Box::new(m2026_12_05_000002_conversions::Migration),
            Box::new(m2026_12_05_000003_waits::Migration),
            Box::new(m2026_12_06_000001_agency_log::Migration),
            Box::new(m2026_12_07_000001_changes::Migration),
        ]
    }
}
