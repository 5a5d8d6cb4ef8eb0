//! How often each resource has changed, as this process knows it: exactly for its own writes, within a second for others'.

use std::sync::atomic::{AtomicI64, Ordering};

/// What has a revision. A public answer names those it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Not in the database: it rises at midnight, for what depends on the day.
    Today,
    Agency,
    Units,
    Holidays,
    Measures,
    Projects,
    ComplaintCategories,
    Complaints,
    SealedIdentities,
    IdentityRequests,
    EServices,
    EServiceForms,
    ServiceRequests,
    Users,
    Clients,
}

impl Resource {
    const ALL: [Resource; 15] = [
        Resource::Today,
        Resource::Agency,
        Resource::Units,
        Resource::Holidays,
        Resource::Measures,
        Resource::Projects,
        Resource::ComplaintCategories,
        Resource::Complaints,
        Resource::SealedIdentities,
        Resource::IdentityRequests,
        Resource::EServices,
        Resource::EServiceForms,
        Resource::ServiceRequests,
        Resource::Users,
        Resource::Clients,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Resource::Today => "today",
            Resource::Agency => "agency",
            Resource::Units => "units",
            Resource::Holidays => "holidays",
            Resource::Measures => "measures",
            Resource::Projects => "projects",
            Resource::ComplaintCategories => "complaint-categories",
            Resource::Complaints => "complaints",
            Resource::SealedIdentities => "sealed-identities",
            Resource::IdentityRequests => "identity-requests",
            Resource::EServices => "e-services",
            Resource::EServiceForms => "e-service-forms",
            Resource::ServiceRequests => "service-requests",
            Resource::Users => "users",
            Resource::Clients => "clients",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.name() == name)
    }
}

/// Numbers only rise. A reader takes them before it asks the database: what it then reads is at least as new.
#[derive(Default)]
pub struct Revisions([AtomicI64; Resource::ALL.len()]);

impl Revisions {
    pub fn of(&self, resource: Resource) -> i64 {
        self.0[resource as usize].load(Ordering::Acquire)
    }

    pub fn raise(&self, resource: Resource, number: i64) {
        self.0[resource as usize].fetch_max(number, Ordering::AcqRel);
    }

    pub fn snapshot(&self) -> RevisionSet {
        RevisionSet(std::array::from_fn(|index| self.0[index].load(Ordering::Acquire)))
    }
}

/// The revisions at one moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RevisionSet([i64; Resource::ALL.len()]);

impl RevisionSet {
    /// Whether nothing of `resources` has changed since.
    pub fn still_holds(&self, resources: &[Resource], now: &Revisions) -> bool {
        resources.iter().all(|resource| self.0[*resource as usize] == now.of(*resource))
    }

    /// The ETag of a record: its version, which is what `If-Match` looks at, and the revisions of what else shows in it.
    pub fn etag(&self, version: i32, shown: &[Resource]) -> String {
        format!("\"{version}.{}\"", self.tag(shown))
    }

    /// The revisions of several resources as the text of an ETag.
    pub fn tag(&self, resources: &[Resource]) -> String {
        resources.iter().map(|resource| self.0[*resource as usize].to_string()).collect::<Vec<_>>().join(".")
    }
}
