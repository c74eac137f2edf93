//! Whether a not-found answer says that nobody can register the name: it is reserved, or blocked.
//!
//! Registries say so in words of their own, in the title, the description or a notice of the error object (RFC 9083,
//! sections 4.3 and 6). A wrong yes would call a free name safe, so only plain statements about the name count:
//!
//! * a short phrase: `Registry Reserved`, `Blocked Domain`, `Reserved by the registry`;
//! * a sentence that says it of the name: `This name has been blocked by a GlobalBlock service`, `The domain is on the
//!   reserved list`.
//!
//! Not counted: rights that are reserved, clients, queries and addresses that are blocked or may be, names in general
//! (`reserved names are not shown`), denials, and words inside a domain name (`reserved.example was not found`). "Not
//! available for registration" alone says too little: a name may be for sale. Only English is read.

use serde_json::Value;
use serde_json::value::RawValue;

/// Bytes of the largest member that is read; a statement about one name needs far fewer.
const MAX_BYTES: usize = 1 << 14;
/// Words of the longest phrase that needs no verb, and of the longest sentence that is read.
const PHRASE: usize = 5;
const SENTENCE: usize = 40;

/// Whether one of these members of an error object says that the name is reserved or blocked.
pub(super) fn say_reserved(members: [Option<&RawValue>; 3]) -> bool {
    members.into_iter().flatten().filter(|member| member.get().len() <= MAX_BYTES).any(|member| {
        let value: Option<Value> = serde_json::from_str(member.get()).ok();
        value.is_some_and(|value| any_text(&value))
    })
}

/// Looks at a text, a list of texts, or a list of notices; of a notice only at its title and description.
fn any_text(value: &Value) -> bool {
    match value {
        Value::String(text) => says_reserved(text),
        Value::Array(values) => values.iter().any(any_text),
        Value::Object(notice) => {
            ["title", "description"].iter().filter_map(|key| notice.get(*key)).any(any_text)
        }
        _ => false,
    }
}

/// Whether a text says of the name that it is reserved or blocked.
fn says_reserved(text: &str) -> bool {
    let text = text.to_lowercase();
    // a dot inside a name ends no sentence
    let sentences = text
        .split(['\n', ';', '!', '?'])
        .flat_map(|part| part.split(". "))
        .flat_map(|part| part.split(": "))
        .flat_map(|part| part.split(" - "));
    sentences.map(words).any(|words| is_statement(&words))
}

fn words(sentence: &str) -> Vec<&str> {
    let edge = |character: char| !character.is_alphanumeric();
    sentence.split_whitespace().map(|word| word.trim_matches(edge)).filter(|word| !word.is_empty()).collect()
}

fn is_statement(words: &[&str]) -> bool {
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let Some(place) = words.iter().position(|word| matches!(*word, "reserved" | "blocked")) else {
        return false;
    };
    let is_about_others = has(&["right", "rights", "copyright"])
        || has(&[
            "ip",
            "address",
            "addresses",
            "access",
            "query",
            "queries",
            "request",
            "requests",
            "client",
            "clients",
        ])
        || has(&["user", "users", "you", "your", "network", "rate", "connection", "abuse"]);
    let is_open = has(&[
        "may", "might", "can", "could", "will", "would", "if", "whether", "unless", "or", "not", "never",
        "no",
    ]);
    if is_about_others || is_open || words.len() > SENTENCE {
        return false;
    }
    let before = place.checked_sub(1).map(|before| words[before]);
    let after = words.get(place + 1).copied();
    let is_general = matches!(after, Some("names" | "domains" | "words" | "labels" | "terms" | "strings"));
    if words.len() <= PHRASE {
        return !is_general;
    }
    let is_verb =
        matches!(before, Some("is" | "was" | "been" | "being" | "currently" | "permanently" | "registry"));
    let is_on_list = has(&["is"]) && (words[..place].ends_with(&["on", "the"]) || before == Some("a"));
    let names_it = has(&["name", "domain", "domainname", "label", "string"])
        || words.iter().any(|word| word.contains('.'));
    names_it && ((is_verb && !is_general) || is_on_list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(text: &str, expected: bool) {
        assert_eq!(says_reserved(text), expected, "{text}");
        assert_eq!(says_reserved(&text.to_uppercase()), expected, "{text} in capitals");
    }

    /// As registries write it: the backends of CentralNic and of Google's registry, and likely others.
    #[test]
    fn statements_about_the_name() {
        says("Registry Reserved", true);
        says("Blocked Domain", true);
        says("This name has been blocked by a GlobalBlock service", true);
        says("Reserved", true);
        says("Reserved Name", true);
        says("Domain reserved by the registry", true);
        says("The domain name shop.example is reserved by the registry operator.", true);
        says("Object not found: this domain is reserved", true);
        says("Not found - this domain is reserved", true);
        says("Not found. This name is reserved in accordance with ICANN policy.", true);
        says("The name a.example is on the reserved list of the registry", true);
        says("a.example is a reserved name of the registry", true);
        says("The requested domain is currently blocked by DPML", true);
        says("This string was registry reserved at launch of the domain", true);
    }

    #[test]
    fn boilerplate_and_other_things() {
        says("", false);
        says("Not Found", false);
        says("Domain not found", false);
        says("All rights reserved", false);
        says("All Rights Reserved.", false);
        says("(c) 2026 Example Registry, rights reserved", false);
        says("The registry has reserved the right to limit queries", false);
        says("The registry reserves the right to block the name", false);
        says("Your IP address has been blocked", false);
        says("Access is blocked", false);
        says("Queries from your network were blocked", false);
        says("Too many requests, client blocked", false);
        says("Abuse of this service is blocked by the domain registry", false);
        says("Reserved names are not shown", false);
        says("List of all reserved names and blocked domains of the registry", false);
        says("The name is not reserved", false);
        says("The domain may be reserved or blocked", false);
        says("If the name is reserved it cannot be registered", false);
        says("reserved.example was not found", false);
        says("blocked-domain.example: not found", false);
        says("The domain reserved.example does not exist", false);
        says("This name is not available for registration", false);
        says("This domain is currently available for registration in the Expiry Access Period", false);
        says("Premium name, for sale", false);
        says(&format!("The domain is reserved {}", "by somebody ".repeat(30)), false);
    }
}
