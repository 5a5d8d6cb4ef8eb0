//! The codes of field errors: each is one row of the table below.

use std::borrow::Cow;

use super::message::Message;

macro_rules! field_codes {
    ($($code:ident = $name:literal, $th:literal, $en:literal;)*) => {
        /// What is wrong with a field, a parameter or a header. Codes never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FieldCode { $(#[doc = $en] $code,)* }

        impl FieldCode {
            pub const ALL: &[FieldCode] = &[$(FieldCode::$code,)*];

            pub fn name(self) -> &'static str {
                match self { $(FieldCode::$code => $name,)* }
            }

            /// The message of errors that have none of their own.
            pub fn message(self) -> Message {
                match self { $(FieldCode::$code => Message::new($th, $en),)* }
            }
        }
    };
}

field_codes! {
    // Schemas: bodies, queries, and the forms of e-services.
    UnknownField = "unknown_field", "ไม่มีช่องข้อมูลนี้", "is not a field of this object";
    UnknownParameter = "unknown_parameter", "ไม่มีพารามิเตอร์นี้", "is not a parameter of this operation";
    Required = "required", "ต้องระบุ", "is required";
    WrongType = "wrong_type", "ชนิดข้อมูลไม่ถูกต้อง", "must be of another JSON type";
    NotAllowed = "not_allowed", "ไม่เป็นไปตามแบบที่กำหนด", "must be as the schema says";
    BadFormat = "bad_format", "รูปแบบไม่ถูกต้อง", "must be written in another form";
    Blank = "blank", "ต้องไม่เว้นว่าง", "must not be blank";
    TooShort = "too_short", "สั้นเกินไป", "must be longer";
    TooLong = "too_long", "ยาวเกินไป", "must be shorter";
    TooFew = "too_few", "มีรายการน้อยเกินไป", "must have more items";
    TooMany = "too_many", "มีรายการมากเกินไป", "must have fewer items";
    TooSmall = "too_small", "ค่าน้อยเกินไป", "must be greater";
    TooLarge = "too_large", "ค่ามากเกินไป", "must be less";
    Duplicate = "duplicate", "มีรายการซ้ำ", "must not have the same item twice";
    FiscalYearOutOfRange = "fiscal_year_out_of_range", "ต้องเป็นปี พ.ศ. 2500 ถึง 2700 เช่น 2567", "must be a Buddhist-era year from 2500 to 2700 such as 2567";

    // Rules over several fields.
    Empty = "empty", "โปรดระบุชื่อ โทรศัพท์ หรืออีเมล อย่างน้อยหนึ่งอย่าง", "must have at least one of its fields";
    BothOrNone = "both_or_none", "ต้องมีทั้งละติจูดและลองจิจูด", "must have latitude and longitude, or neither";
    AllOrSome = "all_or_some", "เลือก \"ทุกส่วนราชการ\" หรือระบุส่วนราชการ อย่างใดอย่างหนึ่ง", "must have all_units or units, one of the two";
    UrlOrFile = "url_or_file", "ระบุที่อยู่เว็บ (url) หรือไฟล์ที่อัปโหลดไว้ (file_id) อย่างใดอย่างหนึ่ง", "must have url or file_id, one of the two";
    NotTogether = "not_together", "ใช้ร่วมกับพารามิเตอร์อื่นที่ส่งมาไม่ได้", "must not be sent together with another parameter";
    BeforeStart = "before_start", "วันสิ้นสุดต้องไม่ก่อนวันเริ่มต้น", "must not be before the start";
    TooPrecise = "too_precise", "ทศนิยมไม่เกินสองตำแหน่ง", "must have at most two decimals";
    HasAmount = "has_amount", "หากเลือกว่าไม่ใช้งบประมาณ ต้องไม่กรอกจำนวนเงิน", "must have no amounts where no budget is used";
    Needed = "needed", "ต้องระบุสำหรับการดำเนินการนี้", "is required for this action";
    NotForThis = "not_for_this", "ไม่ใช้กับการดำเนินการนี้", "must be left out: it is not for this action";
    NeededToUnpublish = "needed_to_unpublish", "ต้องระบุเหตุผลเมื่อถอนการเผยแพร่", "is required to unpublish";
    OnlyToUnpublish = "only_to_unpublish", "ใช้เมื่อถอนการเผยแพร่เท่านั้น", "must be left out, except to unpublish";
    OnlyByOperator = "only_by_operator", "ให้ได้ด้วยคำสั่งที่เครื่องแม่ข่ายเท่านั้น", "can only be given from the command line";
    OnlyForOfficers = "only_for_officers", "ค่านี้ระบุได้เฉพาะเจ้าหน้าที่", "can only be set by officers";

    // Values.
    NotPlausible = "not_plausible", "วันที่อยู่นอกช่วงที่เป็นไปได้", "must be a plausible date";
    WrongCheckDigit = "wrong_check_digit", "เลขประจำตัวประชาชนไม่ถูกต้อง โปรดตรวจสอบอีกครั้ง", "must be a citizen id: its last digit does not follow from the others";
    PasswordTooShort = "password_too_short", "ต้องมีอย่างน้อย 12 ตัวอักษร", "must have at least 12 characters";
    PasswordTooLong = "password_too_long", "ต้องไม่เกิน 128 ตัวอักษร", "must have at most 128 characters";
    CommonPassword = "common_password", "เป็นรหัสผ่านที่ใช้กันแพร่หลาย เดาได้ง่าย โปรดตั้งใหม่", "must not be one of the most common passwords";
    UnsupportedFile = "unsupported_file", "ระบบไม่รับไฟล์ชนิดนี้ โปรดบันทึกเป็นชนิดอื่น", "must be a file of a supported type";
    BadCursor = "bad_cursor", "ตำแหน่งรายการไม่ถูกต้อง โปรดเริ่มจากหน้าแรก", "must be a cursor of this list and order: begin at the first page";
    InTheFuture = "in_the_future", "ต้องไม่เป็นเวลาในอนาคต", "must not be in the future";
    NotMidnight = "not_midnight", "ต้องเป็นเวลา 00.00 น. ตามเวลาประเทศไทย (17:00:00Z)", "must be a midnight in Bangkok: 17:00:00Z of the day before";
    NotFirstOfMonth = "not_first_of_month", "ต้องเป็นวันแรกของเดือน เช่น 2023-10-01 เพราะนับเรื่องเป็นรายเดือน", "must be the first day of a month such as 2023-10-01: cases are counted by month";
    BeforeTheLog = "before_the_log", "ต้องไม่ก่อนวันที่บันทึกเหตุการณ์ในระบบเริ่มต้น", "must not be before the log began";
    BeyondTheLog = "beyond_the_log", "เกินจำนวนของบันทึกเหตุการณ์ในระบบ", "must not be beyond the end of the log";

    MissingPart = "missing_part", "ยังไม่ได้ระบุ", "is not stated";
    NotEnded = "not_ended", "ช่วงเวลานี้ยังไม่สิ้นสุด", "must be a period that has ended";
    NotRecorded = "not_recorded", "ไม่ได้บันทึกเรื่องร้องเรียนไว้ตลอดช่วงเวลานี้", "must be a period in which all complaints were recorded";
    SomeReceived = "some_received", "ช่วงเวลานี้มีเรื่องร้องเรียน", "must be a period without complaints";
    MoreThanTotal = "more_than_total", "ต้องไม่เกินจำนวนทั้งหมด (total)", "must not be greater than total";
    TooManyAtOnce = "too_many_at_once", "มีรายการที่ต้องดำเนินการพร้อมกันมากเกินไป", "must be about fewer records at once";
    FullYear = "full_year", "ปีงบประมาณนี้มีโครงการครบ 10,000 โครงการแล้ว", "must be a year with fewer than 10,000 projects";

    // References to other records.
    UnknownReceipt = "unknown_receipt", "ต้องเป็นรหัสติดตามของเรื่องที่ยังเก็บไว้ ซึ่งมีตัวเลขและตัวอักษรภาษาอังกฤษรวม 27 ตัว เช่น 5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S", "must be the receipt of a case that is still kept, 27 digits and letters such as 5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S";
    AlreadyExists = "already_exists", "มีข้อมูลนี้อยู่แล้ว", "must not be the value of another record";
    Immutable = "immutable", "เปลี่ยนไม่ได้", "cannot be changed";
    Circular = "circular", "อ้างวนกลับมาหาตัวเอง", "must not lead back to itself";
    UnknownUnit = "unknown_unit", "ไม่มีส่วนราชการที่ใช้รหัสนี้ ดูรหัสได้ที่ GET /v1/units", "must be the code of a unit; GET /v1/units lists them";
    NotYourUnit = "not_your_unit", "ต้องเป็นส่วนราชการของท่าน", "must be a unit that you work for";
    UnknownLink = "unknown_link", "ต้องเป็นลำดับของ links รายการแรกคือ 1", "must be the number of one of the links, from 1";
    UnknownItaYear = "unknown_ita_year", "ต้องเป็นปีงบประมาณที่มีข้อ ITA ดูได้ที่ GET /v1/ita", "must be a year that has ITA items; GET /v1/ita lists them";
    UnknownFile = "unknown_file", "ไม่มีไฟล์เผยแพร่นี้ ดูรหัสได้ที่ GET /v1/public-files", "must be the id of a public file; GET /v1/public-files lists them";
    UnknownMeasure = "unknown_measure", "ไม่มีมาตรการนี้", "must be the id of a measure";
    NotEarlier = "not_earlier", "ต้องเป็นมาตรการของปีงบประมาณก่อนหน้า", "must be of an earlier fiscal year";
    UnknownCategory = "unknown_category", "ไม่มีประเภทย่อยนี้หรือเลิกใช้แล้ว ดูรหัสได้ที่ GET /v1/complaint-categories", "must be the code of a category in use; GET /v1/complaint-categories lists them";
    UnknownEService = "unknown_e_service", "ไม่มีบริการที่ใช้รหัสนี้ ดูรหัสได้ที่ GET /v1/e-services", "must be the code of an e-service; GET /v1/e-services lists them";
    WrongKind = "wrong_kind", "ประเภทย่อยนี้ไม่อยู่ในประเภทเรื่องที่เลือก ดูได้ที่ GET /v1/complaint-categories", "must be a category of this kind of complaint; GET /v1/complaint-categories lists them";
    UnknownAccount = "unknown_account", "ไม่มีบัญชีผู้ใช้นี้", "must be the id of an account, or oidc: with a subject of the identity provider";
    NotAnOfficer = "not_an_officer", "ต้องเป็นเจ้าหน้าที่ของส่วนราชการที่รับผิดชอบเรื่องนี้ และไม่ถูกกันออกจากเรื่อง", "must be an officer of its unit who is not kept out of it";
    AccusedUnit = "accused_unit", "เลือกไม่ได้ เพราะเป็นส่วนราชการที่ถูกร้องเรียน หรืออยู่ในสายบังคับบัญชาเดียวกัน", "must not be the unit that is complained of, nor above or below it";
    NobodyLeft = "nobody_left", "เลือกไม่ได้ เพราะจะไม่เหลือเจ้าหน้าที่ ผู้ตรวจสอบ หรือผู้ดูแลกุญแจที่เห็นเรื่องนี้", "must leave an active officer who sees the complaint, an auditor and a custodian";
    NoCustodians = "no_custodians", "ขณะนี้เทศบาลยังรับทางระบบนี้ได้เฉพาะเรื่องร้องเรียนที่ไม่ระบุตัวตน หากประสงค์จะแจ้งชื่อโปรดติดต่อเทศบาลโดยตรง หรือส่งใหม่โดยไม่กรอกข้อมูลผู้ร้องเรียน", "cannot be accepted: no custodians are configured to encrypt it to; send the complaint without it, or name yourself to the municipality in another way";

    // E-services: bookings, places, and schemas of forms.
    OutOfReach = "out_of_reach", "ต้องเป็นวันทำการตั้งแต่วันพรุ่งนี้ แต่ไม่เกิน 90 วัน", "must be one of the next 90 days, from tomorrow on";
    NotAWorkingDay = "not_a_working_day", "วันที่เลือกไม่ใช่วันทำการ โปรดเลือกวันอื่น", "must be a working day";
    ClosedDay = "closed_day", "งดให้บริการในวันที่เลือก โปรดเลือกวันอื่น", "is closed for bookings; /v1/e-services/{code}/days has the days that are free";
    FullyBooked = "fully_booked", "วันที่เลือกมีผู้จองเต็มแล้ว โปรดเลือกวันอื่น", "is fully booked; /v1/e-services/{code}/days has those that are free";
    Outside = "outside", "อยู่นอกขอบเขต", "must be inside of the permitted area or scope";
    BadSchema = "bad_schema", "ไม่เป็นไปตาม JSON Schema 2020-12", "must be as JSON Schema 2020-12 allows here";
    TooComplex = "too_complex", "ซับซ้อนเกินไป", "must be simpler: it takes too long to check";
    NotAForm = "not_a_form", "ไม่เป็นแบบคำขอ", "must be the schema of a form";
    BadName = "bad_name", "ชื่อต้องใช้ตัวอักษรภาษาอังกฤษ ตัวเลข หรือ _ ไม่เกิน 50 ตัว และขึ้นต้นด้วยตัวอักษร", "must be a name of up to 50 letters, digits and underscores that begins with a letter";
    NotWhole = "not_whole", "ต้องเป็นจำนวนเต็ม", "must be a whole number: validators disagree about others";
    TitleTooLong = "title_too_long", "ต้องไม่เกิน 300 ตัวอักษร", "must have at most 300 characters";
    UnknownKeyword = "unknown_keyword", "ไม่มีคำสั่ง (keyword) นี้ในแบบคำขอ", "is not a keyword that forms have";
    UnknownFormat = "unknown_format", "ไม่มี format นี้", "is not a format that forms have";
    BadPattern = "bad_pattern", "ต้องเป็น regular expression ที่ใช้ได้และไม่ใหญ่เกินไป", "must be a regular expression that is checked in linear time (without lookaround and backreferences), and not too large";

    // The challenge before a complaint, or a request that books a day.
    Expired = "expired", "การตรวจสอบป้องกันโปรแกรมอัตโนมัติหมดอายุ โปรดเปิดแบบฟอร์มใหม่แล้วส่งอีกครั้ง", "has expired or is not ours: get a new one";
    Wrong = "wrong", "การตรวจสอบป้องกันโปรแกรมอัตโนมัติไม่ผ่าน โปรดเปิดแบบฟอร์มใหม่แล้วส่งอีกครั้ง", "does not solve the challenge";
    Used = "used", "การตรวจสอบป้องกันโปรแกรมอัตโนมัติถูกใช้ไปแล้ว โปรดเปิดแบบฟอร์มใหม่แล้วส่งอีกครั้ง", "was used before: get a new one";

    // A step of a batch: the code of the problem that it would be alone.
    NotFound = "not_found", "ไม่พบข้อมูล หรือไม่ได้เปิดให้ท่านดู", "is not there, or not yours to see";
    NoAccount = "no_account", "ใช้ได้เฉพาะบัญชีของบุคคล ไม่ใช่ของโปรแกรม", "is for an officer with an account";
    IllegalTransition = "illegal_transition", "ดำเนินการนี้ไม่ได้ในสถานะปัจจุบัน", "is not allowed in the record's state";
    Destroyed = "destroyed", "ข้อมูลถูกทำลายแล้วเมื่อครบกำหนดจัดเก็บ", "has been destroyed at the end of its retention";
}

impl FieldCode {
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// This code, with a message of its own.
    pub fn because(self, th: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Violation {
        Violation { code: self, message: Message::new(th, en) }
    }
}

/// A rule that a value breaks.
#[derive(Clone, Debug)]
pub struct Violation {
    pub code: FieldCode,
    pub message: Message,
}

impl From<FieldCode> for Violation {
    fn from(code: FieldCode) -> Self {
        Self { code, message: code.message() }
    }
}
