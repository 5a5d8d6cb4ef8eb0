//! Tokens of PDF (ISO 32000-1, 7.2): names, strings and keywords. Numbers count as keywords.

use std::borrow::Cow;

use super::super::bytes;

/// A token. What stands alone, as brackets do, is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Without its slash, escapes as they are.
    Name(&'a [u8]),
    /// Between its parentheses, escapes as they are.
    Literal(&'a [u8]),
    /// Between its angle brackets.
    Hex(&'a [u8]),
    Keyword(&'a [u8]),
    DictionaryStart,
    DictionaryEnd,
}

impl<'a> Token<'a> {
    /// A name without its escapes.
    pub fn name(self) -> Option<Cow<'a, [u8]>> {
        if let Token::Name(name) = self { Some(unescaped(name)) } else { None }
    }

    /// The bytes of a string: escapes, or pairs of hexadecimal digits.
    pub fn string(self) -> Option<Vec<u8>> {
        match self {
            Token::Literal(content) => Some(literal(content)),
            Token::Hex(content) => Some(bytes::unhexed(content)),
            _ => None,
        }
    }
}

/// All names in bytes.
pub fn names(bytes: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    Tokens::of(bytes).filter_map(Token::name)
}

/// The tokens of bytes; `at` is how far they have been read.
pub struct Tokens<'a> {
    bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Tokens<'a> {
    /// From the beginning.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn take_while(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is(**byte)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Up to the parenthesis that closes the string, or to the end.
    fn literal(&mut self) -> &'a [u8] {
        let start = self.at;
        let mut depth = 1_usize;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return self.bytes.get(start..self.at - 1).unwrap_or_default();
            }
        }
        self.bytes.get(start..).unwrap_or_default()
    }

    fn hex(&mut self) -> Token<'a> {
        let start = self.at;
        let content = self.take_while(|byte| byte.is_ascii_hexdigit() || is_space(byte));
        if self.bytes.get(self.at) == Some(&b'>') {
            self.at += 1;
            return Token::Hex(content);
        }
        self.at = start;
        Token::Keyword(b"<")
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.take_while(is_space);
            let rest = self.bytes.get(self.at..)?;
            let (first, second) = (*rest.first()?, rest.get(1));
            self.at += 1;
            return Some(match first {
                b'%' => {
                    self.take_while(|byte| !matches!(byte, b'\r' | b'\n'));
                    continue;
                }
                b'/' => Token::Name(self.take_while(is_regular)),
                b'(' => Token::Literal(self.literal()),
                b'<' if second == Some(&b'<') => {
                    self.at += 1;
                    Token::DictionaryStart
                }
                b'>' if second == Some(&b'>') => {
                    self.at += 1;
                    Token::DictionaryEnd
                }
                b'<' => self.hex(),
                _ if is_regular(first) => {
                    self.at -= 1;
                    Token::Keyword(self.take_while(is_regular))
                }
                _ => continue,
            });
        }
    }
}

/// White space of PDF, which NUL is.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0xC | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

/// A name without its `#xx` escapes.
fn unescaped(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.contains(&b'#') {
        return Cow::Borrowed(name);
    }
    let mut plain = Vec::with_capacity(name.len());
    let mut rest = name;
    while let [first, after @ ..] = rest {
        let escape = match rest {
            [b'#', high, low, ..] => bytes::hex(*high).zip(bytes::hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        plain.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    Cow::Owned(plain)
}

fn literal(content: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = content;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            plain.push(*first);
            continue;
        }
        let digits = after.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
        let octal = digits.clone().fold(0_u32, |value, digit| value << 3 | u32::from(digit - b'0'));
        let length = digits.count();
        match after.first() {
            Some(_) if length > 0 => plain.push((octal & 0xFF) as u8),
            Some(b'n' | b'r' | b't' | b'\r' | b'\n') | None => plain.push(b' '),
            Some(other) => plain.push(*other),
        }
        rest = after.get(length.max(1)..).unwrap_or_default();
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_of_two_digits() {
        for (name, plain) in [("J#53", "JS"), ("a#+5", "a#+5"), ("a#4", "a#4"), ("#4#41", "#4A")] {
            assert_eq!(Token::Name(name.as_bytes()).name().as_deref(), Some(plain.as_bytes()), "{name}");
        }
        assert_eq!(Token::Hex(b"4 1\n4").string(), Some(b"A@".to_vec()));
    }
}
