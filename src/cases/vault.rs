//! Encryption of texts. Each case has its own key, which is encrypted under a key of the ring: destroying the case key
//! destroys all its texts, and rotation of the ring re-encrypts the small keys instead of the texts.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use data_encoding::HEXLOWER;
use entity::case_key;
use sea_orm::EntityTrait;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::crypto::aead::{SealKey, random};
use crate::db::Write;
use crate::domain::merkle::sha256;
use crate::domain::text::without_bom;
use crate::error::{Code, Error, Result};

/// A line of the file: this, then the key.
const PREFIX: &str = "prongsai-content-key ";

struct RingKey {
    /// Names the key in the database: the first half of its SHA-256.
    id: String,
    secret: [u8; 32],
    key: SealKey,
}

/// The keys that the keys of cases are sealed under, the newest first. All open, the newest seals.
pub struct ContentKeys(Vec<RingKey>);

impl ContentKeys {
    pub fn generate() -> Result<Self, String> {
        let secret = random().map_err(|_| "no key could be made")?;
        Self::of(&[secret])
    }

    fn of(secrets: &[[u8; 32]]) -> Result<Self, String> {
        let key = |secret: &[u8; 32]| {
            let key = SealKey::of(secret).map_err(|_| "is not a key")?;
            Ok(RingKey { id: HEXLOWER.encode(&sha256(&[secret])[..16]), secret: *secret, key })
        };
        secrets.iter().map(key).collect::<Result<_, String>>().map(Self)
    }

    /// A ring that is no secret, for trying things out.
    pub fn example() -> Result<Self, String> {
        Self::of(&[sha256(&[b"an example, not a secret"])])
    }

    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let secrets = lines.map(|line| {
            let key = line.strip_prefix(PREFIX).and_then(|key| BASE64_STANDARD.decode(key.trim()).ok());
            key.and_then(|key| <[u8; 32]>::try_from(key).ok())
                .filter(|key| key.iter().any(|byte| byte != &key[0]))
                .ok_or_else(|| "has a line that is no content key; `prongsai keygen content FILE` makes one".to_owned())
        });
        let ring = Self::of(&secrets.collect::<Result<Vec<_>, _>>()?)?;
        match ring.0.first() {
            None => Err("has no content key".to_owned()),
            Some(key) if key.id == Self::example()?.0[0].id => Err("is an example, not a secret".to_owned()),
            Some(_) => Ok(ring),
        }
    }

    pub fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Self::parse(without_bom(&text)).map_err(|error| format!("{} {error}", file.display()))
    }

    /// As its file has it.
    pub fn text(&self) -> String {
        self.0.iter().map(|key| format!("{PREFIX}{}\n", BASE64_STANDARD.encode(key.secret))).collect()
    }

    pub fn id(&self) -> &str {
        self.0.first().map_or("", |key| &key.id)
    }
}

impl fmt::Debug for ContentKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentKeys({})", self.id())
    }
}

impl ContentKeys {
    /// With a new key before those that are there.
    pub fn renewed(&self) -> Result<Self, String> {
        let newest = random().map_err(|_| "no key could be made")?;
        let secrets: Vec<_> = [newest].into_iter().chain(self.0.iter().map(|key| key.secret)).collect();
        Self::of(&secrets)
    }

    /// The newest alone.
    pub fn newest(&self) -> Result<Self, String> {
        Self::of(&self.0.iter().take(1).map(|key| key.secret).collect::<Vec<_>>())
    }

    /// A case's key, sealed under the newest of the ring.
    fn seal(&self, case: Uuid, secret: &[u8; 32]) -> Result<case_key::Model> {
        let newest = self.0.first().ok_or(Code::Internal)?;
        let sealed = newest.key.seal(&place(SEALED, case), secret)?;
        Ok(case_key::Model { case_id: case, ring_key: newest.id.clone(), sealed })
    }

    fn open(&self, row: &case_key::Model) -> Option<[u8; 32]> {
        let key = self.0.iter().find(|key| key.id == row.ring_key)?;
        key.key.open(&place(SEALED, row.case_id), &row.sealed)?.try_into().ok()
    }

    /// Seals a case's key under the newest of the ring.
    pub fn reseal(&self, row: &case_key::Model) -> Result<case_key::Model> {
        let secret = self.open(row).ok_or_else(|| unopened(row))?;
        self.seal(row.case_id, &secret)
    }
}

const SEALED: &str = "case_key.sealed";

fn unopened(row: &case_key::Model) -> Error {
    tracing::error!(ring_key = row.ring_key, "a case cannot be opened with the content keys that there are");
    Code::Internal.into()
}

/// What tells one state of the file of keys from another: the file itself, its size, and when it was written.
type Stamp = (u64, u64, SystemTime);

#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    keys: RwLock<Arc<ContentKeys>>,
    /// Rereads the ring when its file has changed: from then on no key that is being retired encrypts anything.
    file: Option<PathBuf>,
    /// The file as it was read last.
    read: Mutex<Option<Stamp>>,
}

impl Vault {
    pub fn new(keys: ContentKeys, file: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner { keys: RwLock::new(Arc::new(keys)), file, read: Mutex::default() }))
    }

    fn keys(&self) -> Arc<ContentKeys> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The ring as its file has it now. It is read where the file has changed since it was read last.
    fn fresh(&self) -> Arc<ContentKeys> {
        let Some(file) = &self.0.file else { return self.keys() };
        let mut read = self.0.read.lock().unwrap_or_else(PoisonError::into_inner);
        // Before it is read: what is written meanwhile is read the next time.
        let stamp = stamp(file);
        if stamp.is_none() || *read != stamp {
            match ContentKeys::read(file) {
                Ok(keys) => {
                    *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                    *read = stamp;
                }
                Err(error) => tracing::warn!(error, "the content keys could not be read; the old ones stay"),
            }
        }
        self.keys()
    }

    /// Stores the key of a new case.
    pub async fn begin(&self, write: &Write, new: &NewKey) -> Result<CaseKey> {
        let row = case_key::ActiveModel::from(self.sealed(new).await?);
        case_key::Entity::insert(row).exec_without_returning(write).await?;
        new.key()
    }

    /// A new key, sealed under the newest of the ring.
    pub async fn sealed(&self, new: &NewKey) -> Result<case_key::Model> {
        let (NewKey { case, secret }, vault) = (new.clone(), self.clone());
        spawn_blocking(move || vault.fresh().seal(case, &secret)).await.map_err(Error::internal)?
    }

    /// The key of a case that is there.
    pub fn open(&self, row: &case_key::Model) -> Result<CaseKey> {
        let secret = self.secret(row).ok_or_else(|| unopened(row))?;
        Ok(CaseKey(SealKey::of(&secret)?))
    }

    /// A key that hashes texts, and seals nothing.
    pub fn hash_key(&self, row: &case_key::Model) -> Option<hmac::Key> {
        self.secret(row).map(|secret| hmac::Key::new(hmac::HMAC_SHA256, &secret))
    }

    fn secret(&self, row: &case_key::Model) -> Option<[u8; 32]> {
        self.keys().open(row).or_else(|| self.fresh().open(row))
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    let about = std::fs::metadata(file).ok()?;
    Some((about.ino(), about.len(), about.modified().ok()?))
}

/// The key of a case that is yet to be filed.
#[derive(Clone)]
pub struct NewKey {
    pub case: Uuid,
    secret: [u8; 32],
}

impl NewKey {
    pub fn of(case: Uuid) -> Result<Self> {
        Ok(Self { case, secret: random()? })
    }

    pub fn key(&self) -> Result<CaseKey> {
        Ok(CaseKey(SealKey::of(&self.secret)?))
    }
}

/// What the texts and files of one case are sealed under.
pub struct CaseKey(SealKey);

impl CaseKey {
    /// Seals a text for a column of a row.
    pub fn seal(&self, column: &str, row: Uuid, text: &str) -> Result<Vec<u8>> {
        self.0.seal(&place(column, row), text.as_bytes())
    }

    pub fn open(&self, column: &str, row: Uuid, sealed: &[u8]) -> Result<String> {
        let text = self.0.open(&place(column, row), sealed).and_then(|text| String::from_utf8(text).ok());
        text.ok_or_else(|| {
            tracing::error!(column, "a sealed text is not the one that was sealed");
            Code::Internal.into()
        })
    }

    /// Seals a part of a file; the place says which.
    pub fn seal_bytes(&self, place: &[u8], bytes: &[u8]) -> Result<Vec<u8>> {
        self.0.seal(place, bytes)
    }

    /// Nothing where it is not the part that was sealed.
    pub fn open_bytes(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(place, sealed)
    }
}

fn place(column: &str, row: Uuid) -> Vec<u8> {
    [column.as_bytes(), b"\n", row.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_survives_being_written_and_read_and_tells_nothing_of_itself() {
        let ring = ContentKeys::generate().unwrap();
        let read = ContentKeys::parse(&format!("# ours\n\n{}", ring.text())).unwrap();
        assert_eq!(read.id(), ring.id());
        assert_eq!(format!("{ring:?}"), format!("ContentKeys({})", ring.id()));
    }

    #[test]
    fn what_is_no_ring_or_everybodys_is_refused() {
        let zeros = format!("{PREFIX}{}", BASE64_STANDARD.encode([0; 32]));
        let example = ContentKeys::example().unwrap().text();
        for wrong in ["", "x", PREFIX, &zeros, &example] {
            assert!(ContentKeys::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_file_of_keys_is_read_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys");
        let rings = [(); 3].map(|()| ContentKeys::generate().unwrap());
        let written = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        let write = |ring: &ContentKeys, at: SystemTime| {
            std::fs::write(&file, ring.text()).unwrap();
            std::fs::File::options().write(true).open(&file).unwrap().set_modified(at).unwrap();
        };
        write(&rings[0], written);
        let vault = Vault::new(ContentKeys::generate().unwrap(), Some(file.clone()));
        assert_eq!(vault.fresh().id(), rings[0].id());
        // Of the same size, and made to look as if nothing had happened: it is not even read.
        write(&rings[1], written);
        assert_eq!(vault.fresh().id(), rings[0].id());
        write(&rings[1], written + std::time::Duration::from_secs(1));
        assert_eq!(vault.fresh().id(), rings[1].id());
        // As a rotation does it: another file takes the name.
        let other = folder.path().join("other");
        std::fs::write(&other, rings[2].text()).unwrap();
        std::fs::rename(&other, &file).unwrap();
        assert_eq!(vault.fresh().id(), rings[2].id());
        std::fs::remove_file(&file).unwrap();
        assert_eq!(vault.fresh().id(), rings[2].id());
    }
}
