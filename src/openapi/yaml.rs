//! JSON as YAML that readers of version 1.1 and of 1.2 understand alike. In 1.1, which PyYAML reads, `no` is false, `2024-04-11` a date
//! and `12:30` a number: what might be more than a text stands in quotes.

use serde_json::Value;

pub fn of(value: &Value) -> String {
    let mut text = block(value, 0);
    text.push('\n');
    text
}

/// A value at the beginning of a line, or behind a dash: its lines but the first are indented.
fn block(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let lines: Vec<String> = match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().map(|(name, field)| format!("{}:{}", word(name), after_colon(field, depth))).collect()
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().map(|item| format!("- {}", block(item, depth + 1))).collect()
        }
        Value::String(text) => return scalar(text, depth),
        other => return other.to_string(),
    };
    lines.join(&format!("\n{indent}"))
}

/// A value behind the name of a field.
fn after_colon(value: &Value, depth: usize) -> String {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            format!("\n{}{}", "  ".repeat(depth + 1), block(value, depth + 1))
        }
        Value::Array(items) if !items.is_empty() => format!("\n{}{}", "  ".repeat(depth), block(value, depth)),
        other => format!(" {}", block(other, depth + 1)),
    }
}

/// A text of several lines as it is, where nothing of it would be lost.
fn scalar(text: &str, depth: usize) -> String {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    let is_block = lines.contains('\n') && !lines.starts_with([' ', '\n']) && !lines.ends_with('\n');
    if !is_block || lines.contains(|char: char| char != '\n' && is_special(char)) {
        return word(text);
    }
    let indent = "  ".repeat(depth);
    let head = if lines.len() < text.len() { "|" } else { "|-" };
    let lines = lines.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") });
    std::iter::once(head.to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

/// A text in one line: with quotes, as JSON has it, unless it begins and goes on as only a text can.
fn word(text: &str) -> String {
    const OTHERS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let begins = text.starts_with(|char: char| char.is_alphabetic() || ['/', '$', '_'].contains(&char));
    let goes_on = !text.contains(": ") && !text.contains(" #") && !text.ends_with([':', ' ']);
    let is_other = OTHERS.iter().any(|other| other.eq_ignore_ascii_case(text));
    if begins && goes_on && !is_other && !text.contains(is_special) {
        return text.to_owned();
    }
    let escaped = |char: char| match char {
        char if is_special(char) => format!("\\u{:04x}", u32::from(char)),
        char => char.to_string(),
    };
    Value::from(text).to_string().chars().map(escaped).collect()
}

/// Whether a character is not to be printed, or a line break in one version alone (YAML 1.1, section 5.4).
fn is_special(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_might_be_no_text_is_quoted() {
        for plain in ["a", "/v1/measures/{id}", "$ref", "ราคา 5 บาท", "x:y", "nothing", "application/json", "a#b"]
        {
            assert_eq!(word(plain), plain);
        }
        for quoted in [
            "",
            "no",
            "On",
            "NULL",
            "~",
            "2024-04-11",
            "2026-11-01T00:00:00Z",
            "12:30",
            "1e3",
            "0x1F",
            "0o7",
            "-",
            "- a",
            "*",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "{",
            "[",
            "#",
            "a: b",
            "a #b",
            "a:",
            "a ",
            " a",
            "<<",
            "=",
            ".inf",
            "'",
            "\"",
        ] {
            assert_eq!(word(quoted), Value::from(quoted).to_string());
        }
        assert_eq!(word("a\u{85}\u{2028}\n"), r#""a\u0085\u2028\n""#);
    }

    #[test]
    fn it_is_read_as_what_it_was() {
        let value = json!({
            "no": [true, null, 1, 1.5, "1.5", [], {}, [[1, 2], { "a": { "b": [] }, "c": "d" }]],
            "200": { "empty": "", "on": "off" },
            "lines": ["a\nb", "a\n\n b\n", "a\n\n", " a\nb", "\na", "a\n\tb", "a\nb \n", "a\r\nb", "# a\n- b\nc: d"],
            "deep": { "deeper": { "text": "x: y\n  z\n\nend\n" } },
        });
        let text = of(&value);
        assert_eq!(serde_norway::from_str::<Value>(&text).unwrap(), value, "{text}");
        assert!(text.starts_with("\"no\":\n- true\n- null\n"), "{text}");
        assert!(text.contains("    text: |\n      x: y\n        z\n\n      end\n"), "{text}");
    }
}
