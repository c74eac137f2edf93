//! Each subject in a table: a field, and the mail domain or the reason why there is none.

use std::sync::LazyLock;

use super::*;

static SUFFIXES: LazyLock<SuffixList> =
    LazyLock::new(|| SuffixList::built_in().expect("the built-in list is well formed"));

#[track_caller]
fn reads(subject: Subject, cases: &[(&str, &str)]) {
    for (field, expected) in cases {
        let read = subject.mail_domain(field, &SUFFIXES);
        let read = read.as_ref().map_or_else(|rejection| rejection.name(), |domain| &domain.name);
        assert_eq!(read, *expected, "{field} as {subject}");
    }
}

#[test]
fn domains() {
    reads(
        Subject::Domain,
        &[
            ("example.com", "example.com"),
            ("  Mail.Example.COM. ", "mail.example.com"),
            ("*.example.com", "example.com"),
            (".example.com", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("xn--0.example", "xn--0.example"),
            ("_dmarc.example.com", "_dmarc.example.com"),
            ("co.uk", "co.uk"),
            ("it.corp.local", "it.corp.local"),
            ("com.corp.local", "com.corp.local"),
            ("com.com", "com.com"),
            ("\u{200b}example.com\u{a0}", "example.com"),
            ("", "empty"),
            (" \t", "empty"),
            (".", "empty_domain"),
            ("*", "invalid_domain"),
            ("*.", "invalid_domain"),
            ("*.com", "single_label"),
            ("a.*.com", "invalid_domain"),
            ("**.example.com", "invalid_domain"),
            ("localhost", "single_label"),
            ("exa mple.com", "invalid_domain"),
            ("exa_mple.com", "invalid_domain"),
            ("a.com, b.com", "several_addresses"),
            ("a.com b.com", "several_addresses"),
            ("192.0.2.1", "address_literal"),
            ("0x7f.1", "address_literal"),
            ("2001:db8::1", "address_literal"),
            ("[2001:db8::1]", "address_literal"),
            ("1.2.3.4.5", "invalid_domain"),
            ("someone@example.com", "wrong_subject"),
            ("@example.com", "wrong_subject"),
            ("someone＠example.com", "wrong_subject"),
            ("https://example.com", "wrong_subject"),
            ("example.com/path", "wrong_subject"),
            ("example.com:443", "wrong_subject"),
            ("com.example.lib", "wrong_subject"),
            ("io.github.user.Thing", "wrong_subject"),
            ("null.example.com", "null.example.com"),
        ],
    );
}

#[test]
fn urls() {
    reads(
        Subject::Url,
        &[
            ("https://www.example.com/a?b#c", "www.example.com"),
            ("HTTPS://WWW.Example.COM:8443", "www.example.com"),
            ("http://user:secret@example.com:80/", "example.com"),
            ("http://user@example.com@example.net/", "example.net"),
            ("https://example.com?x=a@example.net", "example.com"),
            ("https://example.com#@example.net", "example.com"),
            ("//example.com/path", "example.com"),
            ("example.com", "example.com"),
            ("example.com/path", "example.com"),
            ("example.com:8080/path", "example.com"),
            ("example.com.", "example.com"),
            ("git@git.example.com:user/repo.git", "git.example.com"),
            ("git.example.com:user/repo.git", "git.example.com"),
            ("git+ssh://git@git.example.com/user/repo.git", "git.example.com"),
            ("git+ssh://git@git.example.com:user/repo.git", "git.example.com"),
            ("ssh://git@git.example.com:2222/repo", "git.example.com"),
            ("git+https://git.example.com/user/repo#main", "git.example.com"),
            ("git://git.example.com/user/repo", "git.example.com"),
            ("git@git.example.com/user/repo", "git.example.com"),
            ("scm:git:git@git.example.com:user/repo.git", "git.example.com"),
            ("scm:git:https://git.example.com/repo", "git.example.com"),
            ("scm:svn|http://svn.example.com/repo", "svn.example.com"),
            ("<https://example.com/>", "example.com"),
            ("https:\\\\example.com\\path", "example.com"),
            ("https://example.com\\@example.net/", "example.com"),
            ("https:example.com", "example.com"),
            ("https:///example.com", "example.com"),
            ("https://exam\tple\n.com/", "example.com"),
            ("https://bücher.example/", "xn--bcher-kva.example"),
            ("https://xn--0.example/", "xn--0.example"),
            ("https://ex%61mple.com/", "example.com"),
            ("https://b%C3%BCcher.example/", "xn--bcher-kva.example"),
            ("https://web.example.com/https://other.example", "web.example.com"),
            ("https://example.com/a b", "example.com"),
            ("https://127.0.0.1/", "address_literal"),
            ("https://127.0.0.1.:8080/", "address_literal"),
            ("https://0x7f.1/", "address_literal"),
            ("https://2130706433/", "address_literal"),
            ("https://0177.0.0.01/", "address_literal"),
            ("https://１２７.0.0.1/", "address_literal"),
            ("https://%31%32%37.0.0.1/", "address_literal"),
            ("https://[2001:db8::1]:443/", "address_literal"),
            ("git@192.0.2.1:repo", "address_literal"),
            ("https://256.0.0.1/", "invalid_domain"),
            ("https://1.2.3.4.5/", "invalid_domain"),
            ("https://example.0x1g/", "example.0x1g"),
            ("https://[2001:db8::1/", "invalid_domain"),
            ("https://example.com:port/", "invalid_domain"),
            ("https://exa mple.com/", "invalid_domain"),
            ("https://example.com (home)", "invalid_domain"),
            ("https://example%2Fcom/", "invalid_domain"),
            ("https://ex%ffmple.com/", "invalid_domain"),
            ("https://${host}.example.com/", "invalid_domain"),
            ("git://example.com\\@example.net/", "invalid_domain"),
            ("https://.example.com/", "invalid_domain"),
            ("https://localhost:3000/", "single_label"),
            ("localhost:3000", "single_label"),
            ("user/repo", "single_label"),
            ("", "empty"),
            ("https://", "no_host"),
            ("https://user@/", "no_host"),
            ("file:///etc/passwd", "no_host"),
            ("file:/etc/passwd", "no_host"),
            ("/path", "no_host"),
            ("#", "no_host"),
            ("urn:isbn:1", "no_host"),
            ("data:text/plain,x", "no_host"),
            ("github:user/repo", "no_host"),
            ("mailto:someone@example.com", "wrong_subject"),
            ("someone@example.com", "wrong_subject"),
            ("com.example.lib", "wrong_subject"),
            ("io.github.user/server", "wrong_subject"),
            ("https://a.com/, https://b.com/", "several_addresses"),
            ("https://a.com/\nhttps://b.com/", "several_addresses"),
            ("<https://a.com/> <https://b.com/>", "several_addresses"),
        ],
    );
}

#[test]
fn reverse_dns_names() {
    reads(
        Subject::ReverseDns,
        &[
            ("com.example", "example.com"),
            ("com.example.lib", "example.com"),
            ("za.co.example.lib", "example.co.za"),
            ("COM.Example.Lib", "example.com"),
            ("com.example:lib:1.0", "example.com"),
            ("pkg:maven/com.example/lib@1.0", "example.com"),
            ("com.example/server", "example.com"),
            ("uk.co.example.lib", "example.co.uk"),
            ("io.github.user.App", "user.github.io"),
            ("io.github.some_user.App", "some-user.github.io"),
            ("io.github.user/server@1.0.0", "user.github.io"),
            ("io.github", "github.io"),
            ("org._7_zip.Archiver", "7-zip.org"),
            ("com.int_.lib", "int.com"),
            ("com.example.my-lib$x y", "example.com"),
            ("name.first.last", "first.name"),
            ("de.bücher.lib", "xn--bcher-kva.de"),
            ("uk.co", "co.uk"),
            ("app.example.tool", "example.app"),
            ("", "empty"),
            ("junit", "not_reverse_dns"),
            ("commons-io", "not_reverse_dns"),
            ("commons-io:commons-io:2.0", "not_reverse_dns"),
            ("javax.servlet", "not_reverse_dns"),
            ("com", "not_reverse_dns"),
            ("com.", "invalid_domain"),
            ("com..example", "invalid_domain"),
            ("com.exa$mple.lib", "invalid_domain"),
            ("com.-.lib", "invalid_domain"),
            ("www.example.com", "wrong_subject"),
            ("example.com/path", "wrong_subject"),
            ("https://example.com", "wrong_subject"),
            ("someone@example.com", "wrong_subject"),
            ("com.example, org.example", "several_addresses"),
        ],
    );
}

#[test]
fn addresses() {
    reads(
        Subject::Address,
        &[
            ("Ana <ana@Example.com>", "example.com"),
            ("", "empty"),
            ("example.com", "no_at_sign"),
            ("https://example.com", "no_at_sign"),
            ("com.example.lib", "no_at_sign"),
        ],
    );
}

#[track_caller]
fn guesses(field: &str, expected: Option<Subject>) {
    assert_eq!(Subject::guess(field, &SUFFIXES), expected, "{field}");
}

#[test]
fn what_a_field_looks_like() {
    for address in ["ana@example.com", "Ana <ana@example.com>", "mailto:ana@example.com"] {
        guesses(address, Some(Subject::Address));
    }
    for domain in ["example.com", "www.example.co.uk", "bücher.de"] {
        guesses(domain, Some(Subject::Domain));
    }
    for url in ["https://example.com", "//example.com/x", "example.com/x", "git@example.com:user/repo"] {
        guesses(url, Some(Subject::Url));
    }
    for name in
        ["com.example.lib", "io.github.user/server", "org.gnome.Builder", "com.example.app", "de.example.lib"]
    {
        guesses(name, Some(Subject::ReverseDns));
    }
    for other in ["", "junit", "Ana", "a b.com", "192.0.2.1", "@", "/", "user/repo"] {
        guesses(other, None);
    }
}

proptest::proptest! {
    #[test]
    fn anything_is_normal_or_refused(field in "\\PC{0,40}", parts in "[a-c:/@.\\[\\]%\\\\_*?#<> 0-9x-]{0,24}") {
        for subject in Subject::ALL {
            for field in [&field, &parts] {
                if let Ok(domain) = subject.mail_domain(field, &SUFFIXES) {
                    proptest::prop_assert_eq!(MailDomain::normalize(&domain.name), Ok(domain));
                }
                Subject::guess(field, &SUFFIXES);
            }
        }
    }

    /// Where the crate `url` finds a domain in a URL of the web, we find the same one.
    #[test]
    fn hosts_are_those_of_the_crate_url(
        scheme in "(https?|ftp|HTTP|wss):",
        slashes in "[/\\\\]{0,3}",
        rest in "([a-c@]{0,3}[@:])?[a-zA-Z0-9.%:\\[\\]x-]{1,12}(\\.com|\\.|\\.0x7f|ü\\.de)?(:8?)?[/?#\\\\]?[a-c@/:.]{0,6}",
    ) {
        let field = format!("{scheme}{slashes}{rest}");
        let ours = Subject::Url.mail_domain(&field, &SUFFIXES);
        match ::url::Url::parse(&field).ok().as_ref().and_then(::url::Url::host) {
            Some(::url::Host::Domain(theirs)) => match &ours {
                Ok(ours) => proptest::prop_assert_eq!(theirs.trim_end_matches('.'), &*ours.name, "{}", field),
                // these two are theirs as well, and no mail domains
                Err(reason) => proptest::prop_assert!(
                    MailDomain::normalize(theirs).and_then(|it| SUFFIXES.cut(&it.name).map(drop)).is_err()
                        || matches!(reason, Rejection::WrongSubject),
                    "{field}: {theirs} {reason}"
                ),
            },
            Some(_) => proptest::prop_assert_eq!(ours, Err(Rejection::AddressLiteral), "{}", field),
            // what it refuses is refused, but for labels that IDNA would not make
            None => if let Ok(ours) = ours {
                proptest::prop_assert!(ours.name.contains("xn--") || ours.name.contains('_'), "{field}: {ours:?}");
            },
        }
    }
}
