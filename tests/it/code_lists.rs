//! Codes and their names.

use serde_json::{Value, json};

use crate::support::{Service, spawn};

/// Every `enum` of texts in the document, with its place.
fn enums<'a>(value: &'a Value, place: String, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            if fields.get("enum").is_some_and(|values| values[0].is_string()) {
                found.push((place.clone(), value));
            }
            // Forms of e-services have choices of their own.
            let parts = fields.iter().filter(|(name, _)| *name != "example");
            parts.for_each(|(name, part)| enums(part, format!("{place}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, part)| enums(part, format!("{place}/{index}"), found));
        }
        _ => {}
    }
}

async fn lists(service: &Service) -> Vec<Value> {
    service.get("/v1/code-lists").send().await.expect(200).json()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn no_code_of_the_document_is_without_both_names() {
    let service = spawn().await;
    let document = service.get("/openapi.json").send().await.json();
    let lists = lists(&service).await;
    let known = |code: &str, label: &Value| {
        let values = lists.iter().flat_map(|list| list["values"].as_array().unwrap());
        values.into_iter().any(|value| value["value"] == code && value["label"] == *label)
    };
    let mut found = Vec::new();
    enums(&document, String::new(), &mut found);
    // The names of columns are no codes; neither is the word for all units.
    found.retain(|(_, schema)| {
        let about = schema["description"].as_str().unwrap_or_default();
        !about.contains("can be ordered by") && schema["enum"] != json!(["all"])
    });
    assert!(found.len() > 30, "{}", found.len());
    for (place, schema) in found {
        for code in schema["enum"].as_array().unwrap() {
            let code = code.as_str().unwrap();
            let label = &schema["x-labels"][code];
            let is_named =
                ["th", "en"].iter().all(|language| label[language].as_str().is_some_and(|it| !it.is_empty()));
            assert!(is_named, "{place}: {code} has no name");
            assert!(label["th"].as_str().unwrap().chars().any(|c| ('\u{E00}'..='\u{E7F}').contains(&c)), "{label}");
            assert!(known(code, label), "{place}: {code} is in no code list");
            assert!(schema["description"].as_str().unwrap().contains(&format!("`{code}`")), "{place}: {code}");
        }
    }
}

/// What refers to a record by its code, in answers that are read by people.
const REFERENCES: [&str; 5] = ["unit", "accused_unit", "category", "e_service", "parent"];

#[tokio::test]
async fn who_reads_a_code_of_a_record_reads_its_name_beside_it() {
    let document = spawn().await.get("/openapi.json").send().await.json();
    let mut named = 0;
    for (schema, text) in document["components"]["schemas"].as_object().unwrap() {
        let is_sent = ["Input", "Patch", "Transition", "Step"].iter().any(|end| schema.ends_with(end));
        // The list of retention and a proposal keep the code alone; tables of GIS have no objects.
        if is_sent || ["DueCase", "RecusalProposal", "OpenServiceRequest"].contains(&&**schema) {
            continue;
        }
        let parts = [text].into_iter().chain(text["allOf"].as_array().into_iter().flatten());
        for fields in parts.filter_map(|part| part["properties"].as_object()) {
            for code in REFERENCES.into_iter().filter(|code| fields.contains_key(*code)) {
                assert!(fields.contains_key(&format!("{code}_name")), "{schema}: {code} without its name");
                named += 1;
            }
        }
    }
    assert!(named >= 9, "{named}");
}

#[tokio::test]
async fn a_list_has_what_its_schema_has_and_every_meaning_says_more_than_the_name() {
    let service = spawn().await;
    let document = service.get("/openapi.json").send().await.json();
    for list in lists(&service).await {
        let (schema, values) = (list["schema"].as_str().unwrap(), list["values"].as_array().unwrap());
        let described = &document["components"]["schemas"][schema]["enum"];
        let codes: Vec<_> = values.iter().map(|value| value["value"].clone()).collect();
        assert!(described.is_null() || *described == json!(codes), "{schema}");
        for value in values {
            let [name, meaning] = ["label", "meaning"].map(|text| &value[text]);
            assert!(name["th"] != meaning["th"] && name["en"] != meaning["en"], "{schema}: {value}");
        }
    }
}

#[tokio::test]
async fn a_list_is_read_alone_and_has_an_etag() {
    let service = spawn().await;
    for list in lists(&service).await {
        let path = format!("/v1/code-lists/{}", list["code"].as_str().unwrap());
        let answer = service.get(&path).send().await.expect(200);
        assert_eq!(answer.json(), list);
        let etag = answer.header("etag").to_owned();
        service.get(&path).header("If-None-Match", &etag).send().await.expect(304);
    }
    service.get("/v1/code-lists/nosuch").send().await.problem(404, "not_found");
}

#[tokio::test]
async fn a_workflow_names_its_statuses_and_steps() {
    let service = spawn().await;
    for name in ["complaints", "service-requests"] {
        let workflow = service.get(&format!("/v1/workflows/{name}")).send().await.expect(200).json();
        for part in ["statuses", "actions"] {
            for item in workflow[part].as_array().unwrap() {
                assert!(
                    ["label", "meaning"]
                        .iter()
                        .all(|text| item[text]["th"].is_string() && item[text]["en"].is_string())
                );
            }
        }
    }
}
