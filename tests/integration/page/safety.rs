//! Nothing of an account is on the page, nothing on it is taken for markup, and a browser loads nothing for it.

use sha2::{Digest, Sha256};

use super::{full_sample, page};
use crate::support::{Bench, registry, run, zone};

/// The values of an attribute.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let start = format!(" {attribute}=\"");
    page.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect()
}

/// What stands between two tags, of which there is one pair.
fn between<'p>(page: &'p str, start: &str, end: &str) -> &'p str {
    assert_eq!((page.matches(start).count(), page.matches(end).count()), (1, 1), "{start}");
    page.split_once(start).and_then(|(_, rest)| rest.split_once(end)).expect("both are there").0
}

#[test]
fn a_browser_would_load_nothing() {
    let bench = Bench::new();
    let page = page(&full_sample(&bench));
    // addresses occur as text alone
    assert!(page.contains("https://czds.icann.org/"));
    for attribute in
        ["src", "srcset", "data", "action", "poster", "background", "xlink:href", "style", "onclick"]
    {
        assert_eq!(values(&page, attribute), [""; 0], "{attribute}");
    }
    let links = values(&page, "href");
    assert!(links.len() > 10 && links.iter().all(|link| link.starts_with('#')), "{links:?}");
    for link in links {
        assert!(page.contains(&format!(" id=\"{}\"", &link[1..])), "nothing is at {link}");
    }
    let (style, script) = (between(&page, "<style>", "</style>"), between(&page, "<script>", "</script>"));
    for word in ["http", "url(", "@import", "fetch(", "XMLHttp", "innerHTML", "eval("] {
        assert!(!style.contains(word) && !script.contains(word), "{word}");
    }
    let policy = between(
        &page,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"",
        "\">\n<meta name=\"viewport\"",
    );
    let hash =
        |text: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, Sha256::digest(text));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            hash(style),
            hash(script)
        )
    );
}

#[test]
fn nothing_of_an_account() {
    let bench = Bench::new();
    let accounts = "id,email,verified_at,plan,name\n\
        uid-secret-1,Some.Body@freed-example.com,2020-01-01,plan-secret,Jane Secret\n\
        uid-secret-2,other.body@lapsing-example.com,2020-01-01,plan-secret,Jane Secret\n";
    let accounts = bench.write("accounts.csv", accounts.as_bytes());
    run(bench.audit([accounts]).args(["--keep-email", "--carry", "plan"])).expect(0);
    let page = page(&bench.path("report"));
    assert!(page.contains("freed-example.com"));
    for word in ["secret", "Secret", "some.body", "Some.Body", "other.body", "@freed", "@lapsing"] {
        assert!(!page.contains(word), "{word} is on the page");
    }
}

/// Registrar, zone, path, decision, and a mail domain that is no host name.
#[test]
fn texts_of_strangers_stay_texts() {
    const HOSTILE: &str = "<script>alert(1)</script>\u{202e}&amp;\"'<img src=x>";
    let bench = Bench::new();
    let name = "<b onmouseover=x>&\u{1b}[31m.csv";
    let accounts = "id,email,verified_at\n1,a@changed-example.com,2016-01-01\n2,a@<i>odd-example.com,\n3,a@odd_'\"-example.com,\n";
    let accounts = bench.write(name, accounts.as_bytes());
    bench.write("<u>com.zone", zone("com", 2026053101, &["changed-example"]).as_bytes());
    let registrar = serde_json::json!({
        "domain": "changed-example.com", "fetched_at": "2026-05-31T00:00:00Z", "http_status": 200,
        "source": registry("changed-example.com"),
        "body": {
            "objectClassName": "domain", "ldhName": "changed-example.com", "status": ["active"],
            "events": [{"eventAction": "registration", "eventDate": "2020-01-01T00:00:00Z"}],
            "entities": [{"roles": ["registrar"], "vcardArray": ["vcard", [["fn", {}, "text", HOSTILE]]]}],
        },
    });
    let answers = bench.write("answers.ndjson", format!("{registrar}\nnot json <s>\n").as_bytes());
    let mut audit = bench.audit_by([accounts], &["<u>com.zone"]);
    run(audit.arg("--rdap").arg(answers).args(["--max-rejected", "100"])).expect(0);
    let page = page(&bench.path("report"));
    assert!(
        page.contains(
            "&#60;script&#62;alert(1)&#60;/script&#62;\\u202e&#38;amp;&#34;&#39;&#60;img src=x&#62;"
        ),
        "{page}"
    );
    assert!(
        page.contains("&#60;b onmouseover=x&#62;&#38;\\u001b[31m.csv")
            && page.contains("&#60;u&#62;com.zone")
    );
    for markup in ["<script>alert", "<img", "<b onmouseover", "<u>", "<s>", "<i>odd", "\u{1b}", "\u{202e}"] {
        assert!(!page.contains(markup), "{markup:?} is markup on the page");
    }
    between(&page, "<script>", "</script>");
}
