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
    UnknownField = "unknown_field", "ไม่มีฟิลด์นี้", "is not a field of this object";
    UnknownParameter = "unknown_parameter", "ไม่มีพารามิเตอร์นี้", "is not a parameter of this operation";
    Required = "required", "ต้องระบุ", "is required";
    WrongType = "wrong_type", "ชนิดข้อมูลไม่ถูกต้อง", "has the wrong JSON type";
    NotAllowed = "not_allowed", "ไม่ตรงรูปแบบ", "does not match the schema";
    BadFormat = "bad_format", "รูปแบบไม่ถูกต้อง", "does not have the right form";
    Blank = "blank", "ต้องไม่ว่าง", "must not be blank";
    TooShort = "too_short", "สั้นเกินไป", "is too short";
    TooLong = "too_long", "ยาวเกินไป", "is too long";
    TooFew = "too_few", "มีรายการน้อยเกินไป", "has too few items";
    TooMany = "too_many", "มีรายการมากเกินไป", "has too many items";
    TooSmall = "too_small", "น้อยเกินไป", "is below the minimum";
    TooLarge = "too_large", "มากเกินไป", "is above the maximum";
    Duplicate = "duplicate", "มีรายการซ้ำ", "has the same item twice";
    FiscalYearOutOfRange = "fiscal_year_out_of_range", "ต้องเป็นปี พ.ศ. 2500-2700", "must be a Buddhist-era year, 2500-2700";

    // Rules over several fields.
    Empty = "empty", "ต้องมีอย่างน้อยหนึ่งอย่าง", "must have at least one of its fields";
    BothOrNone = "both_or_none", "ต้องมีทั้งละติจูดและลองจิจูด", "must have latitude and longitude, or neither";
    AllOrSome = "all_or_some", "ระบุทุกส่วนราชการ หรือระบุหน่วย อย่างใดอย่างหนึ่ง", "give all_units or units, one of the two";
    NotTogether = "not_together", "ใช้ร่วมกันไม่ได้", "does not go together with another parameter";
    BeforeStart = "before_start", "ต้องไม่ก่อนวันเริ่ม", "must not be before the start";
    HasAmount = "has_amount", "ไม่ใช้งบประมาณแล้วต้องไม่ระบุจำนวนเงิน", "goes without amounts";
    Needed = "needed", "ต้องระบุสำหรับรายการนี้", "is required for this action";
    NotForThis = "not_for_this", "ไม่ใช้กับรายการนี้", "is not for this action";
    NeededToWithdraw = "needed_to_withdraw", "ต้องระบุเหตุผลเมื่อถอนการเผยแพร่", "is required to withdraw";
    OnlyToWithdraw = "only_to_withdraw", "ใช้เมื่อถอนการเผยแพร่เท่านั้น", "is only for withdrawing";
    OnlyByOperator = "only_by_operator", "ให้ได้ด้วยคำสั่งที่เครื่องแม่ข่ายเท่านั้น", "can only be given from the command line";
    OnlyForOfficers = "only_for_officers", "ใช้ได้เฉพาะเจ้าหน้าที่", "can only be set by officers";

    // Values.
    NotPlausible = "not_plausible", "วันที่อยู่นอกช่วงที่เป็นไปได้", "is outside the range of plausible dates";
    WrongCheckDigit = "wrong_check_digit", "เลขหลักสุดท้ายไม่ตรง", "its last digit does not follow from the others";
    PasswordTooShort = "password_too_short", "ต้องมีอย่างน้อย 12 ตัวอักษร", "needs 12 characters or more";
    PasswordTooLong = "password_too_long", "ต้องไม่เกิน 128 ตัวอักษร", "must have no more than 128 characters";
    CommonPassword = "common_password", "เป็นรหัสผ่านที่ใช้กันแพร่หลาย เดาได้ง่าย", "is one of the most common passwords";
    UnsupportedFile = "unsupported_file", "รับไฟล์นี้ไม่ได้", "is not a file of a supported type";
    BadCursor = "bad_cursor", "ใช้ไม่ได้กับรายการนี้", "does not belong to this list and order";
    InTheFuture = "in_the_future", "ต้องไม่เป็นเวลาในอนาคต", "must not be in the future";
    NotMidnight = "not_midnight", "ต้องเป็นเวลาเที่ยงคืนในกรุงเทพฯ เช่น 17:00:00Z", "must be a midnight in Bangkok: 17:00:00Z of the day before";
    BeyondTheLog = "beyond_the_log", "เกินจำนวนรายการในบันทึก", "is beyond the end of the log";

    // References to other records.
    AlreadyExists = "already_exists", "มีข้อมูลนี้อยู่แล้ว", "is already the value of another record";
    Immutable = "immutable", "เปลี่ยนไม่ได้", "cannot be changed";
    Circular = "circular", "อ้างวนกลับมาหาตัวเอง", "leads back to itself";
    UnknownUnit = "unknown_unit", "ไม่มีหน่วยที่ใช้รหัสนี้", "is not the code of a unit";
    NotYourUnit = "not_your_unit", "ต้องเป็นหน่วยงานของท่าน", "must be a unit that you work for";
    UnknownMeasure = "unknown_measure", "ไม่มีมาตรการนี้", "is not a measure";
    NotEarlier = "not_earlier", "ต้องเป็นมาตรการของปีก่อน", "must be of an earlier year";
    UnknownCategory = "unknown_category", "ไม่มีประเภทที่ใช้รหัสนี้", "is not the code of a category in use";
    UnknownEService = "unknown_e_service", "ไม่มีบริการที่ใช้รหัสนี้", "is not the code of an e-service";
    WrongKind = "wrong_kind", "ไม่ใช่ประเภทของเรื่องชนิดนี้", "is a category of another kind";
    UnknownAccount = "unknown_account", "ไม่มีบัญชีนี้", "is not the id of an account, nor oidc: with a subject of the identity provider";
    NotAnOfficer = "not_an_officer", "ต้องเป็นเจ้าหน้าที่ของหน่วยที่รับเรื่องนี้", "must be an officer of its unit who is not kept out of it";
    AccusedUnit = "accused_unit", "เป็นหน่วยที่ถูกร้องเรียน หรืออยู่ในสายบังคับบัญชาเดียวกัน", "is the unit that is complained of, or above or below it";
    NobodyLeft = "nobody_left", "จะไม่เหลือเจ้าหน้าที่ ผู้ตรวจสอบ หรือผู้เก็บรักษาข้อมูลผู้ร้อง ที่เห็นเรื่องนี้", "would leave no active officer who sees the complaint, or no auditor or custodian";
    NoCustodians = "no_custodians", "ระบบยังไม่รับเรื่องที่ระบุชื่อ โปรดส่งโดยไม่ระบุชื่อ", "cannot be accepted: no custodians are configured to encrypt it to; send the complaint without it";

    // E-services: bookings, places, and schemas of forms.
    OutOfReach = "out_of_reach", "ต้องเป็นวันใน 90 วันข้างหน้า", "must be one of the next 90 days";
    NotAWorkingDay = "not_a_working_day", "ไม่ใช่วันทำการ", "is no working day";
    FullyBooked = "fully_booked", "เต็มแล้ว ดูวันที่ว่างที่ /v1/e-services/{code}/days", "is fully booked; /v1/e-services/{code}/days has those that are free";
    Outside = "outside", "อยู่นอกขอบเขต", "is outside the permitted area or scope";
    BadSchema = "bad_schema", "ไม่เป็นไปตาม JSON Schema 2020-12", "is not what JSON Schema 2020-12 allows here";
    TooComplex = "too_complex", "ซับซ้อนเกินไป", "is too complex to be checked";
    NotAForm = "not_a_form", "ไม่เป็นแบบฟอร์ม", "is not the schema of a form";
    BadName = "bad_name", "ชื่อต้องเป็นอักษรโรมัน ตัวเลข หรือ _ ไม่เกิน 50 ตัว ขึ้นต้นด้วยอักษร", "must be a name of up to 50 letters, digits and underscores that begins with a letter";
    NotWhole = "not_whole", "ต้องเป็นจำนวนเต็ม", "must be a whole number: validators disagree about others";
    TitleTooLong = "title_too_long", "ยาวเกิน 300 ตัวอักษร", "is longer than 300 characters";
    UnknownKeyword = "unknown_keyword", "ไม่มีคีย์เวิร์ดนี้ในแบบฟอร์ม", "is not a keyword that forms have";
    UnknownFormat = "unknown_format", "ไม่มี format นี้", "is not a format that forms have";
    BadPattern = "bad_pattern", "ไม่เป็น regular expression ที่ใช้ได้ หรือใหญ่เกินไป", "is no regular expression that is checked in linear time (without lookaround and backreferences), or too large";

    // The challenge before a complaint, or a request that books a day.
    Expired = "expired", "หมดอายุหรือไม่ใช่ของระบบนี้ โปรดขอใหม่", "has expired or is not ours: get a new one";
    Wrong = "wrong", "ไม่ใช่คำตอบของโจทย์นี้", "does not solve the challenge";
    Used = "used", "ใช้ไปแล้ว โปรดขอใหม่", "was used before: get a new one";

    // A step of a batch: the code of the problem that it would be alone.
    NotFound = "not_found", "ไม่พบข้อมูล", "is not there, or not yours to see";
    NoAccount = "no_account", "โทเคนนี้ไม่ใช่ของผู้ใช้ที่เป็นบุคคล", "is for an officer with an account";
    IllegalTransition = "illegal_transition", "สถานะปัจจุบันไม่อนุญาต", "is not allowed in the record's state";
    Destroyed = "destroyed", "ทำลายข้อมูลตามกำหนดแล้ว", "has been destroyed at the end of its retention";
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
