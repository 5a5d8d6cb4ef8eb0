//! Who writes, and which units' records they may see and write.

use sea_orm::Condition;
use sea_orm::sea_query::{Expr, IntoCondition};
use uuid::Uuid;

/// The author of a write, as recorded in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Id of the account or client, or the name of one of our own programs.
    pub name: String,
    pub role: String,
    /// Which records they may write.
    pub units: UnitScope,
    /// What the same person is called elsewhere: an account, or subjects of the identity provider that are linked to it. Recusal
    /// and the separation of duties are about persons.
    pub other_names: Vec<String>,
}

/// The name of whoever uses the command line.
pub const OPERATOR: &str = "operator";

/// The names of callers without a token: at a login, and of the public.
const UNNAMED: [&str; 2] = ["nobody", PUBLIC];

/// The role of an anonymous caller, which is also what it is called.
const PUBLIC: &str = "public";

/// The role of our own programs.
pub const SYSTEM: &str = "system";

impl Author {
    pub fn new(name: impl Into<String>, role: impl Into<String>) -> Self {
        Self { name: name.into(), role: role.into(), units: UnitScope::Everything, other_names: Vec::new() }
    }

    /// Every name of the person.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.name].into_iter().chain(&self.other_names).map(String::as_str)
    }

    /// Whether this is the person with a name.
    pub fn is(&self, name: &str) -> bool {
        self.names().any(|own| own == name)
    }

    /// Whether a list names this person.
    pub fn is_in(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    /// One of our own programs.
    pub fn program(name: &str) -> Self {
        Self::new(name, SYSTEM)
    }

    pub fn is_program(&self) -> bool {
        self.role == SYSTEM
    }

    /// A caller who is not authenticated yet.
    pub fn nobody() -> Self {
        Self::new(UNNAMED[0], "")
    }

    /// An anonymous caller. The handler decides what is allowed.
    pub fn public() -> Self {
        Self::new(UNNAMED[1], PUBLIC)
    }

    pub fn is_public(&self) -> bool {
        self.role == PUBLIC
    }
}

/// The id of an event's actor, as clients see it: null for a caller without a token.
pub fn actor_id(actor: String) -> Option<String> {
    Some(actor).filter(|actor| !UNNAMED.contains(&&**actor))
}

/// The roles of an event's actor, which the log has with spaces between.
pub fn roles(role: &str) -> Vec<String> {
    role.split_whitespace().map(str::to_owned).collect()
}

/// The units whose records a caller may see and write. It is part of every query, so that nothing is read that is then left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitScope {
    /// Of what is not published, nothing.
    Nothing,
    /// What these units are responsible for.
    Units(Vec<Uuid>),
    Everything,
}

impl UnitScope {
    /// The accessible rows; `of_units` selects those of given units.
    pub fn condition<C: IntoCondition>(&self, of_units: impl FnOnce(Vec<Uuid>) -> C) -> Condition {
        match self {
            UnitScope::Nothing => Condition::all().add(Expr::cust("1 = 0")),
            UnitScope::Units(units) => of_units(units.clone()).into_condition(),
            UnitScope::Everything => Condition::all(),
        }
    }

    /// Whether a record of this unit is reached.
    pub fn includes(&self, unit: Option<Uuid>) -> bool {
        match self {
            UnitScope::Nothing => false,
            UnitScope::Units(units) => unit.is_some_and(|unit| units.contains(&unit)),
            UnitScope::Everything => true,
        }
    }
}
