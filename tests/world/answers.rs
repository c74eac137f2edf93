//! RDAP answers as registries write them (RFC 9083), from what a case says.
//!
//! The objects are written as text, member by member, because what matters here is the spelling of real
//! servers, which a JSON library would tidy away.

use std::fs;
use std::io;
use std::path::Path;

use crate::calendar::{AS_OF, DAY, local_text, text};
use crate::cases::{Answer, Body, Content, Shape, Source};
use crate::random::Random;

const REDIRECTOR: &str = "https://rdap.org/";
const REGISTRAR: &str = "https://rdap.gosling-registrar-example.com/";

/// Registrars: name, IANA number (9995 and 9996 are set aside for testing).
const REGISTRARS: &[(&str, u32)] =
    &[("Gosling Example Registrar, Inc.", 9995), ("Plover Example Domains Ltd", 9996)];

/// The answers of the sample.
#[derive(Default)]
pub struct Answers {
    lines: Vec<String>,
    files: Vec<(String, String)>,
}

impl Answers {
    /// Adds one answer about `domain`, whose registry knows of `servers`.
    pub fn plant(&mut self, domain: &str, answer: &Answer, servers: &[String; 2], random: &mut Random) {
        // Between 06:00 and 12:00, after the zones of the same day.
        let fetched = AS_OF - answer.age * DAY + 6 * 3_600 + random.below(6 * 3_600) as i64;
        let (status, body) = match answer.content {
            Content::Found(statuses, events, shape) => {
                let object = Object { name: domain, statuses, events, shape, servers, fetched };
                (200, object.text(random))
            }
            Content::OtherName => {
                let name = format!("not-{domain}");
                let object = Object {
                    name: &name,
                    statuses: &["active"],
                    events: &[],
                    shape: Shape::Plain,
                    servers,
                    fetched,
                };
                (200, object.text(random))
            }
            Content::Torn => {
                (200, format!("{{\"objectClassName\":\"domain\",\"ldhName\":\"{domain}\",\"sta"))
            }
            Content::NotFound(body) => (404, not_found(domain, body)),
            Content::Failed(status) => (status, "null".to_owned()),
        };
        let source = match answer.from {
            Source::Registry => registry(domain),
            Source::Registrar => REGISTRAR,
            Source::Redirector => REDIRECTOR,
            Source::ParentRegistry => registry("uk.com"),
            Source::Unlisted => "https://rdap.registry-example.es/",
            Source::OtherUnlisted => "https://rdap.mirror-example.net/",
        };
        let end = if matches!(answer.content, Content::Torn) { "" } else { "}" };
        let fetched = text(fetched);
        let line = format!(
            "{{\"domain\":\"{domain}\",\"fetched_at\":\"{fetched}\",\"source\":\"{source}\",\
             \"http_status\":{status},\"body\":{body}{end}"
        );
        match answer.content {
            Content::Found(_, _, Shape::Bare) => self.files.push((domain.to_owned(), body)),
            Content::Found(_, _, Shape::Pretty) => self.files.push((domain.to_owned(), indent(&line))),
            _ => self.lines.push(line),
        }
    }

    /// Writes `answers.ndjson` and `single/*.json` into `directory`.
    pub fn write(mut self, directory: &Path, random: &mut Random) -> io::Result<()> {
        random.shuffle(&mut self.lines);
        fs::write(directory.join("answers.ndjson"), self.lines.join("\n") + "\n")?;
        for (domain, text) in self.files {
            fs::write(directory.join("single").join(domain + ".json"), text + "\n")?;
        }
        Ok(())
    }
}

/// A domain object to be written.
struct Object<'a> {
    name: &'a str,
    statuses: &'a [&'a str],
    /// Action, days from the as-of date.
    events: &'a [(&'a str, i64)],
    shape: Shape,
    servers: &'a [String; 2],
    /// When it was fetched.
    fetched: i64,
}

impl Object<'_> {
    fn text(&self, random: &mut Random) -> String {
        if matches!(self.shape, Shape::StatusOnly | Shape::NameOnly) {
            return self.bare_text();
        }
        let name = if self.shape == Shape::ShoutedName {
            self.name.to_uppercase() + "."
        } else {
            self.name.to_owned()
        };
        let status = if self.shape == Shape::NoStatus {
            String::new()
        } else {
            format!("\"status\":[\"{}\"],", self.statuses.join("\",\""))
        };
        let servers = if self.statuses.contains(&"inactive") {
            String::new()
        } else {
            self.servers
                .each_ref()
                .map(|name| format!("{{\"objectClassName\":\"nameserver\",\"ldhName\":\"{name}\"}}"))
                .join(",")
        };
        let (registrar, number) = random.pick(REGISTRARS);
        format!(
            "{{\"objectClassName\":\"domain\",\"handle\":\"D{}-EXAMPLE\",\"ldhName\":\"{name}\",{status}\
             \"events\":[{}],\"entities\":[{{\"objectClassName\":\"entity\",\"handle\":\"{number}\",\
             \"roles\":[\"registrar\"],\
             \"publicIds\":[{{\"type\":\"IANA Registrar ID\",\"identifier\":\"{number}\"}}],\
             \"vcardArray\":[\"vcard\",[[\"version\",{{}},\"text\",\"4.0\"],\
             [\"fn\",{{}},\"text\",\"{registrar}\"]]]}}],\
             \"nameservers\":[{servers}],\"secureDNS\":{{\"delegationSigned\":false}},\
             \"rdapConformance\":[\"rdap_level_0\",\"icann_rdap_response_profile_1\"]}}",
            random.below(100_000_000),
            self.events_text(random),
        )
    }

    /// The least that servers say of a name that is on its way out.
    fn bare_text(&self) -> String {
        let status = match self.statuses {
            [] => String::new(),
            statuses => format!("\"status\":[\"{}\"],", statuses.join("\",\"")),
        };
        format!(
            "{{\"objectClassName\":\"domain\",\"handle\":\"{0}\",\"ldhName\":\"{0}\",{status}\
             \"rdapConformance\":[\"rdap_level_0\"]}}",
            self.name
        )
    }

    /// The events, those of the case and those every object has.
    fn events_text(&self, random: &mut Random) -> String {
        let mut events: Vec<(&str, i64)> = Vec::new();
        let has = |action: &str| self.events.iter().any(|(known, _)| *known == action);
        if !has("registration") {
            // Before 2019-05, and so before every verification.
            events.push(("registration", -2_600 - random.below(4_500) as i64));
        }
        events.extend_from_slice(self.events);
        if !has("expiration") && self.shape != Shape::NoExpiration {
            events.push(("expiration", 90 + random.below(600) as i64));
        }
        events.push(("last changed", -70 - random.below(180) as i64));
        let mut written: Vec<String> = Vec::new();
        for (action, days) in events {
            let moment = AS_OF + days * DAY + random.below(80_000) as i64;
            written.push(event(action, &self.shape.date(action, moment)));
        }
        written.push(event("last update of RDAP database", &text(self.fetched - 120)));
        written.join(",")
    }
}

impl Shape {
    fn date(self, action: &str, moment: i64) -> String {
        match self {
            Self::NoTimeZone => local_text(moment),
            Self::NumericOffset => local_text(moment) + ".000+0000",
            Self::Fraction => local_text(moment) + ".0Z",
            Self::NeverExpires if action == "expiration" => "294247-01-10T04:00:54.775Z".to_owned(),
            _ => text(moment),
        }
    }
}

fn event(action: &str, date: &str) -> String {
    format!("{{\"eventAction\":\"{action}\",\"eventDate\":\"{date}\"}}")
}

fn not_found(domain: &str, body: Body) -> String {
    match body {
        Body::Nothing => "null".to_owned(),
        Body::Html => {
            "\"<html><head><title>404 Not Found</title></head><body>nginx</body></html>\"".to_owned()
        }
        Body::Error => format!(
            "{{\"rdapConformance\":[\"rdap_level_0\"],\"errorCode\":404,\"title\":\"Not Found\",\
             \"description\":[\"{domain} not found\"]}}"
        ),
        Body::Reserved => "{\"errorCode\":404,\"title\":\"Not Found\",\
             \"description\":[\"This name is reserved by the registry and cannot be registered\"]}"
            .to_owned(),
        Body::StringCode => "{\"errorCode\":\"404\",\"title\":\"Object not found\"}".to_owned(),
    }
}

/// The RDAP server of the registry, as IANA's bootstrap file has it, or as known where it has none (`io`).
fn registry(domain: &str) -> &'static str {
    let (_, suffix) = domain.split_once('.').unwrap_or_default();
    let suffix = if suffix.ends_with(".name") { "name" } else { suffix };
    match suffix {
        "com" => "https://rdap.verisign.com/com/v1/",
        "net" => "https://rdap.verisign.com/net/v1/",
        "org" => "https://rdap.publicinterestregistry.org/rdap/",
        "app" | "dev" => "https://pubapi.registry.google/rdap/",
        "biz" => "https://rdap.nic.biz/",
        "uk" | "co.uk" => "https://rdap.nominet.uk/uk/",
        "uk.com" => "https://rdap.centralnic.com/uk.com/",
        "de" => "https://rdap.denic.de/",
        "se" => "https://rdap.registry-example.se/",
        "it" => "https://rdap.nic.it/",
        "cz" => "https://rdap.nic.cz/",
        "br" | "com.br" => "https://rdap.registro.br/",
        "ch" => "https://rdap.nic.ch/",
        "pl" => "https://rdap.dns.pl/",
        "com.mx" => "https://rdap.registry-example.mx/",
        "com.au" => "https://rdap.cctld.au/rdap/",
        "name" => "https://tld-rdap.verisign.com/name/v1/",
        "xyz" => "https://rdap.centralnic.com/xyz/",
        _ => "https://rdap.identitydigital.services/rdap/",
    }
}

/// The same JSON over many lines, two blanks a level.
fn indent(json: &str) -> String {
    let mut text = String::new();
    let (mut depth, mut quoted) = (0_usize, false);
    let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
    for character in json.chars() {
        match character {
            '"' => quoted = !quoted,
            '}' | ']' if !quoted => {
                depth -= 1;
                text += &line(depth);
            }
            _ => {}
        }
        text.push(character);
        match character {
            '{' | '[' if !quoted => {
                depth += 1;
                text += &line(depth);
            }
            ',' if !quoted => text += &line(depth),
            ':' if !quoted => text.push(' '),
            _ => {}
        }
    }
    // An empty object leaves a line of blanks.
    text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}
