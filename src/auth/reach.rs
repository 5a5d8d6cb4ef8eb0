//! Which units' records a caller reaches. It is part of every query, so that nothing is read that is then left out.

use sea_orm::Condition;
use sea_orm::sea_query::{Expr, IntoCondition};
use uuid::Uuid;

use super::token::Claims;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Of what is not published, nothing.
    Nothing,
    /// What these units are responsible for.
    Units(Vec<Uuid>),
    Everything,
}

impl Reach {
    pub fn of(claims: &Claims) -> Self {
        if claims.units.is_empty() { Reach::Everything } else { Reach::Units(claims.units.clone()) }
    }

    /// The rows that are reached, where `of_units` says which are some units'.
    pub fn condition<C: IntoCondition>(&self, of_units: impl FnOnce(Vec<Uuid>) -> C) -> Condition {
        match self {
            Reach::Nothing => Condition::all().add(Expr::cust("1 = 0")),
            Reach::Units(units) => of_units(units.clone()).into_condition(),
            Reach::Everything => Condition::all(),
        }
    }

    /// Whether a record of this unit is reached.
    pub fn includes(&self, unit: Option<Uuid>) -> bool {
        match self {
            Reach::Nothing => false,
            Reach::Units(units) => unit.is_some_and(|unit| units.contains(&unit)),
            Reach::Everything => true,
        }
    }
}
