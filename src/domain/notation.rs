//! How texts are written that follow a pattern or a format: the rule of each in both languages, and an example. Messages are made of
//! it wherever such a text stands: in a body, a form, a query, a path or a header.

use super::baht::Baht;
use super::code::RecordCode;
use super::contact::{EMAIL, NATIONAL_ID, PHONE};
use super::distance;
use super::field_code::{FieldCode, Violation};
use super::ita::ItemCode;
use super::message::Message;
use super::period::Period;
use super::text::{SEARCHED, WEB};

/// How one kind of text is written.
struct Notation {
    /// Pattern or format of its schema, or the name of a header's notation.
    names: &'static [&'static str],
    th: &'static str,
    en: &'static str,
    example: &'static str,
}

macro_rules! notations {
    ($($($name:expr),+ => $th:literal, $en:literal, $example:literal;)*) => {
        &[$(Notation { names: &[$($name),+], th: $th, en: $en, example: $example },)*]
    };
}

const ALL: &[Notation] = notations! {
    "uuid" => "รหัส UUID", "a UUID", "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11";
    "date" => "วันที่แบบ ปปปป-ดด-วว (ค.ศ.)", "a date of the form YYYY-MM-DD", "2024-04-01";
    "date-time" => "วันที่ (ค.ศ.) และเวลาพร้อมเขตเวลา", "a date and time with its offset", "2024-04-01T09:30:00+07:00";
    "time" => "เวลาพร้อมเขตเวลา", "a time with its offset", "09:30:00+07:00";
    "duration" => "ช่วงเวลาตาม ISO 8601", "a duration of ISO 8601", "P3D";
    "ipv4" => "หมายเลข IPv4", "an IPv4 address", "192.0.2.1";
    "uri", "iri", WEB => "ที่อยู่เว็บ", "a web address", "https://www.example.go.th/page";
    "email", EMAIL => "อีเมล", "an e-mail address", "somying@example.com";
    PHONE => "หมายเลขโทรศัพท์ 3 หลักขึ้นไป เว้นวรรคหรือใส่ขีดคั่นได้", "a telephone number of three digits or more, with spaces, hyphens and brackets between", "056-411-234 ต่อ 12";
    NATIONAL_ID => "เลขประจำตัวประชาชน 13 หลัก", "a citizen id of 13 digits", "1 2345 67890 12 1";
    r"^([0-9\u0E50-\u0E59\uFF10-\uFF19][\s.\u2010-\u2015\u2212-]*){6}$" => "รหัส 6 หลักจากแอปยืนยันตัวตน", "the 6 digits that the authenticator app shows", "287082";
    distance::POINT => "ละติจูดและลองจิจูดเป็นองศา คั่นด้วยจุลภาค", "a latitude and a longitude in degrees with a comma between,", "15.1858,100.1251";
    distance::BBOX => "ขอบตะวันตก ขอบใต้ ขอบตะวันออก และขอบเหนือเป็นองศา คั่นด้วยจุลภาค", "the west, south, east and north edge in degrees with commas between,", "100.12,15.18,100.14,15.2";
    SEARCHED => "ข้อความตั้งแต่ 3 ตัวอักษรขึ้นไป", "a text of three characters or more,", "วัดพระบรมธาตุ";
    Baht::PATTERN => "จำนวนเงินเป็นบาท ทศนิยมไม่เกินสองตำแหน่ง ไม่ใส่จุลภาค", "an amount in baht with at most two decimals and no commas", "125000.00";
    RecordCode::PATTERN => "รหัสที่ใช้ตัวอักษรภาษาอังกฤษตัวพิมพ์เล็กหรือตัวเลข คั่นคำด้วยขีดกลาง", "a code of lower-case English letters and digits, with hyphens between its words", "legal";
    ItemCode::PATTERN => "รหัสข้อ ITA ขึ้นต้นด้วยตัว O ตามด้วยตัวเลขอารบิก", "the code of an ITA item, the letter O and a number,", "O35";
    Period::KEY => "ปีงบประมาณ (2567) ครึ่งปี (2567-H1) ไตรมาส (2567-Q1) หรือเดือน (2567-M01 คือเดือนตุลาคม)", "a fiscal year (2567), or a half (2567-H1), quarter (2567-Q1) or month (2567-M01, which is October) of it,", "2567-Q3";
    "^[a-z_]+$" => "รหัสที่ใช้ตัวอักษรภาษาอังกฤษตัวพิมพ์เล็กและ _", "a code of lower-case English letters and underscores", "publish";
    "^[a-z_-]+$" => "รหัสที่ใช้ตัวอักษรภาษาอังกฤษตัวพิมพ์เล็ก _ และขีดกลาง", "a code of lower-case English letters, underscores and hyphens", "measures";
    "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$", "^[a-z0-9._-]+$" => "ชื่อผู้ใช้ที่ใช้ตัวอักษรภาษาอังกฤษตัวพิมพ์เล็กหรือตัวเลข มี . - _ คั่นได้", "a login of lower-case English letters and digits, with . - or _ in between", "somchai.j";
    "^[A-Za-z0-9_-]+$" => "next_cursor ของหน้าก่อน", "the next_cursor of the page before", "eyJvIjoiLW5vIiwidiI6W119c2lnbmF0dXJl";
    "^[0-9a-f.]+$" => "challenge ตามที่ได้รับ", "the challenge as it was received", "16.1714564800.9f86d081884c7d659a2feaa0c55ad015.6d7e0f2c";
    "^[0-9a-f]{64}$" => "ค่าแฮช SHA-256 เป็นเลขฐานสิบหก 64 หลัก ตัวพิมพ์เล็ก", "a SHA-256 of 64 lower-case hexadecimal digits", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    "^age1[0-9a-z]{58}$" => "กุญแจสาธารณะของโปรแกรม age ซึ่งขึ้นต้นด้วย age1 ตามที่ age-keygen แสดง", "a public key of age, which begins with age1, as age-keygen prints it,", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    "^[0-9A-Za-z]+$" => "ตัวอักษรภาษาอังกฤษและตัวเลข", "a text of English letters and digits", "48213";
    "^[0-9A-Za-z_-]+$" => "device_token ที่ได้รับเมื่อเข้าสู่ระบบครั้งก่อน", "the device_token of an earlier login", "prongsai_device_bm90IGEgdG9rZW4";
    "^oidc:[!-~]+$" => "oidc: ตามด้วยรหัสบุคคล (subject) ของผู้ให้บริการยืนยันตัวตน", "oidc: followed by a subject of the identity provider", "oidc:248289761001";
    "If-Match" => "ETag ตามที่ได้รับ รวมเครื่องหมายอัญประกาศ หรือ *", "an ETag as it was received, with its quotes, or *,", "\"3.1\"";
    "If-None-Match" => "ETag ตามที่ได้รับ รวมเครื่องหมายอัญประกาศ หรือ *", "an ETag as it was received, with its quotes, or *,", "\"r12.3-json\"";
    "Idempotency-Key" => "ค่าเดียวที่เดาไม่ได้ เป็นอักขระ ASCII 16 ถึง 128 ตัว", "one value of 16 to 128 visible ASCII characters that cannot be guessed,", "a-new-UUID-for-each-request";
    "Prongsai-Visitor" => "ค่าเดียว เป็นอักขระ ASCII 1 ถึง 64 ตัว", "one value of 1 to 64 visible ASCII characters", "c2f1a09b77e34d5f";
};

/// How a text of a pattern or format is written, for example.
pub fn example(name: &str) -> Option<&'static str> {
    Some(named(name)?.example)
}

fn named(name: &str) -> Option<&'static Notation> {
    ALL.iter().find(|notation| notation.names.contains(&name))
}

/// That a text must be written as its pattern, format or header has it; with an example of the field where it has one of its own.
/// Nothing where the notation is not one of ours, as that of an e-service's form.
pub fn rule(name: &str, own_example: Option<&str>) -> Option<Message> {
    let Notation { th, en, example, .. } = named(name)?;
    let example = own_example.unwrap_or(example);
    Some(Message::new(format!("ต้องเป็น{th} เช่น {example}"), format!("must be {en} such as {example}")))
}

/// The same as an error.
pub fn violation(name: &str) -> Violation {
    let message = rule(name, None).unwrap_or_else(|| FieldCode::BadFormat.message());
    Violation { code: FieldCode::BadFormat, message }
}
