//! Scopes and the roles that give them: the one table of who may do what.

use clap::ValueEnum;

/// A right, as a type in a handler's signature.
pub trait Scope: 'static {
    const NAME: &str;
}

macro_rules! scopes {
    ($($scope:ident = $name:literal $meaning:literal;)*) => {
        $(#[doc = $meaning] pub struct $scope; impl Scope for $scope { const NAME: &str = $name; })*

        /// Every scope with its meaning.
        pub const ALL: &[(&str, &str)] = &[$(($name, $meaning),)*];
    };
}

scopes! {
    AgencyWrite = "agency:write" "Change the agency's own particulars";
    UnitsWrite = "units:write" "Create, change and delete units";
    MeasuresRead = "measures:read" "See measures that are not published";
    MeasuresWrite = "measures:write" "Create, change, publish and withdraw measures; each answer shows the one that was changed";
    ProjectsRead = "projects:read" "See projects that are not published";
    ProjectsWrite = "projects:write" "Create, change, publish and withdraw projects; each answer shows the one that was changed";
}

/// What a person or program does here. One person may hold several roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Writes measures and projects.
    Editor,
    /// Handles complaints and requests of their own units.
    Officer,
    /// Guards sealed identities.
    Custodian,
    /// Signs off reports.
    Approver,
    /// Reads everything that is no secret, writes nothing.
    Auditor,
    /// A program with exactly the scopes it was given.
    Integrator,
    /// Keeps units and settings.
    Admin,
}

impl Role {
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Role::Editor => &[MeasuresRead::NAME, MeasuresWrite::NAME, ProjectsRead::NAME, ProjectsWrite::NAME],
            Role::Approver | Role::Auditor => &[MeasuresRead::NAME, ProjectsRead::NAME],
            Role::Admin => &[AgencyWrite::NAME, UnitsWrite::NAME],
            Role::Officer | Role::Custodian | Role::Integrator => &[],
        }
    }

    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
