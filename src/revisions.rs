//! Revision numbers of the resources: exact for writes of this process, within a second for those of others.

use std::sync::atomic::{AtomicI64, Ordering};

macro_rules! resources {
    ($($(#[$about:meta])* $resource:ident = $name:literal;)*) => {
        /// What has a revision. A public response names those that it depends on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Resource { $($(#[$about])* $resource,)* }

        impl Resource {
            pub const ALL: &[Resource] = &[$(Resource::$resource,)*];

            pub const fn name(self) -> &'static str {
                match self { $(Resource::$resource => $name,)* }
            }
        }
    };
}

resources! {
    /// Not in the database: it rises at midnight, for what depends on the day.
    Today = "today";
    Agency = "agency";
    Units = "units";
    Holidays = "holidays";
    Measures = "measures";
    Projects = "projects";
    ComplaintCategories = "complaint-categories";
    Complaints = "complaints";
    SealedIdentities = "sealed-identities";
    IdentityRequests = "identity-requests";
    EServices = "e-services";
    EServiceForms = "e-service-forms";
    ServiceRequests = "service-requests";
    Users = "users";
    UserApprovals = "user-approvals";
    Clients = "clients";
    ProviderSubjects = "provider-subjects";
}

impl Resource {
    /// Whether its revision tells when somebody reported something: no public response shows it.
    pub fn is_confidential(self) -> bool {
        [Resource::Complaints, Resource::SealedIdentities, Resource::IdentityRequests].contains(&self)
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|resource| resource.name() == name)
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
