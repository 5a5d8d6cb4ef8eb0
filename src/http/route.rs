//! What an operation is, as far as something follows from it. Its handler says so in the document (`x-kind`); the middlewares and
//! what completes the document ask here. Nothing is concluded from the spelling of a path.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Below these addresses are files, which the document does not describe: each page is relative to the slash at its end, and none
/// needs the database.
pub const FILES: [&str; 2] = ["/docs", "/website"];

/// Whether the address is of such a file.
pub fn is_file(path: &str) -> bool {
    FILES.iter().any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// What a handler says of its operation: `#[utoipa::path(.., extensions(("x-kind" = json!([Kind::Lookup]))))]`. An operation of no
/// kind reads or writes records, as its method says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A lookup by receipt: safe (RFC 9110, section 9.2.1), and padded against side channels.
    Lookup,
    /// Safe, and a POST because what it asks with does not belong in an address.
    Query,
    /// Responds with a file, without an ETag. Safe.
    File,
    /// Responds with a file that never changes: its ETag is its SHA-256, and caches keep it for good.
    Immutable,
    /// Takes or issues a secret: its response is never stored for a repeated request.
    Secret,
    /// Authenticates a person or a client: `secret`, and in the rate limit group `logins`.
    Login,
    /// Takes forms, and responds with the errors of OAuth 2.0 (RFC 6749).
    Oauth,
    /// Takes a new complaint: in the rate limit group `complaints`.
    ComplaintIntake,
    /// Takes a new service request: in the rate limit group `requests`.
    RequestIntake,
    /// Issues a challenge that can be used once, so that its response has no ETag.
    Challenge,
    /// Moves a record to another status: `If-Match` is optional, and the response has the new ETag.
    Transition,
    /// Acts upon a content that somebody has read: `If-Match` is required, as it is to change or delete a record.
    Conditional,
    /// Writes many records: no `Location` names them.
    Batch,
    /// A document for publication, also in HTML and DOCX.
    Report,
    /// A published file, which never changes, in the format that its address names.
    PublishedFile,
    /// A health check, or a file of a page: needs no database, is never limited, and never refused for load.
    Probe,
    /// Describes the service, not its records: no ETag, so no conditional requests.
    Metadata,
    /// The entry point, with the links to the rest.
    Index,
}

/// The kinds of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    /// As its handler says in the document. Handlers write a [`Kind`], so no other name can stand there.
    pub fn of(operation: &Value) -> Self {
        let names = operation["x-kind"].as_array().into_iter().flatten();
        names.filter_map(|name| Kind::deserialize(name).ok()).collect()
    }

    pub fn has(self, kind: Kind) -> bool {
        self.0 & bit(kind) != 0
    }

    pub fn has_any(self, kinds: &[Kind]) -> bool {
        kinds.iter().any(|kind| self.has(*kind))
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<T: IntoIterator<Item = Kind>>(kinds: T) -> Self {
        Self(kinds.into_iter().fold(0, |bits, kind| bits | bit(kind)))
    }
}

fn bit(kind: Kind) -> u32 {
    1 << kind as u32
}
