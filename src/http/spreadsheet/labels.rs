//! A table for people: names in place of codes, and headings in place of the names of fields.

use std::collections::{BTreeMap, BTreeSet};

use entity::codes::Label;
use entity::{complaint_category, e_service, unit};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};

use super::{Cell, Table, lines};
use crate::domain::message::{Language, Localized};
use crate::error::Result;
use crate::revisions::Resource;

/// The names of records: of each resource by their codes.
pub type RecordNames = BTreeMap<Resource, BTreeMap<String, Label>>;

impl Table {
    /// The same with the names of codes and records. A record without a name keeps its code.
    pub fn labelled(mut self, language: Language, records: &RecordNames) -> Self {
        for cell in self.columns.iter_mut().chain(self.rows.iter_mut().flatten()) {
            match cell {
                Cell::Code(_, label) => *cell = label.localized(language).into(),
                Cell::Record(resource, codes) => {
                    let names = records.get(resource);
                    let name = |code| names.and_then(|names| names.get(code)).map_or(code, |it| it.localized(language));
                    *cell = Cell::Text(lines(codes.lines().map(name)));
                }
                _ => {}
            }
        }
        self
    }

    /// The names of the records in it.
    pub async fn record_names(&self, db: &impl ConnectionTrait) -> Result<RecordNames> {
        let resource = |cell: &Cell| if let Cell::Record(resource, _) = cell { Some(*resource) } else { None };
        let resources: BTreeSet<_> = self.rows.iter().flatten().filter_map(resource).collect();
        let mut names = RecordNames::new();
        for resource in resources {
            names.insert(resource, names_of(resource, db).await?);
        }
        Ok(names)
    }
}

async fn names_of(resource: Resource, db: &impl ConnectionTrait) -> Result<BTreeMap<String, Label>> {
    use {complaint_category::Column as Category, e_service::Column as Service, unit::Column as Unit};
    match resource {
        Resource::Units => names::<unit::Entity>(db, [Unit::Code, Unit::NameTh, Unit::NameEn]).await,
        Resource::ComplaintCategories => {
            names::<complaint_category::Entity>(db, [Category::Code, Category::NameTh, Category::NameEn]).await
        }
        Resource::EServices => names::<e_service::Entity>(db, [Service::Code, Service::NameTh, Service::NameEn]).await,
        _ => Ok(BTreeMap::new()),
    }
}

async fn names<E: EntityTrait>(db: &impl ConnectionTrait, columns: [E::Column; 3]) -> Result<BTreeMap<String, Label>> {
    let rows: Vec<(String, String, Option<String>)> =
        E::find().select_only().columns(columns).into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(code, th, en)| (code, Label::named(th, en))).collect())
}
