//! The document as it is served: with the contact of the agency, which only the database knows, and with the address of the other
//! language. The committed one is neutral.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web::Bytes;
use serde_json::{Value, json};

use crate::domain::message::Language;
use crate::http::etag::content_tag;
use crate::openapi::yaml;

/// Where the neutral document has the service.
const EXAMPLE: &str = "https://api.example.go.th";

/// The forms in which the document is served.
#[derive(Clone, Copy)]
pub enum Form {
    Json,
    Yaml,
    /// JSON with Thai texts.
    Thai,
}

impl Form {
    const COUNT: usize = 3;

    pub fn media_type(self) -> &'static str {
        match self {
            Form::Yaml => "application/yaml",
            Form::Json | Form::Thai => "application/json",
        }
    }

    pub fn language(self) -> Language {
        match self {
            Form::Thai => Language::Thai,
            Form::Json | Form::Yaml => Language::English,
        }
    }
}

/// Who runs the service, in the language of the document.
pub struct Contact {
    pub name: String,
    pub url: Option<String>,
    pub email: Option<String>,
}

/// A document with its ETag.
pub struct Text {
    pub body: Bytes,
    pub etag: String,
}

/// A text, and the revision of the agency that it has.
type Written = (i64, Arc<Text>);

/// The documents, each written once for a revision of the agency.
pub struct Documents {
    english: &'static Value,
    thai: &'static Value,
    /// Where clients reach the service, without a slash at the end.
    public_url: String,
    written: Mutex<[Option<Written>; Form::COUNT]>,
}

impl Documents {
    pub fn new(english: &'static Value, thai: &'static Value, public_url: String) -> Self {
        Self { english, thai, public_url, written: Mutex::default() }
    }

    /// The one that was written at this revision.
    pub fn written(&self, form: Form, revision: i64) -> Option<Arc<Text>> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written[form as usize].as_ref().filter(|(of, _)| *of == revision).map(|(_, text)| text.clone())
    }

    /// Writes one, unless it is written already. Without a contact it is neutral.
    pub fn write(&self, form: Form, revision: i64, contact: Option<Contact>) -> Arc<Text> {
        if let Some(text) = self.written(form, revision) {
            return text;
        }
        let mut document = match form {
            Form::Json | Form::Yaml => self.english.clone(),
            Form::Thai => self.thai.clone(),
        };
        let (path, about) = match form.language() {
            Language::Thai => ("/docs/", "This document in English (เอกสารฉบับภาษาอังกฤษ)"),
            Language::English => ("/docs/?lang=th", "เอกสารฉบับภาษาไทย (this document in Thai)"),
        };
        // Examples of requests are copied.
        if let Some(about) = document["info"]["description"].as_str() {
            document["info"]["description"] = json!(about.replace(EXAMPLE, &self.public_url));
        }
        document["externalDocs"] = json!({ "url": format!("{}{path}", self.public_url), "description": about });
        if let Some(Contact { name, url, email }) = contact {
            document["info"]["contact"] = json!({ "name": name });
            let ways = [("url", url), ("email", email)];
            for (way, value) in ways.into_iter().filter_map(|(way, value)| Some((way, value?))) {
                document["info"]["contact"][way] = json!(value);
            }
        }
        let body = match form {
            Form::Yaml => yaml::of(&document),
            Form::Json | Form::Thai => format!("{document:#}\n"),
        };
        let text = Arc::new(Text { etag: content_tag(body.as_bytes()), body: body.into() });
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written[form as usize] = Some((revision, text.clone()));
        text
    }
}
