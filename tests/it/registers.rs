//! Registers of paper, entered from the command line.

use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use prongsai::auth::scope::Role;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Value, json};

use crate::audit::verified;
use crate::cli::run;
use crate::complaint_statistics::{Numbers, groups, unnamed};
use crate::complaints::open_on_time;
use crate::support::{CONTENT_KEYS, Service};

const HEADS: [&str; 13] = [
    "register_no",
    "received_on",
    "kind",
    "category",
    "channel",
    "subject",
    "first_answered_on",
    "status",
    "closed_on",
    "outcome",
    "result",
    "description",
    "referral_authority",
];

const CATEGORIES: [(&str, &str); 6] = [
    ("corruption", "bribery"),
    ("corruption", "embezzlement"),
    ("misconduct", "abuse-of-power"),
    ("service", "nuisance"),
    ("service", "service-quality"),
    ("feedback", "suggestion"),
];

/// A register of the fiscal year 2566 and the days around it.
fn register(rows: usize) -> Vec<Vec<String>> {
    let numbers = &mut Numbers(2566);
    let first = NaiveDate::from_ymd_opt(2022, 9, 20).unwrap();
    let row = |number: usize| {
        let received_on = first + Days::new(numbers.below(385));
        let (kind, category) = numbers.of(&CATEGORIES);
        let channel = numbers.of(&["letter", "walk_in", "phone", "other"]);
        let ends = [("concluded", "substantiated"), ("concluded", "unsubstantiated"), ("concluded", "referred")];
        let ends = [&ends[..], &[("rejected", ""), ("withdrawn", ""), ("", "")]].concat();
        let (status, outcome) = numbers.of(&ends);
        let answered_on = (numbers.below(3) > 0).then(|| received_on + Days::new(numbers.below(40)));
        let closed_on =
            (!status.is_empty()).then(|| answered_on.unwrap_or(received_on) + Days::new(numbers.below(120)));
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let authority = if outcome == "referred" { "สำนักงาน ป.ป.ช." } else { "" };
        let result = if status == "rejected" { "ไม่มีพยานหลักฐาน" } else { "" };
        [
            &number.to_string(),
            &day(Some(received_on)),
            kind,
            category,
            channel,
            "ร้องเรียนการให้บริการ",
            &day(answered_on),
            status,
            &day(closed_on),
            outcome,
            result,
            "",
            authority,
        ]
        .map(str::to_owned)
        .to_vec()
    };
    (1..=rows).map(row).collect()
}

fn as_csv(rows: &[Vec<String>]) -> String {
    rows.iter().fold(HEADS.join(",") + "\n", |mut csv, row| {
        writeln!(csv, "{}", row.join(",")).unwrap();
        csv
    })
}

/// The same with date cells, and Thai headings and names.
fn as_xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let heads = [
        "เลขทะเบียนรับ",
        "วันที่รับเรื่อง",
        "ประเภทเรื่อง",
        "ประเภทย่อย",
        "ช่องทางรับเรื่อง",
        "เรื่อง",
        "วันที่แจ้งผลครั้งแรก",
        "สถานะ",
        "วันที่แจ้งผลการพิจารณา",
        "ผลการพิจารณา",
        "ผลการดำเนินการ",
        "รายละเอียด",
        "หน่วยงานที่ส่งต่อ",
    ];
    let thai = [
        ("corruption", "การทุจริต"),
        ("bribery", "เรียกหรือรับสินบน"),
        ("letter", "จดหมายหรือหนังสือ"),
        ("concluded", "พิจารณาแล้วเสร็จ"),
        ("referred", "ส่งต่อหน่วยงานที่มีอำนาจ"),
    ];
    let mut book = Workbook::new();
    let (sheet, format) = (book.add_worksheet(), Format::new().set_num_format("yyyy-mm-dd"));
    for (column, head) in (0..).zip(heads) {
        sheet.write(0, column, head).unwrap();
    }
    for (line, row) in (1..).zip(rows) {
        for (column, text) in (0..).zip(row) {
            if column == 0 {
                sheet.write(line, column, text.parse::<f64>().unwrap()).unwrap();
            } else if let Ok(day) = text.parse::<NaiveDate>() {
                let day = ExcelDateTime::parse_from_str(&day.to_string()).unwrap();
                sheet.write_with_format(line, column, &day, &format).unwrap();
            } else if !text.is_empty() {
                let name = thai.iter().find(|(code, _)| code == text).map_or(&**text, |(_, name)| name);
                sheet.write(line, column, name).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// A service, and the command line on its database.
struct Office {
    service: Service,
}

impl Office {
    async fn open() -> Self {
        let service = open_on_time().await;
        std::fs::write(service.folder.path().join("content.keys"), CONTENT_KEYS).unwrap();
        service.add_user("somchai", &[Role::ComplaintOfficer, Role::ServiceOfficer]).await;
        service.record_from(json!({ "integrity": "2022-10-01", "general": "2022-10-01" })).await;
        Self { service }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.service.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Gives whether it succeeded, and what was printed.
    fn import(&self, kind: &str, file: &str, flags: &[&str]) -> (bool, String) {
        let content = self.service.folder.path().join("content.keys");
        let import = ["import", "--database-url", &self.service.database_url, kind, file, "--as", "somchai"];
        let output = run(&[&import[..], &["--content-keys", content.to_str().unwrap()], flags].concat());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    }

    /// The figures of the fiscal year 2566, by group, without those of units.
    async fn figures(&self, period: &str) -> Value {
        let path = format!("/v1/statistics/complaints?fiscal_year=2566&period={period}");
        let auditor = self.service.token(Role::Auditor);
        groups(&self.service.get(&path).token(&auditor).send().await.expect(200).json())
    }

    /// Compares the statistics of 2566 with a recount by a program that shares nothing with the service.
    async fn compare_with_recount(&self, csv: &str) {
        let holidays = concat!(env!("CARGO_MANIFEST_DIR"), "/data/holidays.json");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/recount.py");
        let output = Command::new("python3").args([script, csv, holidays, "2566"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let recount: Value = serde_json::from_slice(&output.stdout).unwrap();
        let (year, months) = (self.figures("year").await, self.figures("month").await);
        for group in ["integrity", "general"] {
            let (counted, figures) = (&recount[group], &year[group]);
            assert!(counted["total"].as_u64().unwrap() > 50, "{recount}");
            assert_eq!([&figures["total"], &figures["finished_count"]], [&counted["total"], &counted["finished"]]);
            let breakdown = &figures["breakdown"];
            for table in ["category", "channel", "result"] {
                for cell in breakdown[format!("by_{table}")].as_array().unwrap() {
                    let expected = &counted[table][cell["value"].as_str().unwrap()];
                    assert_eq!(cell["total"].as_u64(), expected.as_u64().or(Some(0)), "{group} {table} {cell}");
                }
            }
            for figure in ["first_answer", "conclusion"] {
                assert_eq!(unnamed(&breakdown[figure]), counted[figure], "{group} {figure}");
            }
            for month in months[group]["periods"].as_array().unwrap() {
                let name = &month["starts_on"].as_str().unwrap()[..7];
                for (field, counts) in [("total", "months"), ("finished_count", "closed")] {
                    let expected = counted[counts][name].as_u64().unwrap_or(0);
                    assert_eq!(month[field], expected, "{group} {name} {field}");
                }
            }
        }
    }
}

#[tokio::test]
async fn statistics_of_2566_from_a_register_of_200_rows_are_what_a_recount_gives() {
    let rows = register(200);
    let office = Office::open().await;
    let csv = office.file("register.csv", as_csv(&rows).as_bytes());
    let (is_right, told) = office.import("complaints", &csv, &["--dry-run"]);
    assert!(is_right && told.ends_with("200 would be entered; nothing was written; 0 are there already\n"), "{told}");
    assert_eq!(office.service.all_of_office("/v1/complaints").await, Vec::<Value>::new());
    let (is_right, told) = office.import("complaints", &csv, &[]);
    assert!(is_right && told.ends_with("200 entered; 0 are there already\n"), "{told}");
    assert!(told.contains("2566 corruption: "), "{told}");
    office.compare_with_recount(&csv).await;
    // Of the year before nothing is said, although some of its cases are entered.
    let path = "/v1/statistics/complaints?fiscal_year=2565";
    let before = office.service.get(path).send().await.expect(200).json()["current"]["by_group"][0].clone();
    let said = ["coverage", "total", "statement"].map(|field| before[field].clone());
    assert_eq!(said, [json!("not_recorded"), json!(null), json!(null)], "{before}");
    // Given again, it enters nothing.
    let xlsx = office.file("register.xlsx", &as_xlsx(&rows));
    for file in [&csv, &xlsx] {
        let (is_right, told) = office.import("complaints", file, &[]);
        assert!(is_right && told.ends_with("0 entered; 200 are there already\n"), "{told}");
    }
    assert_eq!(verified(&office.service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn each_row_comes_to_the_intake_unit_of_its_kind() {
    let office = Office::open().await;
    let units = json!({ "intake_units": { "integrity": "legal", "general": "clerk-office" } });
    office.service.patch_agency(&units).await.expect(200);
    let file = office.file("register.csv", as_csv(&register(20)).as_bytes());
    let (is_right, told) = office.import("complaints", &file, &[]);
    assert!(is_right, "{told}");
    for complaint in office.service.all_of_office("/v1/complaints?limit=100").await {
        let is_of_integrity = ["corruption", "misconduct"].iter().any(|kind| complaint["kind"] == *kind);
        assert_eq!(complaint["unit"], if is_of_integrity { "legal" } else { "clerk-office" }, "{complaint}");
    }
}

#[tokio::test]
async fn a_number_that_is_there_is_skipped_only_for_what_is_filed_under_the_same() {
    let office = Office::open().await;
    let mut rows = register(3);
    let (is_right, told) = office.import("complaints", &office.file("letters.csv", as_csv(&rows).as_bytes()), &[]);
    assert!(is_right, "{told}");
    // Days taken are counted once: whoever enters them learns first of which years holidays are missing.
    assert!(told.starts_with("warning: usual holidays are not entered of 202"), "{told}");
    rows[1][4] = if rows[1][4] == "phone" { "letter" } else { "phone" }.to_owned();
    let phone = office.file("phone.csv", as_csv(&rows).as_bytes());
    let (is_right, told) = office.import("complaints", &phone, &[]);
    assert!(!is_right && told.contains("row 3, column register_no (A3): is that of another case"), "{told}");
    rows.remove(1);
    let (is_right, told) =
        office.import("complaints", &office.file("letters.csv", as_csv(&rows).as_bytes()), &["--dry-run"]);
    assert!(is_right && told.contains("there already: rows 2, 3\n"), "{told}");
}

#[tokio::test]
async fn a_register_is_the_same_as_a_workbook() {
    let rows = register(200);
    let office = Office::open().await;
    let (is_right, told) = office.import("complaints", &office.file("register.xlsx", &as_xlsx(&rows)), &[]);
    assert!(is_right && told.ends_with("200 entered; 0 are there already\n"), "{told}");
    office.compare_with_recount(&office.file("register.csv", as_csv(&rows).as_bytes())).await;
}

#[tokio::test]
async fn each_wrong_cell_is_told_and_nothing_is_entered() {
    let office = Office::open().await;
    let mut rows = register(5);
    for (row, column, text) in
        [(0, 1, "2566-03-01"), (1, 3, "briberry"), (2, 1, "24/4/2024"), (2, 2, "corrupt"), (3, 0, ""), (4, 4, "web")]
    {
        rows[row][column] = text.to_owned();
    }
    rows.push(register(1)[0].clone());
    rows.push(register(1)[0].clone());
    let csv = office.file("register.csv", as_csv(&rows).as_bytes());
    let (is_right, told) = office.import("complaints", &csv, &[]);
    assert!(!is_right);
    for place in [
        "row 2, column received_on (B2): ",
        // What only the database knows is told with the rest.
        "row 3, column category (D3): ",
        "row 4, column received_on (B4): ",
        "row 4, column kind (C4): ",
        "row 5, column register_no (A5): is required",
        "row 6, column channel (E6): must be one of walk_in, letter, phone, other / ",
        "row 8, column register_no (A8): is that of row 7",
    ] {
        assert!(told.contains(place), "{place} is not in {told}");
    }
    assert!(told.contains("write 2023-03-01"), "{told}");
    for (text, expected) in [
        ("register_no,received,kind\n1,2,3\n", "B1: received is not a column of this register"),
        ("register_no\n1\n", "there is no column received_on (วันที่รับเรื่อง)"),
        ("", "has no rows"),
    ] {
        let (is_right, told) = office.import("complaints", &office.file("b.csv", text.as_bytes()), &[]);
        assert!(!is_right && told.contains(expected), "{expected} is not in {told}");
    }
    assert_eq!(office.service.all_of_office("/v1/complaints").await, Vec::<Value>::new());
    let (is_right, told) = office.import("complaints", &csv, &["--as", "nobody"]);
    assert!(!is_right, "{told}");
}

#[tokio::test]
async fn every_fault_of_every_row_is_told_in_one_run() {
    let office = Office::open().await;
    let row = row_with;
    let tomorrow = office.service.today().succ_opt().unwrap().to_string();
    let rows = [
        row(&[(1, &tomorrow), (3, "briberry"), (5, "")]),
        row(&[(6, "2023-02-28"), (7, "concluded"), (8, "2023-05-01")]),
        row(&[(3, "noise")]),
        row(&[(0, "2"), (1, "1 มี.ค. 2566"), (2, "ทุจริต"), (8, &tomorrow)]),
    ];
    for separator in [",", ";", "\t"] {
        let file = office.file("register.csv", as_csv(&rows).replace(',', separator).as_bytes());
        let (is_right, told) = office.import("complaints", &file, &["--dry-run"]);
        assert!(!is_right);
        for part in [
            "row 2, column received_on (B2): must not be in the future / ต้องไม่เป็นเวลาในอนาคต",
            "row 2, column category (D2): ",
            "row 2, column subject (F2): is required / ต้องระบุ",
            "row 3, column first_answered_on (G3): must not be before the day of receipt",
            "row 3, column outcome (J3): ",
            "row 4, column register_no (A4): is that of row 3",
            "row 4, column category (D4): ",
            "row 5, column received_on (B5): ",
            "; or 1/3/2566 with the year of the Buddhist era / ",
            " หรือแบบ ว/ด/พ.ศ. เช่น 1/3/2566",
            "row 5, column kind (C5): ",
            "ต้องเป็นค่าใดค่าหนึ่ง: การทุจริต (corruption), ",
            "row 5, column status (H5): ",
            "row 5, column closed_on (I5): must not be in the future",
        ] {
            assert!(told.contains(part), "{part} is not in {told}");
        }
    }
    assert_eq!(office.service.all_of_office("/v1/complaints").await, Vec::<Value>::new());
}

/// A row of a register that is right but for some cells.
fn row_with(changed: &[(usize, &str)]) -> Vec<String> {
    let mut row =
        ["1", "2023-03-01", "corruption", "bribery", "letter", "เรื่อง", "", "", "", "", "", "", ""].map(str::to_owned);
    for (column, text) in changed {
        row[*column] = (*text).to_owned();
    }
    row.to_vec()
}

#[tokio::test]
async fn text_under_no_heading_is_told_and_empty_cells_are_not() {
    let office = Office::open().await;
    let rows = [row_with(&[(11, "ถนนชำรุด,,น้ำขัง")]), row_with(&[(0, "2"), (12, ",,")])];
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in (0..).zip([HEADS.map(str::to_owned).to_vec(), rows[0].clone()]) {
        for (column, cell) in (0..).zip(row.iter().flat_map(|cell| cell.split(','))) {
            sheet.write(line, column, cell).unwrap();
        }
    }
    let xlsx = office.file("register.xlsx", &book.save_to_buffer().unwrap());
    for file in [office.file("register.csv", as_csv(&rows).as_bytes()), xlsx] {
        let (is_right, told) = office.import("complaints", &file, &[]);
        assert!(!is_right && told.contains("row 2, cell N2: has no heading"), "{told}");
        assert!(told.contains("ไม่มีหัวคอลัมน์") && !told.contains("row 3"), "{told}");
    }
    let holidays = async |rows: &str| {
        let file = office.file("holidays.csv", format!("date,name_th\n{rows}").as_bytes());
        let output = run(&["import", "--database-url", &office.service.database_url, "holidays", &file]);
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (is_right, told) = holidays("2140-01-02,วันหยุดพิเศษ,ภาคเช้า\n2140-01-03,วันหยุด,,\n").await;
    assert!(!is_right && told.contains("row 2, cell C2: has no heading") && !told.contains("row 3"), "{told}");
    // The rows of a table are counted as a spreadsheet shows them, and all faults are told.
    let (_, told) = holidays("2140-01-02,วันหยุดพิเศษ,ภาคเช้า\n31/2/2570,วันหยุด\n").await;
    assert!(told.contains("row 2, cell C2") && told.contains("row 3: 31/2/2570: "), "{told}");
    let (is_right, told) = holidays("2140-01-03,วันหยุดพิเศษ,,\n").await;
    assert!(is_right, "{told}");
}

#[tokio::test]
async fn a_wrong_cell_hides_no_fault_of_another_one() {
    let office = Office::open().await;
    let rows = [
        row_with(&[(2, "corrupt"), (4, ""), (6, "2023-02-01"), (7, "concluded"), (8, "2023-02-02")]),
        row_with(&[(0, "2"), (2, "corrupt"), (4, "web"), (7, "rejected"), (8, "1/3/2566"), (9, "มีมูลค่า")]),
        row_with(&[(0, "3"), (3, "briberry"), (7, "investigating"), (8, "31/2/2566"), (9, "noted")]),
        row_with(&[(0, "4"), (7, "concluded"), (8, "1/5/2566"), (9, "referred")]),
    ];
    let (is_right, told) =
        office.import("complaints", &office.file("register.csv", as_csv(&rows).as_bytes()), &["--dry-run"]);
    assert!(!is_right);
    let places: Vec<_> = told.lines().filter_map(|line| line.split_once(" column ")?.1.split_once(' ')).collect();
    let mut found: Vec<_> = places.iter().map(|(name, rest)| (&rest[1..3], *name)).collect();
    found.sort_unstable();
    let mut expected = [
        [("C2", "kind"), ("E2", "channel"), ("G2", "first_answered_on"), ("I2", "closed_on"), ("J2", "outcome")]
            .as_slice(),
        &[("C3", "kind"), ("E3", "channel"), ("J3", "outcome"), ("K3", "result")],
        &[("D4", "category"), ("H4", "status"), ("I4", "closed_on"), ("J4", "outcome")],
        &[("M5", "referral_authority")],
    ]
    .concat();
    expected.sort_unstable();
    assert_eq!(found, expected, "{told}");
    for (cell, text) in [
        ("E2", "is required / ต้องระบุ"),
        ("J2", "is required for this action / ต้องระบุสำหรับการดำเนินการนี้"),
        ("E3", "must be one of walk_in, letter, phone, other / ต้องเป็นค่าใดค่าหนึ่ง: "),
        ("I4", "there is no 31/2/2566 in the calendar / ไม่มีวันหรือเวลา 31/2/2566 ในปฏิทิน"),
        ("H4", "must be one of concluded, rejected, withdrawn / "),
    ] {
        let line = told.lines().find(|line| line.contains(&format!("({cell}): "))).unwrap();
        assert!(line.contains(&format!("({cell}): {text}")), "{line}");
    }
    // What an open request lacks hides nothing either.
    let csv = "register_no,received_on,e_service,channel,form.lamp_count,applicant_phone\n\
        1,1/3/2566,public-lighting,walk_in,two,\n1,1/3/2566,public-lighting,walk_in,1,12\n";
    let (is_right, told) =
        office.import("service-requests", &office.file("requests.csv", csv.as_bytes()), &["--dry-run"]);
    assert!(!is_right);
    for part in ["row 2, column form.lamp_count (E2)", "row 3, column register_no (A3): is that of row 2", "(F3)"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let step = json!({ "action": "unpublish", "reason": "ยกเลิกบริการ" });
    office.service.transition("/v1/e-services/public-lighting", &step).await;
    let csv = "register_no,received_on,e_service,channel,status,closed_on\n1,1/3/2566,public-lighting,post,,\n\
        2,1/3/2566,public-lighting,phone,converted,1/2/2566\n";
    let (is_right, told) = office.import("service-requests", &office.file("requests.csv", csv.as_bytes()), &[]);
    assert!(!is_right);
    for part in [
        "row 2, column channel (D2): must be one of ",
        "row 2, column e_service (C2): The e-service was unpublished: ",
        "row 3, column status (E3): must be one of completed, rejected, referred, cancelled / ",
        "row 3, column closed_on (F3): must not be before the day of receipt",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
}

#[tokio::test]
#[ignore = "takes minutes; `make judge` runs it"]
async fn a_register_of_ten_thousand_rows_is_entered_in_minutes() {
    let office = Office::open().await;
    let rows = as_csv(&register(10_000));
    let csv = office.file("register.csv", rows.as_bytes());
    let began = Instant::now();
    let (is_right, told) = office.import("complaints", &csv, &[]);
    assert!(is_right && told.ends_with("10000 entered; 0 are there already\n"), "{told}");
    let took = began.elapsed();
    assert!(took < Duration::from_secs(900), "{took:?}");
    office.compare_with_recount(&csv).await;
    // Of as many faults the first hundred are told.
    let wrong = office.file("wrong.csv", rows.replace("corruption", "corrupt").as_bytes());
    let (is_right, told) = office.import("complaints", &wrong, &[]);
    assert!(!is_right && told.lines().count() == 101 && told.contains("more"), "{told}");
}

#[tokio::test]
async fn the_samples_are_registers() {
    let office = Office::open().await;
    let sample = |name: &str| format!("{}/docs/registers/{name}", env!("CARGO_MANIFEST_DIR"));
    let (is_right, told) = office.import("complaints", &sample("complaints.csv"), &[]);
    assert!(is_right && told.ends_with("3 entered; 0 are there already\n"), "{told}");
    let (is_right, told) = office.import("service-requests", &sample("service-requests.csv"), &[]);
    assert!(is_right && told.ends_with("2 entered; 0 are there already\n"), "{told}");
}

#[tokio::test]
async fn a_register_of_requests_has_the_fields_of_their_forms() {
    let office = Office::open().await;
    let csv = "register_no,received_on,e_service,channel,form.fault,form.pole_number,form.lamp_count,applicant_name,address,status,closed_on,result\n\
        1,1/3/2566,public-lighting,walk_in,,,,สมหญิง รักไทย,,completed,7/3/2566,เปลี่ยนหลอดแล้ว\n\
        1,1/3/2566,tree-cutting,phone,,,,,,rejected,8/3/2566,อยู่นอกเขต\n\
        2,2/3/2566,public-lighting,walk_in,out,0142,2,,หน้าวัด,,,\n";
    let file = office.file("requests.csv", csv.as_bytes());
    let (is_right, told) = office.import("service-requests", &file, &[]);
    assert!(is_right, "{told}");
    assert!(
        told.ends_with("2566 public-lighting: 2\n2566 tree-cutting: 1\n3 entered; 0 are there already\n"),
        "{told}"
    );
    let open = office.service.all_of_office("/v1/service-requests?status=received").await;
    assert_eq!(open[0]["form"], json!({ "fault": "out", "pole_number": "0142", "lamp_count": 2 }));
    let wrong =
        csv.replace("1,1/3/2566,public-lighting", "3,1/3/2566,public-light").replace("out,0142,2", "out,0142,two");
    let wrong = wrong.replace("\n2,", "\n4,");
    let (is_right, told) = office.import("service-requests", &office.file("wrong.csv", wrong.as_bytes()), &[]);
    assert!(!is_right && told.contains("row 2, column e_service (C2): "), "{told}");
    assert!(told.contains("row 4, column form.lamp_count (G4): "), "{told}");
    assert_eq!(verified(&office.service.export().await, None), Vec::<String>::new());
}
