//! The identity of a reporter or applicant. It is encrypted to the custodians as soon as it arrives, before anything
//! waits for the database. Neither the service nor a copy of all its data can decrypt what is stored.

use actix_web::web::Bytes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use entity::sealed_identity::{ActiveModel, Entity, Model};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::custodians::Custodians;
use crate::audit_log::append::Logged;
use crate::db::Write;
use crate::domain::contact::{Email, NationalId, Phone};
use crate::domain::field_code::FieldCode;
use crate::domain::merkle::sha256;
use crate::domain::rule::Rules;
use crate::domain::text::{Line, Lines};
use crate::error::{Code, Error, FieldError, Result};
use crate::revisions::Resource;

/// The identity of the reporter. It is encrypted for the custodians at once. The service cannot read it afterwards, and
/// returns it to nobody.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "full_name": "สมหญิง รักไทย",
    "phone": "081-234-5678",
    "email": "somying@example.com",
    "address": "99/1 ถนนวงษ์โต ตำบลในเมือง อำเภอเมืองชัยนาท จังหวัดชัยนาท 17000",
    "national_id": "1234567890121",
}))]
pub struct ReporterIdentityInput {
    /// Full name.
    pub full_name: Line<200>,
    /// Telephone number.
    pub phone: Option<Phone>,
    /// Mail address.
    pub email: Option<Email>,
    /// Postal address.
    #[schema(example = json!(null))]
    pub address: Option<Lines<1000>>,
    /// Thai national identification number.
    pub national_id: Option<NationalId>,
}

impl Validate for ReporterIdentityInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let is_one = self.national_id.as_ref().is_none_or(NationalId::is_one);
        Rules::default().require(is_one, "national_id", FieldCode::WrongCheckDigit).end()
    }
}

/// Content of a sealed identity. The number of the case is encrypted with it, so that exchanged ciphertexts are
/// detected.
#[derive(Serialize)]
struct Content<'a> {
    reference: &'a str,
    #[serde(flatten)]
    identity: &'a ReporterIdentityInput,
}

/// What timeline and log call it when a reporter gives theirs after an anonymous complaint.
pub const GIVE_IDENTITY: &str = "give_identity";

/// Fixed plaintext size, larger than the longest identity, so that the length reveals nothing.
pub const LENGTH: usize = 8 * 1024;

/// Encrypts an identity for the case with this number, and wipes it. The JSON is padded with spaces.
pub fn seal(custodians: Option<&Custodians>, reference: &str, identity: ReporterIdentityInput) -> Result<Vec<u8>> {
    let Some(custodians) = custodians else {
        return Err(FieldError::at("/reporter", FieldCode::NoCustodians).into());
    };
    // Allocated at its final size: growing would leave copies in memory.
    let mut text = Zeroizing::new(Vec::with_capacity(LENGTH));
    serde_json::to_writer(&mut *text, &Content { reference, identity: &identity }).map_err(Error::internal)?;
    if text.len() > LENGTH {
        return Err(Code::Internal.into());
    }
    text.resize(LENGTH, b' ');
    custodians.seal(&text)
}

/// Wipes a body that was read, if nobody else has it.
pub fn wipe(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

impl Logged for Model {
    const RESOURCE: Resource = Resource::SealedIdentities;

    fn id(&self) -> Option<Uuid> {
        Some(self.case_id)
    }

    /// The box by its hash: one that is put in its place is found.
    fn document(&self) -> Value {
        let Model { case_id, sealed, sealed_at } = self;
        json!({ "case_id": case_id, "sha256": BASE64_STANDARD.encode(sha256(&[sealed])), "sealed_at": sealed_at })
    }
}

pub async fn keep(write: &Write, case: Uuid, sealed: Vec<u8>) -> Result<Model> {
    let row = Model { case_id: case, sealed, sealed_at: write.now };
    Entity::insert(ActiveModel::from(row.clone())).exec_without_returning(write).await?;
    Ok(row)
}

/// The box of a case, until it is destroyed.
pub async fn of_case(db: &impl ConnectionTrait, case: Uuid) -> Result<Model> {
    Entity::find_by_id(case).one(db).await?.ok_or_else(|| Code::Destroyed.into())
}

#[cfg(test)]
mod tests {
    use super::super::custodians::{CustodianKey, open};
    use super::*;

    fn identity(length: usize) -> ReporterIdentityInput {
        let text = |most: usize| "\u{1F600}".repeat(length.min(most));
        ReporterIdentityInput {
            full_name: text(200).into(),
            phone: Some(Phone::from("0".repeat(100))),
            email: Some(Email::from("a".repeat(254))),
            address: Some(text(1000).into()),
            national_id: Some(NationalId::from("1234567890121".to_owned())),
        }
    }

    #[test]
    fn the_shortest_and_the_longest_identity_are_sealed_in_one_length() {
        let keys = [(); 2].map(|()| CustodianKey::generate());
        let custodians = Custodians::parse(&format!("{}\n{}", keys[0].public(), keys[1].public())).unwrap();
        for length in [1, 1000] {
            let sealed = seal(Some(&custodians), "7K3M-9Q2X", identity(length)).unwrap();
            let text = open(&*sealed, &keys).unwrap();
            let message: Value = serde_json::from_slice(&text).unwrap();
            assert_eq!((text.len(), &message["reference"]), (LENGTH, &json!("7K3M-9Q2X")));
            assert_eq!(message["address"], "\u{1F600}".repeat(length));
        }
        assert!(seal(None, "7K3M-9Q2X", identity(1)).is_err());
    }

    #[test]
    fn a_body_is_wiped_unless_it_is_still_needed() {
        let body = Bytes::from(b"secret".to_vec());
        let other = body.clone();
        wipe(body);
        assert_eq!(other, "secret");
    }
}
