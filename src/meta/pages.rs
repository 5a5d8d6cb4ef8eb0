//! Pages for people, and the codes of problems as such: plain HTML that is read on a phone, without scripts.

use actix_web::http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::domain::field_code::FieldCode;
use crate::domain::message::{Language, Message};
use crate::error::Code;
use crate::http::problem::{address, example};

const STYLE: &str = "\
:root { color-scheme: light dark }
body { font: 1rem/1.6 system-ui, 'Noto Sans Thai', 'Sarabun', 'Leelawadee UI', 'Tahoma', sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem; overflow-wrap: anywhere }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; border-bottom: 1px solid; padding-bottom: .5rem }
nav :last-child { margin-left: auto }
h1 { font-size: 1.5rem; line-height: 1.3 }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem }
dt { font-weight: bold; margin-top: .8rem }
dd { margin: 0 }
pre { border: 1px solid; padding: .7rem; white-space: pre-wrap }
code, pre { font-size: .95em }";

/// A text of these pages.
pub fn say(language: Language, th: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Thai => th,
        Language::English => en,
    }
}

fn text(message: Message, language: Language) -> Markup {
    html! { (message.localized(language)) }
}

/// A page, with links to the rest. `path` is its address.
pub fn page(language: Language, path: &str, title: &str, content: Markup) -> String {
    let say = |th, en| say(language, th, en);
    let (other, name) = match language {
        Language::Thai => (Language::English, "English"),
        Language::English => (Language::Thai, "ภาษาไทย"),
    };
    let other = other.tag();
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – Prongsai" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                nav {
                    a href={ "/problems?lang=" (language.tag()) } { (say("รหัสข้อผิดพลาดทั้งหมด", "All problem codes")) }
                    a href={ "/docs/?lang=" (language.tag()) } { (say("เอกสาร API", "API documentation")) }
                    a href={ (path) "?lang=" (other) } hreflang=(other) lang=(other) { (name) }
                }
                main { h1 { (title) } (content) }
            }
        }
    };
    page.into_string()
}

/// What is here, for a browser that opens a service without a website.
pub fn index(language: Language, collections: &[(String, String)]) -> String {
    let say = |th, en| say(language, th, en);
    let content = html! {
        p {
            (say(
                "ที่อยู่นี้เป็น API สำหรับโปรแกรม ผู้ใช้ทั่วไปโปรดไปที่เว็บไซต์ของเทศบาล",
                "This is an API for programs. For citizens there is the municipality's website.",
            ))
        }
        h2 { (say("ข้อมูลที่เปิดเผยโดยไม่ต้องใช้โทเคน", "Published without a token")) }
        ul {
            @for (path, summary) in collections { li { a href=(path) { (path) } " " (summary) } }
        }
    };
    page(language, "/", say("API ของเทศบาล", "The API of the municipality"), content)
}

/// Every code, by status.
pub fn codes(language: Language) -> String {
    let say = |th, en| say(language, th, en);
    let mut codes = Code::ALL.to_vec();
    codes.sort_by_key(|code| code.status());
    let content = html! {
        p {
            (say(
                "ข้อผิดพลาดทุกรายการของ API นี้มีรหัส (code) รหัสใดเกิดเมื่อใดและแก้ไขอย่างไร ดูได้ที่หน้าของรหัสนั้น",
                "Every problem of this API has a code. The page of a code says when it occurs and what to do next.",
            ))
        }
        @for of_status in codes.chunk_by(|one, other| one.status() == other.status()) {
            h2 { (of_status[0].status()) " " (reason(of_status[0])) }
            dl {
                @for code in of_status {
                    dt {
                        a href={ (address(*code)) "?lang=" (language.tag()) } { code { (code.name()) } }
                        " " (text(code.title(), language))
                    }
                    dd { (text(code.meaning(), language)) }
                }
            }
        }
        h2 { (say("รหัสใน errors", "Codes in errors")) }
        p {
            (say(
                "errors ระบุทุกช่องข้อมูล พารามิเตอร์ หรือส่วนหัวที่ต้องแก้ไข พร้อมรหัสต่อไปนี้",
                "errors names each field, parameter or header that needs correction, with one of these codes.",
            ))
        }
        dl {
            @for code in FieldCode::ALL {
                dt { code { (code.name()) } }
                dd { (text(code.message(), language)) }
            }
        }
    };
    page(language, "/problems", say("รหัสข้อผิดพลาด", "Problem codes"), content)
}

/// One code: when it occurs, what to do, and how such a problem looks.
pub fn problem(code: Code, language: Language) -> String {
    let say = |th, en| say(language, th, en);
    let content = html! {
        dl {
            dt { (say("รหัส", "Code")) }
            dd { code { (code.name()) } }
            dt { (say("สถานะ HTTP", "HTTP status")) }
            dd { (code.status()) " " (reason(code)) }
            dt { (say("ความหมาย", "Meaning")) }
            dd { (text(code.meaning(), language)) }
            dt { (say("สิ่งที่ต้องทำต่อไป", "What to do next")) }
            dd { (text(code.remedy(), language)) }
        }
        h2 { (say("ตัวอย่าง", "Example")) }
        pre { code { (format!("{:#}", example(code, language))) } }
    };
    page(language, &address(code), code.title().localized(language), content)
}

fn reason(code: Code) -> &'static str {
    StatusCode::from_u16(code.status()).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}
