//! Requests that are made of the document: right in everything, except for what a test makes wrong.

use prongsai::schema::validate::escaped;
use serde_json::{Value, json};
use uuid::Uuid;

use super::document::DOCUMENT;
use super::form::Form;
use super::samples::{complaint, permit};
use super::{Answer, Service};

/// An operation of the document.
pub struct Operation {
    pub method: String,
    pub template: String,
    /// JSON pointer into the document.
    pub place: String,
}

impl Operation {
    pub fn all() -> Vec<Self> {
        let paths = DOCUMENT["paths"].as_object().unwrap();
        let operation = |(template, method): (&String, &String)| {
            let place = format!("/paths/{}/{method}", escaped(template));
            Self { method: method.to_uppercase(), template: template.clone(), place }
        };
        let methods = |(template, item): (_, &'static Value)| {
            item.as_object().unwrap().keys().map(move |method| (template, method))
        };
        paths.iter().flat_map(methods).map(operation).collect()
    }

    pub fn document(&self) -> &'static Value {
        DOCUMENT.pointer(&self.place).unwrap()
    }

    pub fn id(&self) -> &'static str {
        self.document()["operationId"].as_str().expect("an id")
    }

    /// Its answers of success in JSON, each with its place.
    pub fn answers(&self) -> Vec<(String, &'static Value)> {
        let answers = self.document()["responses"].as_object().unwrap().iter();
        let fine = answers.filter(|(status, _)| status.starts_with('2'));
        let contents = fine.flat_map(|(status, answer)| {
            let contents = answer["content"].as_object().into_iter().flatten();
            contents.filter(|(kind, _)| kind.ends_with("json")).map(move |(kind, content)| {
                (format!("{}/responses/{status}/content/{}", self.place, escaped(kind)), content)
            })
        });
        contents.collect()
    }

    pub fn documents(&self, status: u16) -> bool {
        self.document()["responses"].get(status.to_string()).is_some()
    }

    pub fn security(&self) -> &'static [Value] {
        self.document()["security"].as_array().expect("every operation says who may")
    }

    /// Whether it answers nobody without a token.
    pub fn is_guarded(&self) -> bool {
        !self.security().is_empty() && !self.security().contains(&json!({}))
    }

    /// The scopes that it needs, or with which it does more.
    pub fn scopes(&self) -> impl Iterator<Item = &'static str> {
        self.security().iter().filter_map(|scheme| scheme["bearer"][0].as_str())
    }

    /// The scope that the operation needs; none where anybody may, or anybody with a token.
    pub fn scope(&self) -> Option<&'static str> {
        self.scopes().next().filter(|_| self.is_guarded())
    }

    /// Its parameters of one kind, each with the place of its schema.
    pub fn parameters(&self, of: &str) -> impl Iterator<Item = (&'static str, &'static Value, String)> {
        let all = self.document()["parameters"].as_array().unwrap();
        all.iter().enumerate().filter(move |(_, known)| known["in"] == of).map(|(index, parameter)| {
            let place = format!("{}/parameters/{index}/schema", self.place);
            (parameter["name"].as_str().unwrap(), parameter, place)
        })
    }

    pub fn takes(&self, header: &str) -> bool {
        self.parameters("header").any(|(name, ..)| name == header)
    }

    pub fn needs(&self, header: &str) -> bool {
        self.parameters("header").any(|(name, parameter, _)| name == header && parameter["required"] == true)
    }

    /// Media type, place of the schema and example of its JSON body.
    pub fn body(&self) -> Option<(String, String, Value)> {
        let (kind, body) = self.document()["requestBody"]["content"].as_object()?.iter().next()?;
        let place = format!("{}/requestBody/content/{}/schema", self.place, escaped(kind));
        kind.ends_with("json").then(|| (kind.clone(), place, body["example"].clone()))
    }

    /// Whether it takes a file.
    pub fn uploads(&self) -> bool {
        self.document()["requestBody"]["content"].get("multipart/form-data").is_some()
    }

    /// Place of the schema and example of its form with a file.
    pub fn multipart(&self) -> Option<(String, Value)> {
        let form = self.document()["requestBody"]["content"].get("multipart/form-data")?;
        Some((format!("{}/requestBody/content/multipart~1form-data/schema", self.place), form["example"].clone()))
    }

    /// Media type and example of its form, coded.
    pub fn form(&self) -> Option<(String, Vec<u8>)> {
        let (kind, body) = self.document()["requestBody"]["content"].as_object()?.iter().next()?;
        match &**kind {
            "multipart/form-data" => Some(Form::of(&body["example"]).finish()),
            "application/x-www-form-urlencoded" => {
                let fields = body["example"].as_object().into_iter().flatten().map(|(name, value)| (name, text(value)));
                let coded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                Some((kind.clone(), coded.into_bytes()))
            }
            _ => None,
        }
    }
}

/// A request that is right, except for what a test makes wrong about it.
#[derive(Clone)]
pub struct Ask {
    method: String,
    path: String,
    query: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
}

impl Ask {
    pub async fn right(service: &Service, operation: &Operation) -> Self {
        if operation.template.starts_with("/v1/publications/{") {
            service.published_report().await;
        }
        let mut path = operation.template.clone();
        if let Some((collection, _)) = operation.template.split_once("/{id}") {
            let scopes = [
                "users:read",
                "clients:read",
                "complaints:handle",
                "identities:approve",
                "posts:read",
                "publications:read",
                "links:read",
                "service-requests:handle",
            ];
            let all = service.token_with(&scopes);
            let first = async |collection: &str| {
                let list = service.get(collection).token(&all).send().await.expect(200).json();
                match list["items"][0]["id"].as_str() {
                    Some(id) => id.to_owned(),
                    None if collection == "/v1/user-approvals" => service.ask_for_approval().await,
                    None => Self::create(service, collection).await,
                }
            };
            // Files are listed with what they belong to.
            let id = match collection.strip_suffix("-attachments") {
                Some(kind) => {
                    let case = first(&format!("{kind}s?sort=received_at")).await;
                    first(&format!("{kind}s/{case}/attachments")).await
                }
                None => first(collection).await,
            };
            path = path.replace("{id}", &id);
        }
        for (name, parameter, _) in operation.parameters("path") {
            path = path.replace(&format!("{{{name}}}"), &text(&parameter["example"]));
        }
        let required = operation.parameters("query").filter(|(_, parameter, _)| parameter["required"] == true);
        let query: Vec<_> = required.map(|(name, known, _)| format!("{name}={}", text(&known["example"]))).collect();
        let mut headers = Vec::new();
        if let Some(scope) = operation.scope() {
            headers.push(("Authorization", format!("Bearer {}", service.token_with(&[scope]))));
        }
        if operation.needs("If-Match") {
            headers.push(("If-Match", "*".to_owned()));
        }
        if operation.needs("Idempotency-Key") {
            headers.push(("Idempotency-Key", Uuid::now_v7().to_string()));
        }
        if operation.is_guarded() && operation.scope().is_none() {
            headers.push(("Authorization", format!("Bearer {}", service.token_of_a_person().await)));
        }
        if let Some((kind, form)) = operation.form() {
            headers.push(("Content-Type", kind));
            let query = query.join("&");
            return Self { method: operation.method.clone(), path, query, headers, body: Some(form) };
        }
        let body = operation.body();
        headers.extend(body.iter().map(|(kind, ..)| ("Content-Type", kind.clone())));
        let mut body = body.map(|(.., example)| example);
        if let Some(receipt) = body.as_mut().and_then(|body| body.get_mut("receipt")) {
            *receipt = Self::receipt(service, operation).await;
        }
        let body = body.map(|body| body.to_string().into_bytes());
        Self { method: operation.method.clone(), path, query: query.join("&"), headers, body }
    }

    /// A receipt of a new case, of the kind that an operation is for.
    pub async fn receipt(service: &Service, operation: &Operation) -> Value {
        let given = match operation.template.starts_with("/v1/service-requests/") {
            // Not for the one that the walks change.
            true => service.ask_for("permit-application", &permit()).await,
            false => service.report(&complaint()).await,
        };
        given["receipt"].clone()
    }

    /// The id of a record that is as the example of the document.
    async fn create(service: &Service, collection: &str) -> String {
        let creates = |operation: &Operation| operation.method == "POST" && operation.template == collection;
        let operation = Operation::all()
            .into_iter()
            .find(creates)
            .unwrap_or_else(|| panic!("{collection} has no record, and no operation that creates one"));
        let token = service.token_with(&[operation.scope().expect("a scope")]);
        let request = service.post(collection).token(&token);
        let request = match operation.multipart() {
            Some((_, example)) => request.form(Form::of(&example)),
            None => request.json(&operation.body().expect("an example").2),
        };
        let created = request.send().await.expect(201).json();
        let list = service.get(collection).token(&token).send().await.expect(200).json();
        let [listed] = &list["items"].as_array().unwrap()[..] else {
            panic!("{collection} does not list what was created")
        };
        // An upload is told what else is in the file.
        assert!(listed.as_object().unwrap().iter().all(|(name, value)| created[name] == *value), "{listed} {created}");
        created["id"].as_str().expect("an id").to_owned()
    }

    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    pub fn path(mut self, path: String) -> Self {
        self.path = path;
        self
    }

    /// With this in place of a parameter of the path.
    pub fn segment(self, template: &str, name: &str, value: &str) -> Self {
        let name = format!("{{{name}}}");
        let segments = template.split('/').zip(self.path.split('/'));
        let segments = segments.map(|(known, sent)| if known == name { value } else { sent });
        let path = segments.collect::<Vec<_>>().join("/");
        self.path(path)
    }

    /// With this parameter and no other of its name.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let others = url::form_urlencoded::parse(self.query.as_bytes()).filter(|(other, _)| other != name);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        self.query = query.extend_pairs(others).append_pair(name, value).finish();
        self
    }

    pub fn without(mut self, header: &str) -> Self {
        self.headers.retain(|(name, _)| *name != header);
        self
    }

    pub fn header(self, name: &'static str, value: &str) -> Self {
        let mut changed = self.without(name);
        changed.headers.push((name, value.to_owned()));
        changed
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub async fn send(&self, service: &Service) -> Answer {
        let path = format!("{}?{}", self.path, self.query);
        let request = service.request(&self.method, path.trim_end_matches('?'));
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        match self.body.clone() {
            Some(body) => request.body(body).send().await,
            None => request.send().await,
        }
    }
}

/// A value as a parameter.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// `body` with a value at a pointer, if there is something that can have it.
pub fn with(body: &Value, pointer: &str, value: &Value) -> Option<Value> {
    let mut body = body.clone();
    let (parent, name) = pointer.rsplit_once('/')?;
    match body.pointer_mut(parent)? {
        Value::Object(fields) => drop(fields.insert(name.to_owned(), value.clone())),
        items => *items.get_mut(0)? = value.clone(),
    }
    Some(body)
}
