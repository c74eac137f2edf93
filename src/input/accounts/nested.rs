//! The list of accounts within a JSON object, which is found only to name it in a remedy: which of its lists the accounts
//! are, the user must say.

use super::elements::{JsonElement, JsonElements};

/// The name of the list in the first object of a text whose objects have an address; without such a one, that of the list
/// with which the object begins.
pub(super) fn list_of_accounts(text: &[u8], has_address: impl Fn(&[u8]) -> bool) -> Option<String> {
    let lists = lists(text);
    let first_object = |start: usize| match JsonElements::of(&text[start..], false).next() {
        Some(JsonElement::Object(range)) => Some(&text[start..][range]),
        _ => None,
    };
    let of_accounts = lists.iter().find(|(_, start)| first_object(*start).is_some_and(&has_address));
    let begins = |(_, start): &&(&[u8], usize)| {
        let before = text[..*start].iter().filter(|byte| **byte == b':').count();
        before == 1 && first_object(*start).is_some()
    };
    let (name, _) = of_accounts.or_else(|| lists.first().filter(begins))?;
    Some(String::from_utf8_lossy(name).into_owned())
}

/// The members of the first object that are lists: the name of each, and where it begins.
fn lists(text: &[u8]) -> Vec<(&[u8], usize)> {
    let (mut lists, mut name, mut depth, mut at) = (Vec::new(), &text[..0], 0usize, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                let Some(end) = end_of_string(text, at + 1) else { break };
                if depth == 1 {
                    name = &text[at + 1..end];
                }
                at = end;
            }
            b'{' | b'[' => {
                if *byte == b'[' && depth == 1 {
                    lists.push((name, at));
                }
                depth += 1;
            }
            b'}' | b']' if depth <= 1 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    lists
}

/// The place of the quote that ends a string.
fn end_of_string(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn finds(text: &str, expected: Option<&str>) {
        let has_address = |object: &[u8]| object.windows(7).any(|part| part == b"\"email\"");
        assert_eq!(list_of_accounts(text.as_bytes(), has_address).as_deref(), expected, "{text}");
    }

    #[test]
    fn the_list_whose_objects_have_an_address() {
        finds(r#"{"users":[{"email":"a"}]}"#, Some("users"));
        finds(r#"{"realm":"x","groups":[{"name":"]\""}],"users":[{"email":"a"},{"em"#, Some("users"));
        finds(r#"{"meta":{"email":[{"email":1}]},"n":1,"rows" : [ {"id":1,"email":"a"} ]}"#, Some("rows"));
        finds(r#"{"users":[{"address":"a"}]}"#, Some("users"));
        finds(r#"{"id":1,"tags":[{"name":"a"}]}"#, None);
        finds(r#"{"users":["a@x.example"]}"#, None);
        finds(r#"{"users":[{"em"#, None);
        finds(r#"{"users":["#, None);
        finds(r#"{"a\"#, None);
        finds("", None);
    }
}
