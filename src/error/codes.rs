//! The codes of problems: each is one entry of the table below. `remedy` is the `detail` of every error that has none of its own, so
//! it tells whoever reads it what to do next. It tells no more than the code does: whether a record exists, or which part of a login
//! was wrong, must not follow from it.

use crate::domain::message::Message;

macro_rules! codes {
    ($($code:ident = $name:literal $status:literal
        title $title_th:literal, $title_en:literal
        meaning $meaning_th:literal, $meaning_en:literal
        remedy $remedy_th:literal, $remedy_en:literal;)*) => {
        /// Why a request could not be done. Codes never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $(#[doc = $meaning_en] $code,)* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$code,)*];

            pub fn name(self) -> &'static str {
                match self { $(Code::$code => $name,)* }
            }

            pub fn status(self) -> u16 {
                match self { $(Code::$code => $status,)* }
            }

            pub fn title(self) -> Message {
                match self { $(Code::$code => Message::new($title_th, $title_en),)* }
            }

            /// When it happens.
            pub fn meaning(self) -> Message {
                match self { $(Code::$code => Message::new($meaning_th, $meaning_en),)* }
            }

            /// What to do next.
            pub fn remedy(self) -> Message {
                match self { $(Code::$code => Message::new($remedy_th, $remedy_en),)* }
            }
        }
    };
}

codes! {
    MalformedRequest = "malformed_request" 400
        title "ข้อมูลที่ส่งมาผิดรูปแบบ", "Malformed request"
        meaning "ข้อมูลที่ส่งมาไม่เป็นไปตามรูปแบบของ HTTP", "The request is not well-formed HTTP."
        remedy "โปรดตรวจสอบที่อยู่และส่วนหัวของข้อมูลที่ส่ง แล้วส่งใหม่", "Check the address and the headers of the request, and send it again as HTTP/1.1 (RFC 9112) asks.";
    MalformedJson = "malformed_json" 400
        title "รูปแบบ JSON ไม่ถูกต้อง", "Malformed JSON"
        meaning "เนื้อหาที่ส่งมาไม่ใช่ JSON หรือไม่ใช่ JSON object", "The body is not JSON, or not a JSON object."
        remedy "ต้องส่ง JSON object หนึ่งชุด เข้ารหัสแบบ UTF-8", "Send one JSON object in UTF-8.";
    UnknownField = "unknown_field" 400
        title "มีช่องข้อมูลที่ระบบไม่รู้จัก", "Unknown field"
        meaning "มีช่องข้อมูลที่การดำเนินการนี้ไม่มี ดูชื่อที่ errors", "The body has a field that this operation does not know; errors names it."
        remedy "โปรดลบหรือแก้ชื่อช่องข้อมูลตามที่ระบุใน errors", "Remove the fields that errors names, or correct their names.";
    UnknownParameter = "unknown_parameter" 400
        title "มีพารามิเตอร์ที่ระบบไม่รู้จัก", "Unknown parameter"
        meaning "มีพารามิเตอร์ที่การดำเนินการนี้ไม่มี ดูชื่อที่ errors", "The query has a parameter that this operation does not know; errors names it."
        remedy "โปรดลบหรือแก้ชื่อพารามิเตอร์ตามที่ระบุใน errors", "Remove the parameters that errors names, or correct their names.";
    InvalidParameter = "invalid_parameter" 400
        title "พารามิเตอร์ไม่ถูกต้อง", "Invalid parameter"
        meaning "มีค่าในที่อยู่หรือส่วนหัวที่ใช้ไม่ได้ ดูที่ errors", "A value in the query, the path or a header is not allowed; errors names it."
        remedy "โปรดแก้ค่าตามที่ระบุใน errors", "Correct the values that errors names.";
    Unauthenticated = "unauthenticated" 401
        title "โปรดเข้าสู่ระบบก่อน", "Token required"
        meaning "การดำเนินการนี้ต้องใช้โทเคน (bearer token)", "The operation needs a bearer token."
        remedy "ต้องส่งส่วนหัว Authorization: Bearer <token> บุคคลขอโทเคนได้ที่ POST /v1/login โปรแกรมขอได้ที่ POST /oauth/token", "Send Authorization: Bearer <token>. People get one at POST /v1/login, programs at POST /oauth/token.";
    InvalidToken = "invalid_token" 401
        title "การเข้าสู่ระบบหมดอายุหรือไม่ถูกต้อง โปรดเข้าสู่ระบบใหม่", "Invalid token"
        meaning "โทเคนผิดรูปแบบ หมดอายุ ยังไม่ถึงเวลาใช้ ถูกยกเลิก หรือไม่ใช่ของระบบนี้", "The bearer token is malformed, expired, not yet valid, revoked or not ours."
        remedy "โปรดขอโทเคนใหม่ บุคคลขอได้ที่ POST /v1/login โปรแกรมขอได้ที่ POST /oauth/token", "Get a new token: people at POST /v1/login, programs at POST /oauth/token. Send it in one Authorization header.";
    InvalidCredentials = "invalid_credentials" 401
        title "ชื่อผู้ใช้ รหัสผ่าน หรือรหัสยืนยันไม่ถูกต้อง", "Invalid credentials"
        meaning "ชื่อผู้ใช้ รหัสผ่าน และรหัสยืนยันไม่ตรงกัน ระบบไม่บอกว่าส่วนใดผิด", "Login, password and code do not belong together. The response does not say which of them is wrong."
        remedy "โปรดตรวจสอบแล้วลองใหม่ หากลืมรหัสผ่านโปรดติดต่อผู้ดูแลระบบ", "Check the login, the password and the code, and try again. An administrator can set a new password.";
    SecondFactorRequired = "second_factor_required" 401
        title "โปรดกรอกรหัสยืนยันจากแอปยืนยันตัวตน", "Second factor required"
        meaning "รหัสผ่านถูกต้อง แต่ต้องใช้รหัสจากแอปยืนยันตัวตนด้วย", "The password was right; a code of the authenticator app is needed as well."
        remedy "โปรดส่งชื่อผู้ใช้และรหัสผ่านอีกครั้ง พร้อมรหัส 6 หลักจากแอปยืนยันตัวตนใน code", "Send the login and the password again, with the 6 digits of the authenticator app in code.";
    WrongPassword = "wrong_password" 403
        title "รหัสผ่านปัจจุบันหรือรหัสยืนยันไม่ถูกต้อง", "Wrong password or code"
        meaning "รหัสผ่านปัจจุบัน หรือรหัสที่ยืนยันแอปไม่ถูกต้อง", "The current password, or the code that confirms an app, is wrong."
        remedy "โปรดตรวจสอบแล้วลองใหม่ ระบบรับรหัสแต่ละชุดในช่วงเวลาสั้น ๆ เท่านั้น โปรดตรวจสอบเวลาของโทรศัพท์ด้วย", "Check it and try again. A code is valid for a short time only: check the clock of the phone as well.";
    NoAccount = "no_account" 403
        title "ใช้ได้เฉพาะบัญชีของบุคคล ไม่ใช่ของโปรแกรม", "Not a person's token"
        meaning "เป็นการดำเนินการเกี่ยวกับบัญชีของตนเอง แต่โทเคนเป็นของโปรแกรม", "The operation is about one's own account, and the token is a program's."
        remedy "โปรดเข้าสู่ระบบด้วยบัญชีของบุคคลที่ POST /v1/login แล้วดำเนินการใหม่", "Log in as a person with an account at POST /v1/login, and send it again with that token.";
    InsufficientScope = "insufficient_scope" 403
        title "ท่านไม่มีสิทธิ์ดำเนินการนี้", "Insufficient scope"
        meaning "โทเคนไม่มีสิทธิ์การใช้งานที่การดำเนินการนี้ต้องใช้", "The token lacks the scope that the operation needs."
        remedy "โปรดติดต่อผู้ดูแลระบบเพื่อขอสิทธิ์ แล้วเข้าสู่ระบบใหม่", "Ask an administrator for a role or a scope that allows it, and get a new token.";
    WrongPerson = "wrong_person" 403
        title "การดำเนินการนี้ต้องให้ผู้มีหน้าที่คนอื่นเป็นผู้ทำ", "For somebody else to do"
        meaning "ผู้ขอพิจารณาคำขอของตนเองไม่ได้ ต้องให้บุคคลอื่นพิจารณา ข้อมูลตัวตนที่อนุมัติแล้วส่งมอบให้ผู้ดูแลกุญแจที่อนุมัติเท่านั้น ผู้ดูแลระบบเปลี่ยนสิทธิ์ของตนเองไม่ได้ และรายงานต้องลงนามโดยผู้ดำรงตำแหน่งนั้น ลำดับละหนึ่งคน", "A request is decided by another person than the one who made it. An approved identity is handed over to the custodian who approved it. No admin changes their own rights. A report is signed by holders of the posts, each step by another person."
        remedy "โปรดให้ผู้มีหน้าที่คนอื่นดำเนินการแทน", "Ask another person with this task to do it.";
    ApprovalRequired = "approval_required" 403
        title "ต้องให้ผู้ดูแลระบบอีกคนหนึ่งอนุมัติก่อน", "Approval required"
        meaning "ผู้ดูแลระบบคนเดียวทำไม่ได้ ต้องมีผู้ดูแลระบบอีกคนหนึ่งอนุมัติก่อนที่ /v1/user-approvals หรือให้ผู้ดูแลเครื่องแม่ข่ายใช้คำสั่ง", "No admin does this alone: another one approves it at /v1/user-approvals first, or an operator does it from the command line."
        remedy "โปรดขออนุมัติที่ /v1/users/{id}/approvals แล้วดำเนินการใหม่เมื่อได้รับอนุมัติ", "Ask for approval at /v1/users/{id}/approvals, and send it again once another admin has approved it.";
    OperatorOnly = "operator_only" 403
        title "ทำได้ด้วยคำสั่งที่เครื่องแม่ข่ายเท่านั้น", "Only from the command line"
        meaning "โปรแกรมมีสิทธิ์ที่ผู้ดูแลเครื่องแม่ข่ายเท่านั้นให้ได้ detail บอกคำสั่ง", "The client has a right that only an operator gives; detail says with which command."
        remedy "โปรดติดต่อผู้ดูแลเครื่องแม่ข่ายเพื่อดำเนินการด้วยคำสั่ง prongsai client", "Ask the operator of the server to do it with prongsai client.";
    OriginNotAllowed = "origin_not_allowed" 403
        title "เว็บไซต์นี้ไม่ได้รับอนุญาตให้ส่งข้อมูลเช่นนี้", "Origin not allowed"
        meaning "คำตอบของการสอบถามล่วงหน้า (preflight) จากเว็บไซต์ที่ไม่ได้ตั้งค่าไว้ใน --cors-origins เว็บไซต์เช่นนี้อ่านได้เฉพาะข้อมูลที่เผยแพร่ โดยไม่ใช้โทเคน", "The answer to a preflight of a website whose origin is not configured (--cors-origins). Its scripts may read what is published, without a token, and nothing else."
        remedy "โปรดติดต่อผู้ดูแลเครื่องแม่ข่ายเพื่อเพิ่มเว็บไซต์ใน --cors-origins หรือเรียกจากเครื่องแม่ข่ายของเว็บไซต์", "Ask the operator to add the origin to --cors-origins, or call the API from the website's server.";
    NotFound = "not_found" 404
        title "ไม่พบข้อมูล", "Not found"
        meaning "ไม่มีข้อมูลตามที่อยู่นี้ หรือข้อมูลไม่ได้เปิดให้ท่านดู", "There is nothing at this address, or it is not yours to see."
        remedy "ไม่พบข้อมูลนี้ หรือข้อมูลไม่ได้เปิดให้ท่านดู โปรดตรวจสอบแล้วลองใหม่", "It is not there, or not yours to see. Check the address, and the ids that you sent.";
    UnknownReceipt = "unknown_receipt" 404
        title "ไม่พบเรื่องตามรหัสติดตามนี้ โปรดตรวจสอบว่าพิมพ์ถูกต้อง", "Unknown receipt"
        meaning "ไม่มีเรื่องที่ใช้รหัสติดตามเรื่องนี้ รหัสที่เป็นไปไม่ได้ก็ตอบเช่นเดียวกัน", "No case has this receipt. An impossible receipt gets the same answer: check it for a typing error."
        remedy "โปรดตรวจสอบรหัสติดตามเรื่องกับใบรับเรื่องทีละตัวอักษร แล้วพิมพ์ใหม่ให้ครบ", "Compare the receipt with the one you were given, character by character, and type all of it again.";
    MethodNotAllowed = "method_not_allowed" 405
        title "ที่อยู่นี้ไม่รองรับวิธีเรียกใช้นี้", "Method not allowed"
        meaning "มีที่อยู่นี้ แต่ต้องเรียกด้วยวิธี (HTTP method) อื่น ดูที่ส่วนหัว Allow", "The address exists, with other methods; Allow lists them."
        remedy "โปรดใช้วิธีที่ระบุในส่วนหัว Allow", "Use one of the methods in the header Allow.";
    NotAcceptable = "not_acceptable" 406
        title "ไม่มีข้อมูลในรูปแบบที่ขอ", "Not acceptable"
        meaning "ไม่มีข้อมูลในรูปแบบที่ Accept หรือ format ขอ", "The operation has no answer in a format that Accept or format asks for."
        remedy "โปรดขอในรูปแบบอื่นด้วยส่วนหัว Accept เช่น application/json", "Ask for another format in the header Accept, such as application/json.";
    RequestTimeout = "request_timeout" 408
        title "ส่งข้อมูลไม่ครบภายในเวลาที่กำหนด โปรดส่งใหม่", "Request timeout"
        meaning "เนื้อหาที่ส่งมาถึงไม่ครบภายในเวลาที่กำหนด", "The body did not arrive in time."
        remedy "ระบบไม่ได้บันทึกข้อมูลใด โปรดตรวจสอบการเชื่อมต่อแล้วส่งใหม่ทั้งหมด", "Nothing of it was kept. Check the connection and send all of it again.";
    IllegalTransition = "illegal_transition" 409
        title "ดำเนินการนี้ไม่ได้ในสถานะปัจจุบัน", "Illegal transition"
        meaning "สถานะของข้อมูลไม่เปิดให้ดำเนินการนี้", "The record's state does not allow this step."
        remedy "โปรดเปิดข้อมูลใหม่เพื่อดูสถานะล่าสุด แล้วเลือกการดำเนินการที่ทำได้ในสถานะนั้น", "Read the record again for its state, and choose a step that this state allows.";
    AlreadyExists = "already_exists" 409
        title "มีข้อมูลนี้อยู่แล้ว", "Already exists"
        meaning "มีข้อมูลอื่นใช้ค่าที่ต้องไม่ซ้ำกันนี้แล้ว", "Another record already has a value that must be unique."
        remedy "โปรดใช้ค่าอื่นที่ไม่ซ้ำ หรือแก้ไขข้อมูลที่มีอยู่แล้ว", "Choose another value, or change the record that has it already.";
    InUse = "in_use" 409
        title "ลบหรือยกเลิกไม่ได้ เนื่องจากมีข้อมูลอื่นอ้างถึงอยู่", "In use"
        meaning "มีข้อมูลอื่นอ้างถึงข้อมูลนี้ จึงลบหรือยกเลิกไม่ได้", "Other records refer to this one, so it cannot be deleted or end."
        remedy "โปรดแก้ข้อมูลอื่นที่อ้างถึงข้อมูลนี้ก่อน", "Change the records that refer to this one first.";
    Incomplete = "incomplete" 409
        title "ข้อมูลยังไม่ครบถ้วน", "Incomplete"
        meaning "สิ่งที่ต้องมีสำหรับการดำเนินการนี้ยังขาดอยู่ detail หรือ errors ระบุทุกรายการ", "Something that the step requires is missing; detail or errors says what."
        remedy "โปรดเพิ่มข้อมูลตามที่ระบุแล้วลองใหม่ รายงานต้องจัดทำใหม่ หรือระบุเหตุผลที่เผยแพร่ทั้งที่ข้อมูลไม่ครบใน override_reason", "Add what is missing, then try again. A report is refreshed first, or published without it for a reason (override_reason).";
    NotADraft = "not_a_draft" 409
        title "ลบไม่ได้ เนื่องจากเคยเผยแพร่แล้ว ให้ถอนการเผยแพร่แทน", "Not a draft"
        meaning "ข้อมูลที่เคยเผยแพร่แล้วลบไม่ได้ ถอนการเผยแพร่พร้อมระบุเหตุผลได้เท่านั้น", "A record that was published cannot be deleted, only unpublished with a reason."
        remedy "โปรดถอนการเผยแพร่พร้อมระบุเหตุผลแทนการลบ", "Unpublish it with a reason instead: POST the action to its /transitions.";
    KeyInProgress = "idempotency_key_in_progress" 409
        title "ระบบกำลังดำเนินการรายการเดียวกันนี้อยู่ โปรดรอสักครู่", "Request in progress"
        meaning "ข้อมูลที่ส่งด้วย Idempotency-Key นี้ยังดำเนินการไม่เสร็จ", "A request with this Idempotency-Key is still running."
        remedy "โปรดรอสักครู่แล้วส่งอีกครั้งด้วย Idempotency-Key เดิม ระบบจะดำเนินการเพียงครั้งเดียว", "Wait for a second and send it again with the same Idempotency-Key: it takes effect once.";
    NotKept = "response_not_kept" 409
        title "ดำเนินการนี้สำเร็จแล้วก่อนหน้านี้", "Response not kept"
        meaning "ระบบดำเนินการแล้วเมื่อส่งครั้งแรกด้วย Idempotency-Key นี้ แต่คำตอบมีขนาดใหญ่เกินกว่าจะเก็บไว้", "The request took effect when it was first sent with this Idempotency-Key; its response was too large to be kept. Read the record."
        remedy "ไม่ต้องส่งอีก โปรดเปิดดูข้อมูลที่บันทึกไว้แล้ว", "Do not send it again: it took effect the first time. Read the record.";
    Anonymous = "anonymous" 409
        title "ผู้ร้องเรียนไม่ได้ระบุตัวตน จึงไม่มีข้อมูลให้ขอเปิดเผย", "Anonymous"
        meaning "เรื่องร้องเรียนนี้ไม่ระบุตัวตนผู้ร้องเรียน จึงไม่มีข้อมูลตัวตนให้ขอ", "The complaint came without a name: there is no identity to ask for."
        remedy "หากต้องการข้อมูลเพิ่ม โปรดส่งข้อความถึงผู้ร้องเรียนในเรื่องนี้แทน", "Send the reporter a message in the complaint if something else must be known.";
    Destroyed = "destroyed" 409
        title "ข้อมูลถูกทำลายแล้วเมื่อครบกำหนดจัดเก็บ", "Destroyed"
        meaning "เนื้อหาของเรื่องนี้ถูกทำลายแล้วเมื่อครบกำหนดจัดเก็บ เหลือเฉพาะตัวเลขสถิติ", "What was written in this case has been destroyed at the end of its retention; only figures are left."
        remedy "ดำเนินการกับเรื่องนี้ต่อไม่ได้ หากมีข้อมูลใหม่โปรดยื่นเรื่องใหม่", "Nothing more can be done with this case. Send a new one if there is something new.";
    TooManyFiles = "too_many_files" 409
        title "แนบไฟล์ครบจำนวนแล้ว", "Too many files"
        meaning "เรื่องนี้มีจำนวนหรือขนาดรวมของไฟล์จากฝ่ายนี้ครบตามที่รับได้ detail บอกจำนวน", "The case has as many files of this side, or as many bytes of them, as it can have; detail says how many."
        remedy "โปรดส่งเป็นข้อความแทน หรือติดต่อเจ้าหน้าที่หากมีไฟล์เพิ่มเติม", "Send what is left as a message, or ask the office how to hand over further files.";
    Damaged = "damaged" 409
        title "ไฟล์ที่จัดเก็บไว้เสียหายหรือสูญหาย โปรดแจ้งเจ้าหน้าที่", "Damaged"
        meaning "ไม่พบไฟล์ที่จัดเก็บไว้ หรือไฟล์ไม่ตรงกับที่ส่งมา จึงไม่ส่งออก ระบบบันทึกไว้ให้ผู้ดูแลแล้ว", "The stored file is missing or not the one that was sent, so it is not handed out. The operator is told in the log."
        remedy "โปรดแจ้งเจ้าหน้าที่พร้อมรหัส request_id หากยังมีไฟล์ต้นฉบับโปรดส่งใหม่", "Tell the office the request_id. Whoever still has the original sends it again.";
    Unpublished = "unpublished" 410
        title "ถอนการเผยแพร่แล้ว", "Unpublished"
        meaning "ข้อมูลนี้เคยเผยแพร่และถอนการเผยแพร่แล้ว detail บอกเหตุผล", "The record was public and was unpublished; detail gives the reason."
        remedy "ข้อมูลนี้ไม่เผยแพร่แล้ว โปรดลบลิงก์ที่อ้างถึง หรือสอบถามเทศบาล", "It is no longer public: remove links to it, or ask the municipality.";
    PreconditionFailed = "precondition_failed" 412
        title "มีการแก้ไขข้อมูลนี้หลังจากที่ท่านเปิดดู โปรดเปิดใหม่แล้วแก้ไขอีกครั้ง", "Precondition failed"
        meaning "ข้อมูลเปลี่ยนไปหลังจากรุ่นที่ระบุใน If-Match", "The record has changed since the version in If-Match was read."
        remedy "ข้อมูลเปลี่ยนไปหลังจากที่ท่านเปิดดู หรือ ETag นั้นไม่ใช่ของข้อมูลนี้ (รายการมี ETag ของตนเอง) โปรดอ่านข้อมูลนี้ด้วย GET ใหม่ รวมการแก้ไขของท่าน แล้วส่ง ETag ใหม่ใน If-Match", "The record changed after you read it, or the ETag is not of this record (that of a list is another). GET the record, merge your change, and send its ETag in If-Match.";
    TooLarge = "content_too_large" 413
        title "ข้อมูลมีขนาดใหญ่เกินกำหนด", "Content too large"
        meaning "เนื้อหาที่ส่งมามีขนาดใหญ่เกินกว่าที่การดำเนินการนี้รับได้", "The body is larger than the operation takes."
        remedy "โปรดลดขนาดข้อมูล หรือแบ่งส่งหลายครั้ง", "Send less of it, or in several requests.";
    UnsupportedMediaType = "unsupported_media_type" 415
        title "ระบบไม่รองรับข้อมูลชนิดนี้", "Unsupported media type"
        meaning "การดำเนินการนี้ไม่รับ Content-Type หรือ Content-Encoding นี้", "The operation does not take this Content-Type or Content-Encoding."
        remedy "โปรดส่งส่วนหัว Content-Type: application/json และไม่บีบอัดข้อมูล", "Send Content-Type: application/json, and no Content-Encoding.";
    Invalid = "validation_failed" 422
        title "ข้อมูลไม่ถูกต้องหรือไม่ครบถ้วน", "Validation failed"
        meaning "รูปแบบของข้อมูลถูกต้อง แต่บางช่องไม่เป็นไปตามข้อกำหนด errors ระบุทุกช่อง", "The body is well-formed but breaks rules; errors lists every faulty field."
        remedy "โปรดแก้ช่องข้อมูลตามที่ระบุใน errors แล้วส่งใหม่", "Correct the fields that errors names, and send it again.";
    KeyReused = "idempotency_key_reused" 422
        title "ค่า Idempotency-Key นี้ใช้กับรายการอื่นไปแล้ว", "Idempotency key reused"
        meaning "ใช้ Idempotency-Key นี้กับข้อมูลอื่นแล้วภายใน 24 ชั่วโมง", "This Idempotency-Key was used for another request in the last 24 hours."
        remedy "โปรดใช้ Idempotency-Key ใหม่สำหรับข้อมูลใหม่ ใช้ค่าเดิมเฉพาะเมื่อส่งข้อมูลเดิมซ้ำ", "Use a new Idempotency-Key for a new request. The same key repeats the same request only.";
    PreconditionRequired = "precondition_required" 428
        title "ต้องส่งส่วนหัว If-Match", "Precondition required"
        meaning "การแก้ไขต้องมี If-Match เป็น ETag ของข้อมูลที่อ่าน", "The change needs If-Match with the ETag of the record as it was read."
        remedy "โปรดอ่านข้อมูลด้วย GET แล้วส่ง ETag ที่ได้รับใน If-Match", "GET the record, and send the ETag of that response in If-Match.";
    TooManyAttempts = "too_many_attempts" 429
        title "เข้าสู่ระบบผิดหลายครั้ง โปรดรอสักครู่แล้วลองใหม่", "Too many attempts"
        meaning "เข้าสู่ระบบด้วยชื่อนี้ผิดหลายครั้ง ลองใหม่ได้เมื่อพ้นจำนวนวินาทีใน Retry-After", "Several logins with this name have failed; the next try is after Retry-After seconds."
        remedy "โปรดรอตามเวลาใน Retry-After แล้วลองใหม่ หากลืมรหัสผ่านโปรดติดต่อผู้ดูแลระบบ", "Wait as long as Retry-After says. An administrator can set a new password.";
    TooManyRequests = "too_many_requests" 429
        title "ใช้งานบ่อยเกินกำหนด โปรดรอสักครู่แล้วลองใหม่", "Too many requests"
        meaning "ใช้ครบตามจำนวนใน RateLimit-Policy หรือที่ detail ระบุแล้ว ใช้ต่อได้เมื่อพ้นจำนวนวินาทีใน Retry-After", "The limit in RateLimit-Policy, or the one in detail, is used up; go on after Retry-After seconds."
        remedy "โปรดรอตามเวลาใน Retry-After แล้วส่งใหม่", "Wait as long as Retry-After says, and send it again.";
    Internal = "internal_error" 500
        title "ระบบขัดข้อง โปรดลองใหม่ หรือแจ้งเจ้าหน้าที่พร้อมรหัส request_id", "Internal error"
        meaning "เกิดข้อผิดพลาดภายในระบบ", "The fault is ours. Tell us the request_id."
        remedy "หากลองใหม่แล้วยังขัดข้อง โปรดแจ้งเจ้าหน้าที่พร้อมรหัส request_id", "The fault is ours. If it happens again, report the request_id to the municipality.";
    LogBroken = "log_broken" 503
        title "ระบบงดรับข้อมูลชั่วคราวเพื่อตรวจสอบความถูกต้อง โปรดติดต่อเจ้าหน้าที่", "Audit log broken"
        meaning "บันทึกเหตุการณ์ในระบบไม่ตรงกับที่ลงนามไว้ จึงงดบันทึกจนกว่าผู้ดูแลเครื่องแม่ข่ายจะตรวจสอบ การอ่านยังทำได้", "The audit log is not the one that was signed: nothing is written until an operator has looked at it. Reading goes on."
        remedy "ขณะนี้อ่านข้อมูลได้ตามปกติ แต่ยังไม่รับข้อมูลใหม่ โปรดติดต่อเจ้าหน้าที่ทางช่องทางอื่น", "Reading goes on. Tell the operator, and send it once the log has been repaired, or reach the office in another way.";
    SchemaChanged = "schema_changed" 503
        title "กำลังปรับปรุงระบบเป็นรุ่นใหม่ ยังบันทึกข้อมูลไม่ได้", "Schema changed"
        meaning "ฐานข้อมูลปรับเป็นรุ่นใหม่แล้ว ระบบรุ่นนี้จึงงดบันทึกจนกว่าจะเปลี่ยนเป็นรุ่นใหม่ การอ่านยังทำได้", "A newer program has migrated the database: this process writes nothing until it is replaced. Reading goes on."
        remedy "ระบบไม่ได้บันทึกข้อมูลใด โปรดส่งใหม่ในอีกสักครู่", "Nothing of it was kept. Send it again in a minute; the operator starts the newer program.";
    StorageFull = "storage_full" 503
        title "พื้นที่จัดเก็บเต็ม ยังบันทึกข้อมูลไม่ได้", "Storage full"
        meaning "พื้นที่จัดเก็บเต็ม จึงงดบันทึกจนกว่าผู้ดูแลเครื่องแม่ข่ายจะเพิ่มพื้นที่ ระบบไม่ได้บันทึกข้อมูลใด", "The disk is full: nothing is written until an operator has freed space. Nothing of the request was kept."
        remedy "ระบบไม่ได้บันทึกข้อมูลใด โปรดส่งใหม่ภายหลัง หากเร่งด่วนโปรดติดต่อเจ้าหน้าที่", "Nothing of it was kept. Send it again later, and tell the operator that the disk is full.";
    AttachmentsFull = "attachments_full" 503
        title "ขณะนี้รับไฟล์ไม่ได้ เรื่องและข้อความยังส่งได้ตามปกติ", "Files full"
        meaning "พื้นที่เก็บไฟล์เหลือน้อย หรือมีไฟล์รอดำเนินการมากเกินกำหนด จึงงดรับไฟล์ ข้อมูลอื่นยังรับตามปกติ", "No files are taken, since their disk has little space left or the office has too many to deal with. All else is taken."
        remedy "โปรดส่งเรื่องหรือข้อความโดยไม่แนบไฟล์ก่อน แล้วแนบไฟล์ภายหลัง", "Send the case or the message without files now, and the files later.";
    ReadOnly = "read_only" 503
        title "ขณะนี้ดูข้อมูลได้อย่างเดียว ยังบันทึกข้อมูลไม่ได้", "Read only"
        meaning "ฐานข้อมูลหรือพื้นที่จัดเก็บเปิดให้อ่านอย่างเดียว ระบบไม่ได้บันทึกข้อมูลใด", "The database, its disk or its file takes no writes, as a standby does. Nothing of the request was kept."
        remedy "ระบบไม่ได้บันทึกข้อมูลใด โปรดส่งใหม่ภายหลัง", "Nothing of it was kept. Send it again later, after Retry-After seconds.";
    Unavailable = "unavailable" 503
        title "ระบบไม่พร้อมให้บริการชั่วคราว โปรดลองใหม่ในอีกสักครู่", "Unavailable"
        meaning "ฐานข้อมูลไม่พร้อมหรือมีผู้ใช้มาก", "The database is away or busy; try again after Retry-After seconds."
        remedy "ระบบไม่ได้บันทึกข้อมูลใด โปรดลองใหม่ในอีกสักครู่", "Nothing of it was kept. Try again after Retry-After seconds.";
    OutcomeUnknown = "outcome_unknown" 503
        title "ยังไม่ทราบว่าบันทึกสำเร็จหรือไม่", "Outcome unknown"
        meaning "ฐานข้อมูลไม่ได้ตอบว่าบันทึกแล้วหรือไม่ และอาจยังบันทึกอยู่ เมื่อส่งอีกครั้งด้วย Idempotency-Key เดิม ระบบจะบันทึกเพียงครั้งเดียว", "The database did not say whether the write took effect, and it may still do so. Send it again with the same Idempotency-Key: it takes effect once."
        remedy "โปรดส่งอีกครั้งด้วย Idempotency-Key เดิม ระบบจะบันทึกเพียงครั้งเดียว", "Send it again with the same Idempotency-Key: it takes effect once. Without a key, read the record first.";
    ShuttingDown = "shutting_down" 503
        title "ระบบกำลังปิดเพื่อเริ่มใหม่", "Shutting down"
        meaning "ระบบกำลังปิด และไม่ได้บันทึกข้อมูลใด ส่งใหม่ได้เมื่อพ้นจำนวนวินาทีใน Retry-After", "The service is shutting down. Nothing of the request was kept; send it again after Retry-After seconds."
        remedy "ระบบไม่ได้บันทึกข้อมูลใด โปรดส่งอีกครั้งในอีกสักครู่", "Nothing of it was kept. Send it again after Retry-After seconds.";
}
