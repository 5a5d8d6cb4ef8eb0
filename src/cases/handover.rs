//! The hand-over of a referred case to its authority: a ZIP archive with the case, its files, and a signed manifest of both, encrypted
//! to the authority's own key with age. docs/handover.th.md says how it is opened and verified. The sealed identity and
//! the applicant are not included; what the case and its files say themselves is.

use std::fs::File;
use std::io::{self, Read, Seek, Write as _};
use std::iter::once;

use age::Encryptor;
use age::stream::StreamWriter as Sealing;
use age::x25519::Recipient;
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use data_encoding::HEXLOWER;
use entity::case_event::{self, Side};
use entity::{case_file, referral};
use futures_util::StreamExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;
use validator::Validate;
use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

use super::Cases;
use super::attachments::{ATTACH, Attachment};
use super::duplicates::Duplicable;
use super::messages::MESSAGE;
use super::timeline::{self, Entry, TimelineEvent};
use super::vault::CaseKey;
use crate::audit_log::append::Event;
use crate::crypto::keys::SigningKey;
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::files::image;
use crate::domain::files::types::Media;
use crate::domain::timeline::HAND_OVER_CASE;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::memory_budget::too_many_files;
use crate::http::spool::{off_thread, unusable};
use crate::references::Names;

/// What of the record is handed over: nothing of the applicant, of the office's people and of other cases.
const KEPT: &str = "\
    id reference kind category category_name e_service e_service_name form_version form location booked_on channel \
    anonymous subject description occurred_text location_text accused accused_unit accused_unit_name status \
    outcome unit unit_name received_on received_at entered_at register_no first_answer conclusion completion \
    answer_due_on reminder_on delay_notice_due_on result_due_on result_told_on public_note withdrawal_requested_on \
    reopening_requested_on referral reopen_count rating notices";

/// What of the office's own events is handed over where that is wanted. Who handled the case is its own affair.
const INTERNAL: [&str; 2] = [MESSAGE, ATTACH];

/// What is signed begins with it: the key signs the audit log, too.
const SIGNED: &[u8] = b"prongsai hand-over v1\n";

/// The algorithm before an Ed25519 public key (RFC 8410, section 4).
const ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Each takes a temporary file as long as the files of a case.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// For whom the hand-over is encrypted.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "recipient": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p" }))]
pub struct HandoverInput {
    /// Public key of the authority in the format of age, which `age-keygen` prints: `age1` and 58 characters.
    #[schema(
        pattern = "^age1[0-9a-z]{58}$",
        max_length = 62,
        example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    )]
    pub recipient: String,
    /// Whether what only the office sees is handed over as well: its notes and its own files.
    #[serde(default)]
    #[schema(example = false)]
    pub include_internal: bool,
    /// Whether pictures are handed over as they were sent, with their embedded time, place and names. Otherwise those that
    /// can be viewed are copies without metadata. Other files are always as they were sent.
    #[serde(default)]
    #[schema(example = false)]
    pub include_originals: bool,
}

impl HandoverInput {
    fn recipient(&self) -> Result<Recipient> {
        self.recipient.parse().map_err(|_| {
            let violation = FieldCode::WrongCheckDigit.because(
                "กุญแจสาธารณะของ age ไม่ถูกต้อง โปรดคัดลอกใหม่ทั้งบรรทัด",
                "must be a public key of age: its last characters do not follow from the others, so copy it again",
            );
            FieldError::at("/recipient", violation).into()
        })
    }
}

/// Who makes it, and of what.
pub struct Handover<'a, C> {
    pub cases: &'a Cases,
    pub signer: &'a SigningKey,
    /// The name of the service.
    pub issuer: &'a str,
    pub case: &'a C,
    pub reference: &'a str,
    /// Where the case was referred to.
    pub referral: Option<&'a referral::Referral>,
    /// The record as the office sees it.
    pub record: Value,
    /// What the manifest says of who reported or applied.
    pub left_out: &'static str,
}

/// What is handed over, encrypted.
pub struct Sealed {
    pub file: File,
    pub size: usize,
    recipient: String,
    sha256: String,
    /// The version of the case that is in it.
    version: i32,
}

/// A file of the case, and how it is handed over.
struct Enclosed {
    file: case_file::Model,
    media: Media,
    listed: Listed,
}

/// A file of the case, as its record has it.
#[derive(Serialize)]
struct Listed {
    /// Its name in the archive. What its sender called it is no safe name.
    path: String,
    without_metadata: bool,
    #[serde(flatten)]
    attachment: Attachment,
}

/// A file of the archive, as the manifest has it.
#[derive(Serialize)]
struct Packed {
    name: String,
    size_bytes: u64,
    sha256: String,
}

impl<C: Duplicable> Handover<'_, C> {
    /// Makes the archive. What is in clear is in memory only.
    pub async fn seal(self, input: &HandoverInput) -> Result<Sealed> {
        let recipient = input.recipient()?;
        let referral = self.referral.ok_or_else(not_addressed)?;
        let _one: SemaphorePermit<'_> = AT_ONCE.try_acquire().map_err(|_| too_many_files())?;
        let key = self.case.needed_key(&self.cases.vault)?;
        let files = self.files(input, &key).await?;
        let mut archive = Archive::begin(recipient.clone()).await?;
        archive = archive.add("case.json", self.content(input, &key, &files).await?).await?;
        for file in files {
            archive = self.pack(archive, file, &key).await?;
        }
        let about = json!({
            "service": self.issuer,
            "reference": self.reference,
            "authority": referral.authority,
            "made_at": self.cases.db.now(),
            "recipient": recipient.to_string(),
            "left_out": self.left_out,
        });
        archive.finish(about, self.signer, (recipient.to_string(), self.case.version())).await
    }

    async fn files(&self, input: &HandoverInput, key: &CaseKey) -> Result<Vec<Enclosed>> {
        use case_file::{Column, Entity};
        let files = Entity::find().filter(Column::CaseId.eq(self.case.case_id())).order_by_asc(Column::Id);
        let files = files.all(self.cases.db.reader()).await?.into_iter();
        let enclosed = |(index, file): (usize, case_file::Model)| {
            let media = Media::named(&file.media_type).ok_or(Code::Internal)?;
            let attachment = Attachment::open(file.clone(), Some(key), &Names::new())?;
            let path = format!("attachments/{:02}.{}", index + 1, media.extensions()[0]);
            let without_metadata = !input.include_originals && attachment.has_view == Some(true);
            // What was found in it is a warning for whoever opens it.
            let attachment = Attachment { findings: attachment.findings.clone(), ..attachment.unnamed() };
            Ok(Enclosed { file, media, listed: Listed { path, without_metadata, attachment } })
        };
        files.filter(|file| file.public || input.include_internal).enumerate().map(enclosed).collect()
    }

    /// The record, its timeline and a list of its files. The office is one, as for the reporter.
    async fn content(&self, input: &HandoverInput, key: &CaseKey, files: &[Enclosed]) -> Result<Vec<u8>> {
        use case_event::{Column, Entity};
        let mut record = self.record.clone();
        if let Some(fields) = record.as_object_mut() {
            fields.retain(|name, _| KEPT.split(' ').any(|kept| kept == name));
        }
        let events = Entity::find().filter(Column::CaseId.eq(self.case.case_id())).order_by_asc(Column::No);
        let events = events.all(self.cases.db.reader()).await?.into_iter();
        let is_wanted = |action: &str| input.include_internal && INTERNAL.contains(&action);
        let events = events.filter(|event| event.public || is_wanted(&event.action));
        let open = |event| TimelineEvent::open::<C>(event, Some(key), &Names::new()).map(TimelineEvent::unnamed);
        let timeline = events.map(open).collect::<Result<Vec<_>>>()?;
        let attachments: Vec<&Listed> = files.iter().map(|file| &file.listed).collect();
        let content = json!({ "record": record, "timeline": timeline, "attachments": attachments });
        serde_json::to_vec_pretty(&content).map_err(Error::internal)
    }

    async fn pack(&self, mut archive: Archive, enclosed: Enclosed, key: &CaseKey) -> Result<Archive> {
        let Enclosed { file, media, listed: Listed { path, without_metadata, .. } } = enclosed;
        if without_metadata {
            let (whole, _room) = self.cases.blobs.get_whole(key, &file, Side::Office).await?;
            let bare = tokio::task::spawn_blocking(move || image::without_metadata(media, &whole));
            return archive.add(&path, bare.await.map_err(Error::internal)?.ok_or(Code::Damaged)?).await;
        }
        let key = self.case.needed_key(&self.cases.vault)?;
        let (pieces, _room) = self.cases.blobs.get(key, file, Side::Office).await?.into_pieces();
        let mut pieces = std::pin::pin!(pieces);
        archive.start(&path).map_err(unusable)?;
        while let Some(piece) = pieces.next().await {
            archive = archive.write(piece?).await?;
        }
        archive.end(path);
        Ok(archive)
    }
}

/// What is being written: each file goes into the archive, which goes encrypted into a temporary file.
struct Archive {
    zip: ZipWriter<StreamWriter<Sealing<File>>>,
    packed: Vec<Packed>,
    digest: Context,
    size: u64,
}

impl Archive {
    async fn begin(recipient: Recipient) -> Result<Self> {
        let sealing = off_thread(move || {
            let encryptor =
                Encryptor::with_recipients(once(&recipient as &dyn age::Recipient)).map_err(io::Error::other)?;
            encryptor.wrap_output(tempfile::tempfile()?)
        });
        let zip = ZipWriter::new_stream(sealing.await.map_err(unusable)?);
        Ok(Self { zip, packed: Vec::new(), digest: Context::new(&SHA256), size: 0 })
    }

    fn start(&mut self, name: &str) -> io::Result<()> {
        (self.digest, self.size) = (Context::new(&SHA256), 0);
        Ok(self.zip.start_file(name, SimpleFileOptions::DEFAULT)?)
    }

    async fn write(mut self, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Self> {
        let written = off_thread(move || {
            let bytes = bytes.as_ref();
            self.zip.write_all(bytes)?;
            self.digest.update(bytes);
            self.size += bytes.len() as u64;
            Ok(self)
        });
        written.await.map_err(unusable)
    }

    fn end(&mut self, name: String) {
        let sha256 = HEXLOWER.encode(self.digest.clone().finish().as_ref());
        self.packed.push(Packed { name, size_bytes: self.size, sha256 });
    }

    async fn add(mut self, name: &str, bytes: Vec<u8>) -> Result<Self> {
        self.start(name).map_err(unusable)?;
        let mut archive = self.write(bytes).await?;
        archive.end(name.to_owned());
        Ok(archive)
    }

    /// Signs the manifest, and ends the file.
    async fn finish(
        self,
        mut about: Value,
        signer: &SigningKey,
        (recipient, version): (String, i32),
    ) -> Result<Sealed> {
        about["files"] = json!(self.packed);
        let manifest = serde_json::to_vec_pretty(&about).map_err(Error::internal)?;
        let signature = signer.sign(&[SIGNED, &manifest].concat());
        let archive = self.add("manifest.json", manifest).await?.add("manifest.sig", signature).await?;
        let archive = archive.add("public-key.pem", public_pem(signer).into_bytes()).await?;
        let ended = off_thread(move || {
            let mut file = archive.zip.finish()?.into_inner().finish()?;
            let size = file.stream_position()?;
            file.rewind()?;
            let (mut digest, mut piece) = (Context::new(&SHA256), vec![0; 64 << 10]);
            loop {
                match file.read(&mut piece)? {
                    0 => break,
                    read => digest.update(&piece[..read]),
                }
            }
            file.rewind()?;
            Ok((file, size, HEXLOWER.encode(digest.finish().as_ref())))
        });
        let (file, size, sha256) = ended.await.map_err(unusable)?;
        Ok(Sealed { file, size: usize::try_from(size).map_err(Error::internal)?, recipient, sha256, version })
    }
}

/// The public key as openssl reads it.
fn public_pem(key: &SigningKey) -> String {
    let body = BASE64_STANDARD.encode([&ED25519[..], key.public()].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
}

/// Puts the hand-over on the timeline, for the office alone, and in the log: for which key it is, and which file it was.
pub async fn record<C: Duplicable>(cases: &Cases, write: &Write, case: C, sealed: &Sealed) -> Result<Event> {
    case.refuse_named(write).await?;
    let key = case.needed_key(&cases.vault)?;
    let Sealed { recipient, sha256, version, .. } = sealed;
    if case.version() != *version {
        return Err(Code::IllegalTransition.because(
            "เรื่องมีการเปลี่ยนแปลงระหว่างจัดทำไฟล์ โปรดจัดทำไฟล์ใหม่",
            "The case changed while the file was made: make it again.",
        ));
    }
    let text = format!("SHA-256 {sha256}\n{recipient}");
    let entry = Entry { action: HAND_OVER_CASE, side: Side::Office, public: false, status: None, text: Some(&text) };
    timeline::add(write, &key, case.case_id(), entry).await?;
    let case = case.touch(write).await?;
    Ok(Event::about(HAND_OVER_CASE, &case).with(json!({ "recipient": recipient, "sha256": sha256 })))
}

fn not_addressed() -> Error {
    Code::IllegalTransition.because(
        "จัดทำไฟล์ส่งมอบได้หลังจากส่งต่อเรื่องและระบุหน่วยงานแล้ว",
        "A hand-over file is made of a case that was referred to an authority, once that is entered.",
    )
}
