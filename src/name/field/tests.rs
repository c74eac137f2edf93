//! Fields and the addresses in them.

use super::*;

/// The addresses found, apart by blanks; `?` after one that is not clean.
#[track_caller]
fn finds(field: &str, expected: &str) {
    let shown = |found: Found| {
        assert!(found.address[found.at..].starts_with('@'), "{field}: {found:?}");
        format!("{}{}", found.address, if found.is_clean { "" } else { "?" })
    };
    let found: Vec<String> = addresses(field).into_iter().map(shown).collect();
    assert_eq!(found.join(" | "), expected, "{field}");
}

#[test]
fn names_and_comments() {
    finds("Ana Example <ana@one.example>", "ana@one.example");
    finds("<ana@one.example>", "ana@one.example");
    finds("\"Example, Ana (x@two.example)\" <ana@one.example>", "ana@one.example");
    finds("\"a@two.example\" <ana@one.example>", "ana@one.example");
    finds("Example, Ana <ana@one.example>", "ana@one.example");
    finds("Ana <ana@one.example", "ana@one.example");
    finds("Ana (of Two, <x@two.example>) <ana(work)@(my)one.example>", "ana@one.example");
    finds("ana@one.example (Ana \\) Example)", "ana@one.example");
    finds("Ana (ana@one.example)", "ana@one.example?");
    finds("<@three.example,@four.example:ana@one.example>", "ana@one.example");
    finds("Ana <\"a@b, c\"@one.example>", "\"a@b, c\"@one.example");
    finds("\"a@b\"@one.example", "\"a@b\"@one.example");
    finds("\"a\\\"@b\"@one.example", "\"a\\\"@b\"@one.example");
    finds("\"ana@one.example\"", "ana@one.example?");
    finds("'ana@one.example'", "ana@one.example");
    finds("'Ana' <ana@one.example>", "ana@one.example");
    finds("o'ana@one.example", "o'ana@one.example");
    finds("ana\u{ff20}one.example", "ana@one.example");
}

#[test]
fn uris() {
    finds("mailto:ana@one.example", "ana@one.example");
    finds("MAILTO:ana%2Bx%40y@one.example?subject=Hello,%20b@two.example", "ana+x@y@one.example");
    finds("mailto:ana%40one.example", "ana@one.example");
    finds("mailto:%22a%40b%22@one.example", "\"a@b\"@one.example");
    finds("mailto:?to=ana@one.example&cc=b@two.example", "ana@one.example");
    finds("mailto:ana@one.example?to=b@two.example", "ana@one.example | b@two.example");
    finds("Ana <mailto:ana@one.example>", "ana@one.example");
    finds("<mailto:ana@one.example|ana@one.example>", "ana@one.example");
    finds("SMTP:ana@one.example", "ana@one.example");
    finds("100%@one.example", "100%@one.example");
}

#[test]
fn lists() {
    for field in [
        "a@one.example,b@two.example",
        " a@one.example ; b@two.example; ",
        "a@one.example b@two.example",
        "a@one.example\r\nb@two.example\n",
        "a@one.example|b@two.example",
        "a@one.example/b@two.example",
        "a@one.example & b@two.example",
        "A <a@one.example>, \"B, C\" <b@two.example>",
        "A <a@one.example> B <b@two.example>",
        "A <a@one.example\nB <b@two.example>",
        "Team: a@one.example, b@two.example;",
        "Team: A <a@one.example>;, Others: b@two.example;",
        "SMTP:a@one.example;smtp:b@two.example",
        "mailto:a@one.example,b@two.example",
        "{a@one.example,b@two.example}",
        "['a@one.example', 'b@two.example']",
        "a@one.example <b@two.example>",
        "a@one.example,,b@two.example,A@One.example",
    ] {
        finds(field, "a@one.example | b@two.example");
    }
    finds("[\"a@one.example\",\"b@two.example\"]", "a@one.example? | b@two.example?");
    finds("a@one.example, Bo", "a@one.example?");
    finds("x, a@one.example", "a@one.example?");
    finds("a@one.example,", "a@one.example");
    finds("a@one.example; a@one.example", "a@one.example");
    finds("undisclosed-recipients:;", "");
}

#[test]
fn one_faulty_address_stays_one() {
    finds("user@home@one.example", "user@home@one.example");
    finds("user@home+x@one.example", "user@home+x@one.example");
    finds("a b@one.example", "a b@one.example");
    finds("a @ one.example", "a @ one.example");
    finds("sip:a@one.example", "sip:a@one.example");
    finds("\"@one.example", "\"@one.example");
    finds("a\"b@one.example", "a\"b@one.example");
    finds("a(b@one.example", "a(b@one.example");
    finds("a@one.example>", "a@one.example?");
    finds("a@one.example\"", "a@one.example?");
    finds("a@", "a@");
    finds("@one.example", "@one.example");
    finds("a@one two.example", "a@one two.example");
    finds("a@one.co,example", "a@one.co,example");
}

/// A field cut anywhere, or with any byte changed, is never a panic.
#[test]
fn damaged_fields_are_no_danger() {
    for field in [
        "\"Example, Ana (x@two.example)\" <ana(work)@(my)one.example>, Team: b@two.example;",
        "<mailto:ana%40one.example?to=b@two.example|\"a\\\"@b\"@one.example>",
        "['a@one.example', \"b@two.example\"] <@three.example,@four.example:ana@one.example",
    ] {
        for end in 0..field.len() {
            let _ = addresses(&field[..end]);
            for changed in 0..=127u8 {
                let mut bytes = field.as_bytes().to_vec();
                bytes[end] = changed;
                let _ = addresses(&String::from_utf8(bytes).expect("ASCII"));
            }
        }
    }
}

#[test]
fn fields_of_any_size_take_linear_time() {
    for part in
        ["a@b.c,", "\"", "(", "<", "((", "<<a@b", "\"a@b\" ", "a@b.c|", "mailto:", "[{", "a:;", "a@b@"]
    {
        let _ = addresses(&part.repeat(1 << 16));
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_no_danger(field in "[a@.,; \"()<>:\\\\'\\[{|%+é\u{ff20}\n-]{0,40}") {
        for found in addresses(&field) {
            proptest::prop_assert!(found.address[found.at..].starts_with('@'), "{:?}", found);
        }
    }
}
