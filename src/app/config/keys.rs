//! Settings for key files and retention, which several commands share.

use std::path::PathBuf;

use clap::Args;

use crate::audit_log::checkpoint_file::CheckpointFile;
use crate::cases::custodians::Custodians;
use crate::cases::vault::ContentKeys;
use crate::crypto::keys::{KeyRing, SigningKey};
use crate::domain::retention::Retention;

/// Who signs tokens.
#[derive(Args, Clone, Debug)]
pub struct KeyArgs {
    /// File with the Ed25519 private keys (PKCS #8 PEM) of tokens, the newest first; `prongsai keygen signing` makes one
    #[arg(long, env = "PRONGSAI_SIGNING_KEY", value_name = "FILE")]
    pub signing_key: Option<PathBuf>,
    /// Issuer of the tokens, and name of the audit log
    #[arg(long, env = "PRONGSAI_ISSUER", default_value = "prongsai")]
    pub issuer: String,
}

/// Who signs the audit log.
#[derive(Args, Clone, Debug)]
pub struct AuditKeyArgs {
    /// File with the Ed25519 private key that signs the audit log's checkpoints; keep it for as long as the log
    #[arg(long, env = "PRONGSAI_AUDIT_KEY", value_name = "FILE")]
    pub audit_key: Option<PathBuf>,
}

/// What the texts of complaints are sealed under.
#[derive(Args, Clone, Debug)]
pub struct ContentKeyArgs {
    /// File with the content keys, which encrypt texts and files of cases, the newest first; `prongsai keygen content`
    /// makes one
    #[arg(long, env = "PRONGSAI_CONTENT_KEYS", value_name = "FILE")]
    pub content_keys: Option<PathBuf>,
}

/// How long what was written is kept.
#[derive(Args, Clone, Debug)]
pub struct RetentionArgs {
    /// Retention periods of closed complaints, such as corruption=20y,service.withdrawn=18m; the default is ten years
    /// for corruption and misconduct, five for services, one for feedback
    #[arg(long, env = "PRONGSAI_RETENTION", default_value = "", value_name = "KIND[.OUTCOME]=TIME")]
    pub retention: String,
}

/// Whom the identities of reporters are sealed to.
#[derive(Args, Clone, Debug)]
pub struct CustodianKeyArgs {
    /// File with the public keys of two or more custodians (age1...), one per line, who alone can read the identity of
    /// reporters; without it only anonymous complaints are accepted. `prongsai keygen custodian` makes a key
    #[arg(long, env = "PRONGSAI_CUSTODIAN_KEYS", value_name = "FILE")]
    pub custodian_keys: Option<PathBuf>,
}

/// Who signs the audit log, and where that is kept outside the database.
#[derive(Args, Clone, Debug)]
pub struct AuditLogArgs {
    #[command(flatten)]
    pub key: AuditKeyArgs,
    /// File that each signed checkpoint of the audit log is appended to, so that the service notices when an older copy of the
    /// database is restored; the default is the file of --audit-key with .checkpoints after its name
    #[arg(long, env = "PRONGSAI_CHECKPOINT_FILE", value_name = "FILE")]
    pub checkpoint_file: Option<PathBuf>,
}

impl AuditLogArgs {
    /// The key, and the file with the checkpoints of the log of this name, which is made where there is none.
    pub fn open(&self, origin: &str) -> Result<(SigningKey, CheckpointFile), String> {
        let key = self.key.read()?;
        let beside = self.key.audit_key.iter().map(|key| format!("{}.checkpoints", key.display()).into());
        let path = self.checkpoint_file.clone().into_iter().chain(beside).next().unwrap_or_default();
        let file = CheckpointFile::open(path, &key, origin).map_err(|error| format!("--checkpoint-file: {error}"))?;
        Ok((key, file))
    }
}

impl KeyArgs {
    pub fn read(&self) -> Result<KeyRing, String> {
        let Some(file) = &self.signing_key else {
            return Err("--signing-key: is required; `prongsai keygen signing FILE` makes one".to_owned());
        };
        KeyRing::read(file).map_err(|error| format!("--signing-key: {error}"))
    }

    /// The issuer. It is also the key name of signed notes, which contains no space and no plus (C2SP signed-note).
    pub fn issuer(&self) -> Result<String, String> {
        let is_forbidden = |c: char| c == '+' || c.is_whitespace() || c.is_control();
        if self.issuer.is_empty() || self.issuer.contains(is_forbidden) {
            return Err(format!("--issuer: {:?} must be a name without spaces and +", self.issuer));
        }
        Ok(self.issuer.clone())
    }
}

impl AuditKeyArgs {
    pub fn read(&self) -> Result<SigningKey, String> {
        let Some(file) = &self.audit_key else {
            return Err("--audit-key: is required; `prongsai keygen signing FILE` makes one".to_owned());
        };
        let pem = std::fs::read_to_string(file).map_err(|error| format!("--audit-key: {}: {error}", file.display()))?;
        SigningKey::from_pem(&pem).map_err(|error| format!("--audit-key: {} {error}", file.display()))
    }
}

impl ContentKeyArgs {
    pub fn read(&self) -> Result<ContentKeys, String> {
        let Some(file) = &self.content_keys else {
            return Err("--content-keys: is required; `prongsai keygen content FILE` makes one".to_owned());
        };
        ContentKeys::read(file).map_err(|error| format!("--content-keys: {error}"))
    }
}

impl RetentionArgs {
    pub fn read(&self) -> Result<Retention, String> {
        self.retention.parse().map_err(|error| format!("--retention: {error}"))
    }
}

impl CustodianKeyArgs {
    pub fn read(&self) -> Result<Option<Custodians>, String> {
        let custodians = self.custodian_keys.as_deref().map(Custodians::read).transpose();
        custodians.map_err(|error| format!("--custodian-keys: {error}"))
    }
}
