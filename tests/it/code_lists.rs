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
