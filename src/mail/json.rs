//! Objects: those of a table, and the answers that zdns and massdns write.
//!
//! | what | form |
//! |---|---|
//! | a row | `{"domain": …, "mx": "10 mx.example.com" or a list of texts or objects, "preference": …, "date": …}` |
//! | zdns 2 | `{"name": …, "results": {"MX": {"data": {"answers": […]}, "status": …, "timestamp": …}}}` |
//! | zdns 1 | `{"name": …, "status": …, "timestamp": …, "data": {"answers": […]}}` |
//! | zdns `mxlookup` | the same with `exchanges`, where `name` is the host |
//! | massdns `-o J` | `{"name": …, "type": "MX", "status": …, "rx_ts": …, "data": {"answers": [{"type": "MX", "data": "10 mx…"}]}}` |
//!
//! The name is always the one that was asked; answers may be about the end of a chain of aliases.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::batch::{MxBatch, MxDate, MxPlace};
use super::columns::{MxRole, is_answered, is_mx};
use super::host::{each_host, read_preference};
use super::names::NameFound;
use crate::input::accounts::elements::{JsonElement, JsonElements};
use crate::input::accounts::text_of;
use crate::input::without_marks;
use crate::time::{BareDate, Moment};

/// Members of an object whose names are remembered.
const KNOWN: usize = 64;

/// Reads whole lines, an object each. `line` is that of the first byte.
pub(super) fn read_lines(text: &[u8], line: u64, batch: &mut MxBatch<'_>) {
    let mut reader = MxObjects::default();
    for (number, text) in (line..).zip(text.split(|byte| *byte == b'\n')) {
        let text = without_marks(text).trim_ascii();
        if !text.is_empty() {
            reader.take(MxPlace::Line(number), Some(text), batch);
        }
    }
}

/// Reads whole objects, wherever they are. `line` is that of the first byte.
pub(super) fn read_elements(text: &[u8], line: u64, batch: &mut MxBatch<'_>) {
    let mut reader = MxObjects::default();
    let (mut line, mut at) = (line, 0);
    for element in JsonElements::of(text, true) {
        let (range, is_object) = match element {
            JsonElement::Object(range) => (range, true),
            JsonElement::Faulty(range) => (range, false),
        };
        line += memchr::memchr_iter(b'\n', &text[at..range.start]).count() as u64;
        at = range.start;
        reader.take(MxPlace::Line(line), Some(&text[range]).filter(|_| is_object), batch);
    }
}

/// Reads objects, and remembers the names of their members.
#[derive(Default)]
struct MxObjects {
    known: Vec<(String, MxMember)>,
}

/// What a member may be.
#[derive(Debug, Clone, Copy, Default)]
struct MxMember {
    /// How well it fits each role.
    ranks: [Option<usize>; MxRole::ALL.len()],
    nested: Option<MxNested>,
}

/// Members that hold answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MxNested {
    Results,
    Data,
    Answers,
}

/// The members of an object as written, by role.
#[derive(Debug, Default)]
struct MxObject<'t> {
    roles: [Option<(usize, &'t str)>; MxRole::ALL.len()],
    results: Option<&'t str>,
    data: Option<&'t str>,
    /// There are answers beside the name.
    has_answers: bool,
}

impl<'t> MxObject<'t> {
    fn raw(&self, role: MxRole) -> Option<&'t str> {
        self.roles[role as usize].map(|(_, raw)| raw)
    }

    fn text(&self, role: MxRole) -> Option<Cow<'t, str>> {
        self.raw(role).map(text_of)
    }
}

const NO_OBJECT: &str = "expected a JSON object";
const NO_HOSTS: &str = "expected mail servers, or an answer to a question for them";

impl MxObjects {
    fn take(&mut self, place: MxPlace, text: Option<&[u8]>, batch: &mut MxBatch<'_>) {
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        let read = text.ok_or(NO_OBJECT).and_then(|text| {
            let object = self.object(text).ok_or(NO_OBJECT)?;
            read_object(text, &object, batch)
        });
        if let Err(what) = read {
            batch.fault(place, what);
        }
    }

    fn object<'t>(&mut self, text: &'t str) -> Option<MxObject<'t>> {
        let mut object = MxObject::default();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let visitor = ObjectMembers { known: &mut self.known, object: &mut object };
        deserializer.deserialize_map(visitor).and_then(|()| deserializer.end()).ok()?;
        Some(object)
    }
}

struct ObjectMembers<'r, 't> {
    known: &'r mut Vec<(String, MxMember)>,
    object: &'r mut MxObject<'t>,
}

impl<'t> Visitor<'t> for ObjectMembers<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'t>>(self, mut members: M) -> Result<(), M::Error> {
        let mut expected = 0;
        while let Some((place, member)) =
            members.next_key_seed(MemberSeed { known: &mut *self.known, expected })?
        {
            expected = place + 1;
            let raw = members.next_value::<&'t RawValue>()?.get();
            let is_nested = raw.starts_with('{');
            match member.nested {
                Some(MxNested::Results) if is_nested => self.object.results = Some(raw),
                Some(MxNested::Data) if is_nested => self.object.data = Some(raw),
                Some(MxNested::Answers) => self.object.has_answers = true,
                _ if raw == "null" => {}
                _ => {
                    for (best, rank) in self.object.roles.iter_mut().zip(member.ranks) {
                        if let Some(rank) = rank
                            && best.is_none_or(|(better, _)| rank <= better)
                        {
                            *best = Some((rank, raw));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Reads the name of a member as its place among the known ones, and what it may be.
struct MemberSeed<'r> {
    known: &'r mut Vec<(String, MxMember)>,
    expected: usize,
}

impl<'t> DeserializeSeed<'t> for MemberSeed<'_> {
    type Value = (usize, MxMember);

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for MemberSeed<'_> {
    type Value = (usize, MxMember);

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name of a member")
    }

    /// A name is looked for first where it is expected.
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let is_it = |(known, _): &(String, MxMember)| known == name;
        let found = self.known.get(self.expected).filter(|known| is_it(known)).map(|_| self.expected);
        if let Some(place) = found.or_else(|| self.known.iter().position(is_it)) {
            return Ok((place, self.known[place].1));
        }
        let nested = match name {
            "results" => Some(MxNested::Results),
            "data" => Some(MxNested::Data),
            "answers" | "exchanges" => Some(MxNested::Answers),
            _ => None,
        };
        let member = MxMember { ranks: MxRole::ALL.map(|role| role.rank(name)), nested };
        self.known.truncate(KNOWN - 1);
        self.known.push((name.to_owned(), member));
        Ok((self.known.len() - 1, member))
    }
}

/// Reads an object of any of the forms.
fn read_object(text: &str, object: &MxObject<'_>, batch: &mut MxBatch<'_>) -> Result<(), &'static str> {
    let name = object.text(MxRole::Name).ok_or("expected the name of a domain")?;
    let name = batch.name(&name);
    if name == NameFound::NoName {
        return Err("expected the name of a domain");
    }
    if let Some(results) = object.results {
        return read_results(results, name, batch);
    }
    if object.text(MxRole::Kind).is_some_and(|kind| !is_mx(&kind)) {
        batch.file.rows += 1;
        batch.file.other_types += 1;
        return Ok(());
    }
    let status = object.text(MxRole::Status);
    let date = object.raw(MxRole::Date);
    let nested = if object.has_answers { Some(text) } else { object.data };
    if let Some(nested) = nested {
        return read_answers(nested, name, (status.as_deref(), date), batch);
    }
    let is_failed = status.as_deref().is_some_and(|status| !is_answered(status));
    let preference = object.text(MxRole::Preference);
    let preference = preference.map_or(Some(None), |text| read_preference(&text));
    let preference = preference.ok_or("expected a preference of 0 to 65535")?;
    match object.raw(MxRole::Host) {
        _ if is_failed => batch.hosts_of(name, "", None, date_of(date)),
        Some(list) if list.starts_with('[') => {
            let items: Vec<&RawValue> = serde_json::from_str(list).map_err(|_| NO_HOSTS)?;
            let records = items.iter().map(|item| record_of(item.get(), preference));
            take_records(name, records, date, batch)
        }
        Some(host) if host.starts_with('{') => {
            take_records(name, [record_of(host, preference)].into_iter(), date, batch)
        }
        Some(host) => batch.hosts_of(name, &text_of(host), preference, date_of(date)),
        // a status without data is an answer without records
        None if status.is_some() => batch.hosts_of(name, "", None, date_of(date)),
        None => Err(NO_HOSTS),
    }
}

/// The host and the preference of one record.
type RecordText<'t> = Result<(Cow<'t, str>, Option<u16>), &'static str>;

/// A record in a list of hosts: a text, or an object.
fn record_of(item: &str, preference: Option<u16>) -> RecordText<'_> {
    if !item.starts_with('{') {
        return Ok((if item == "null" { Cow::Borrowed("") } else { text_of(item) }, preference));
    }
    let record: MxAnswer<'_> = serde_json::from_str(item).map_err(|_| NO_HOSTS)?;
    let (host, own) = record.host_and_preference(HostMember::Any)?;
    Ok((host, own.or(preference)))
}

/// Takes the records of one row, all or none of them.
fn take_records<'t>(
    name: NameFound,
    mut records: impl Iterator<Item = RecordText<'t>>,
    date: Option<&str>,
    batch: &mut MxBatch<'_>,
) -> Result<(), &'static str> {
    batch.records_of(name, date_of(date), &mut |take| {
        records.try_fold(0, |sum, record| {
            let (host, preference) = record?;
            Ok(sum + each_host(&host, preference, take)?)
        })
    })
}

fn date_of(raw: Option<&str>) -> MxDate<'_> {
    match raw {
        None => MxDate::Missing,
        Some(raw) => match raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) {
            Some(text) if !text.contains('\\') => MxDate::of(text),
            _ => Moment::read_json(raw, BareDate::Start).map_or(MxDate::Unreadable, MxDate::Read),
        },
    }
}

/// An answer of zdns or massdns, or an item in a list of mail servers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MxAnswer<'t> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'t RawValue>,
    #[serde(borrow)]
    answer: Option<&'t RawValue>,
    #[serde(borrow)]
    data: Option<&'t RawValue>,
    #[serde(borrow)]
    name: Option<&'t RawValue>,
    #[serde(borrow)]
    exchange: Option<&'t RawValue>,
    #[serde(borrow)]
    mx: Option<&'t RawValue>,
    #[serde(borrow)]
    host: Option<&'t RawValue>,
    #[serde(borrow)]
    preference: Option<&'t RawValue>,
    #[serde(borrow)]
    priority: Option<&'t RawValue>,
}

/// Which member of an answer is the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HostMember {
    /// `name` is the owner.
    Answer,
    /// `name` is the host.
    Any,
}

impl<'t> MxAnswer<'t> {
    fn is_mx(&self) -> bool {
        self.kind.is_none_or(|kind| is_mx(&text_of(kind.get())))
    }

    fn host_and_preference(&self, member: HostMember) -> RecordText<'t> {
        let host = self.answer.or(self.exchange).or(self.mx).or(self.data).or(self.host);
        let host = host.or(self.name.filter(|_| member == HostMember::Any)).ok_or("expected a host")?;
        let preference = self.preference.or(self.priority).map(|raw| text_of(raw.get()));
        let preference = preference.map_or(Some(None), |text| read_preference(&text));
        Ok((text_of(host.get()), preference.ok_or("expected a preference of 0 to 65535")?))
    }
}

/// The part of an answer that holds records.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AnswerData<'t> {
    #[serde(borrow)]
    answers: Option<Vec<MxAnswer<'t>>>,
    #[serde(borrow)]
    exchanges: Option<Vec<MxAnswer<'t>>>,
}

/// Reads the records of an answer with a status.
fn read_answers(
    data: &str,
    name: NameFound,
    (status, date): (Option<&str>, Option<&str>),
    batch: &mut MxBatch<'_>,
) -> Result<(), &'static str> {
    let data: AnswerData<'_> = serde_json::from_str(data).map_err(|_| "expected a list of answers")?;
    let answers = data.answers.unwrap_or_default();
    let found = answers.iter().map(|answer| (answer, HostMember::Answer));
    let exchanges = data.exchanges.unwrap_or_default();
    let found = found.chain(exchanges.iter().map(|answer| (answer, HostMember::Any)));
    let records = found.filter(|(answer, _)| answer.is_mx());
    if status.is_some_and(|status| !is_answered(status)) {
        return batch.hosts_of(name, "", None, MxDate::Missing);
    }
    take_records(name, records.map(|(answer, member)| answer.host_and_preference(member)), date, batch)
}

/// The outcome of a module of zdns.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ModuleOutcome<'t> {
    #[serde(borrow)]
    data: Option<&'t RawValue>,
    #[serde(borrow)]
    status: Option<&'t RawValue>,
    #[serde(borrow)]
    timestamp: Option<&'t RawValue>,
}

/// Reads the outcomes of the modules of zdns 2, of which two give MX records.
fn read_results(results: &str, name: NameFound, batch: &mut MxBatch<'_>) -> Result<(), &'static str> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Modules<'t> {
        #[serde(borrow, rename = "MX")]
        mx: Option<ModuleOutcome<'t>>,
        #[serde(borrow, rename = "MXLOOKUP")]
        lookup: Option<ModuleOutcome<'t>>,
    }
    let modules: Modules<'_> = serde_json::from_str(results).map_err(|_| "expected the results of zdns")?;
    let outcomes = [modules.mx, modules.lookup];
    if outcomes.iter().all(Option::is_none) {
        batch.file.rows += 1;
        batch.file.other_types += 1;
        return Ok(());
    }
    for outcome in outcomes.into_iter().flatten() {
        let date = outcome.timestamp.map(RawValue::get);
        let data = outcome.data.map_or("{}", RawValue::get);
        let status = outcome.status.map(|raw| text_of(raw.get()));
        read_answers(data, name, (status.as_deref(), date), batch)?;
    }
    Ok(())
}
