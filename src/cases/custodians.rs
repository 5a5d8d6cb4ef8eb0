//! Custodians' keys in age format (<https://age-encryption.org/v1>). The service has the public keys and encrypts to
//! them. The secret keys are on the custodians' machines, where stock `age` or `prongsai identity open` decrypts.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::ExposeSecret;
use age::x25519::{Identity, Recipient};
use age::{DecryptError, Decryptor, Encryptor};
use chrono::{DateTime, SecondsFormat, Utc};
use zeroize::Zeroizing;

use crate::domain::text::without_bom;
use crate::error::{Error, Result};

/// With one, a lost key would be the loss of every identity.
const FEWEST: usize = 2;

const SECRET: &str = "AGE-SECRET-KEY-";

/// Whom identities are sealed to: each of them can open what is sealed.
#[derive(Clone, Debug)]
pub struct Custodians(Vec<Recipient>);

impl Custodians {
    /// An age recipient on each line; `#` begins a comment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut recipients: Vec<Recipient> = Vec::new();
        for (number, line) in lines(text) {
            if line.starts_with(SECRET) {
                return Err(format!("has a secret key on line {number}: only public keys belong on a server"));
            }
            let recipient = line.parse().map_err(|_| format!("line {number} is no public key of age (age1...)"))?;
            if recipients.contains(&recipient) {
                return Err(format!("line {number} has a key for the second time"));
            }
            recipients.push(recipient);
        }
        if recipients.len() < FEWEST {
            let there = recipients.len();
            return Err(format!("has {there} of at least {FEWEST} keys; `prongsai keygen custodian FILE` makes one"));
        }
        Ok(Self(recipients))
    }

    pub fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Self::parse(without_bom(&text)).map_err(|error| format!("{} {error}", file.display()))
    }

    /// The public keys.
    pub fn keys(&self) -> Vec<String> {
        self.0.iter().map(Recipient::to_string).collect()
    }

    /// The text as an age file, binary.
    pub fn seal(&self, text: &[u8]) -> Result<Vec<u8>> {
        let recipients = self.0.iter().map(|recipient| recipient as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(recipients).map_err(Error::internal)?;
        let mut sealed = Vec::new();
        let written = encryptor.wrap_output(&mut sealed).and_then(|mut writer| {
            writer.write_all(text)?;
            writer.finish()
        });
        written.map_err(Error::internal)?;
        Ok(sealed)
    }
}

/// An age file as text.
pub fn armored(sealed: &[u8]) -> Result<String> {
    let written = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).and_then(|mut writer| {
        writer.write_all(sealed)?;
        writer.finish()
    });
    String::from_utf8(written.map_err(Error::internal)?).map_err(Error::internal)
}

/// A custodian's own key: the secret half.
pub struct CustodianKey(Identity);

impl CustodianKey {
    pub fn generate() -> Self {
        Self(Identity::generate())
    }

    pub fn public(&self) -> String {
        self.0.to_public().to_string()
    }

    pub fn secret(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    /// As `age-keygen` writes its file.
    pub fn text(&self, now: DateTime<Utc>) -> Zeroizing<String> {
        let (created, public) = (now.to_rfc3339_opts(SecondsFormat::Secs, true), self.public());
        Zeroizing::new(format!("# created: {created}\n# public key: {public}\n{}\n", *self.secret()))
    }

    /// The keys of such a file.
    pub fn read(file: &Path) -> Result<Vec<Self>, String> {
        let message = |error: String| format!("{}: {error}", file.display());
        let text = Zeroizing::new(std::fs::read_to_string(file).map_err(|error| message(error.to_string()))?);
        let key = |(number, line): (usize, &str)| {
            let key = line.parse().map(Self);
            key.map_err(|_| message(format!("line {number} is no secret key of age ({SECRET}1...)")))
        };
        let keys = lines(without_bom(&text)).map(key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(message(format!("has no secret key of age ({SECRET}1...)"))) } else { Ok(keys) }
    }
}

/// Opens an age file, binary or as text, with one of several keys.
pub fn open(sealed: impl Read, keys: &[CustodianKey]) -> Result<Zeroizing<Vec<u8>>, String> {
    let message = |error: DecryptError| match error {
        DecryptError::NoMatchingKeys => "was not sealed to this key".to_owned(),
        DecryptError::InvalidHeader | DecryptError::UnknownFormat => "is no age file".to_owned(),
        DecryptError::Io(error) if error.kind() == ErrorKind::UnexpectedEof => "is no whole age file".to_owned(),
        DecryptError::Io(error) => error.to_string(),
        _ => "was changed after it was sealed".to_owned(),
    };
    let decryptor = Decryptor::new(ArmoredReader::new(sealed)).map_err(message)?;
    let identities = keys.iter().map(|key| &key.0 as &dyn age::Identity);
    let mut reader = decryptor.decrypt(identities).map_err(message)?;
    let mut text = Zeroizing::new(Vec::new());
    reader.read_to_end(&mut text).map_err(|_| "was changed after it was sealed, or is not whole".to_owned())?;
    Ok(text)
}

/// What is said on each line, with its number.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().map(str::trim).enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_two_keys_and_what_is_no_public_key_are_refused() {
        let [one, two] = [CustodianKey::generate(), CustodianKey::generate()];
        let text = format!("# ours\n\n{}\n  {}\n", one.public(), two.public());
        assert_eq!(Custodians::parse(&text).unwrap().keys(), [one.public(), two.public()]);
        let secret = one.text(DateTime::UNIX_EPOCH);
        for (wrong, message) in [
            (String::new(), "has 0 of at least 2 keys"),
            (one.public(), "has 1 of at least 2 keys"),
            (format!("{0}\n{0}", one.public()), "line 2 has a key for the second time"),
            (format!("{}\nage1x", one.public()), "line 2 is no public key"),
            (secret.to_string(), "has a secret key on line 3"),
        ] {
            let error = Custodians::parse(&wrong).unwrap_err();
            assert!(error.contains(message) && !error.contains("AGE-SECRET-KEY-1"), "{error}");
        }
    }

    #[test]
    fn every_custodian_opens_what_was_sealed_and_nobody_else() {
        let keys = [(); 3].map(|()| CustodianKey::generate());
        let custodians = Custodians::parse(&format!("{}\n{}", keys[0].public(), keys[1].public())).unwrap();
        let sealed = custodians.seal("สมหญิง".as_bytes()).unwrap();
        let text = armored(&sealed).unwrap();
        for key in &keys[..2] {
            let key = std::slice::from_ref(key);
            assert_eq!(open(&*sealed, key).unwrap().as_slice(), "สมหญิง".as_bytes());
            assert_eq!(open(text.as_bytes(), key).unwrap().as_slice(), "สมหญิง".as_bytes());
        }
        let message = |sealed: &[u8]| open(sealed, &keys[1..]).map(drop).unwrap_err();
        assert_eq!(open(&*sealed, &keys[2..]).map(drop).unwrap_err(), "was not sealed to this key");
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(message(&changed).contains("was changed"));
        assert!(message(&sealed[..sealed.len() - 1]).contains("was changed"));
        assert_eq!(
            (message(b"").as_str(), message(b"age-").as_str()),
            ("is no whole age file", "is no whole age file")
        );
        assert_eq!(message(b"another kind of file, and longer than the first line of ours\n"), "is no age file");
    }
}
