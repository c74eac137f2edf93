//! Files whose size or whose records are just at, below or above what the program reads in one piece.

use std::fs;

use super::boundaries::audit;
use super::world::{World, zstd};
use super::{Case, Random, Verdict};
use crate::support::{gzip, zone};

/// Text of a chunk, and of a window of a plain file.
const CHUNK: usize = 1 << 20;
const WINDOW: usize = 16 << 20;
/// The longest entry of a zone, and the longest record of a table.
const ENTRY: usize = 4 << 20;
const RECORD: usize = 1 << 20;

/// At most three bytes less or more, mostly one.
fn near(size: usize, random: &mut Random) -> usize {
    size + [3, 3, 2, 4, 1, 5][random.below(6)] - 3
}

/// A row of a format: `number` names it, and it is `length` bytes long with its line end.
fn row(format: &str, number: usize, length: usize) -> String {
    let wrap = |id: &str| match format {
        "csv" => format!("{id},p{number}@held.com\n"),
        "tsv" => format!("{id}\tp{number}@held.com\n"),
        "ndjson" => format!("{{\"id\":\"{id}\",\"email\":\"p{number}@held.com\"}}\n"),
        _ => format!("\"{id}\"@held.com\n"),
    };
    let bare = wrap("").len();
    wrap(&"x".repeat(length.saturating_sub(bare)))
}

/// Accounts that end, or whose records end, at the ends of chunks; packed so that members end there, too.
pub(super) fn accounts(world: &World, case: &mut Case) -> Verdict {
    let random = &mut case.random;
    let format = *random.pick(&["csv", "tsv", "ndjson", "txt"]);
    let size = near(CHUNK * (1 + random.below(2)), random);
    let border = near(CHUNK, random);
    let mut text = match format {
        "csv" => "id,email\n".to_owned(),
        "tsv" => "id\temail\n".to_owned(),
        _ => String::new(),
    };
    let mut rows = 0;
    // the last rows before a border are of a length that ends there
    for end in [border, size] {
        while end > text.len() + 200 {
            let length = (end - text.len()) / 2;
            text += &row(format, rows, length.clamp(60, 20_000));
            rows += 1;
        }
        if end > text.len() + 60 {
            text += &row(format, rows, end - text.len());
            rows += 1;
        }
    }
    let is_ended = random.below(2) == 0;
    if !is_ended {
        text.pop();
    }
    let cut = border.min(text.len());
    let (front, back) = text.as_bytes().split_at(cut);
    let (name, bytes) = match random.below(5) {
        0 => (format!("a.{format}.gz"), gzip(text.as_bytes())),
        1 => (format!("a.{format}.gz"), [gzip(front), gzip(b""), gzip(back)].concat()),
        2 => (format!("a.{format}.zst"), [zstd(front), zstd(back)].concat()),
        _ => (format!("a.{format}"), text.clone().into_bytes()),
    };
    let path = case.write(&name, &bytes);
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    inputs.accounts = path;
    let (ended, found) = audit(&inputs, case, &["--max-rejected", "100"])?;
    let Some(found) = found else { return Err(ended.fault("sound accounts were refused")) };
    match found.rows + found.rejected {
        all if all == rows as u64 && (found.rejected == 0 || format == "txt" || !is_ended) => Ok(()),
        _ => Err(ended.fault(&format!(
            "{name} of {} bytes, border at {border}, ended {is_ended}: {rows} rows became {} and {} rejected",
            text.len(),
            found.rows,
            found.rejected
        ))),
    }
}

/// A zone whose text ends at the end of a chunk or of a window.
pub(super) fn zones(world: &World, case: &mut Case) -> Verdict {
    let size = if case.random.below(5) == 0 { WINDOW } else { CHUNK };
    let size = near(size, &mut case.random);
    let names: Vec<String> = (0..size / 60).map(|name| format!("other{name:05}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.extend(["held", "again", "fine", "paused", "hosted"]);
    let text = zone("com", 2_026_053_101, &names);
    let Some(missing) = size.checked_sub(text.len()) else { return Err("the zone is too large".to_owned()) };
    // a comment fills the rest, in lines
    let mut comment = String::new();
    while comment.len() + 2 <= missing {
        let length = (missing - comment.len()).min(1000) - 2;
        comment += &format!(";{}\n", "x".repeat(length));
    }
    let (first, rest) = text.split_once('\n').ok_or("no line")?;
    let text = format!("{first}\n{comment}{rest}");
    expect_whole(world, case, &text, false)
}

/// An entry as long as entries may be, in a zone.
pub(super) fn entries(world: &World, case: &mut Case) -> Verdict {
    let length = near(ENTRY, &mut case.random);
    let start = *case.random.pick(&["long.com.\t900\tin\ttxt\t", "; ", "long.com. 900 in txt ( ; "]);
    let end = if start.contains('(') { "\n a )\n" } else { "\n" };
    let line = format!("{start}{}{end}", "x".repeat(length - start.len() - end.len()));
    let text = zone("com", 2_026_053_101, &["held", "again", "fine", "paused", "hosted"]);
    let (first, rest) = text.split_once('\n').ok_or("no line")?;
    expect_whole(world, case, &format!("{first}\n{line}{rest}"), true)
}

/// The names of the world's `com` are found, and the zone is whole unless the entry counts as a loss.
fn expect_whole(world: &World, case: &mut Case, text: &str, may_tell: bool) -> Verdict {
    let (name, bytes) = match case.random.below(3) {
        0 => ("com.zone.gz", gzip(text.as_bytes())),
        _ => ("com.zone", text.as_bytes().to_vec()),
    };
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    inputs.zones[0] = case.write(name, &bytes);
    let (ended, found) = audit(&inputs, case, &[])?;
    let Some(found) = found else { return Err(ended.fault("a zone made the run fail")) };
    let state = |name: &str| found.verdicts.get(name).map_or("none", |verdict| &*verdict.0);
    let said = (state("held.com"), state("missing.com"), found.status);
    match said {
        ("active", "absent", 0) => Ok(()),
        ("active", "unknown", 1) if may_tell => Ok(()),
        _ => Err(ended.fault(&format!("{name} of {} bytes: {said:?}", text.len()))),
    }
}

/// A quoted field that makes a record as long as records may be.
pub(super) fn records(world: &World, case: &mut Case) -> Verdict {
    let length = near(RECORD, &mut case.random);
    let filler = *case.random.pick(&["x", "\"\"", ","]);
    let mut inner = filler.repeat(length / filler.len());
    inner.truncate((length - 20) / filler.len() * filler.len());
    let text = format!("id,email\n1,a@held.com\n\"{inner}\",b@fine.com\n3,c@paused.com\n");
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    inputs.accounts = case.write("a.csv", text.as_bytes());
    let (ended, found) = audit(&inputs, case, &["--max-rejected", "100"])?;
    let Some(found) = found else { return Err(ended.fault("a long record made the run fail")) };
    let all = found.rows + found.rejected;
    if all != 3 || !found.verdicts.contains_key("held.com") || !found.verdicts.contains_key("paused.com") {
        return Err(ended.fault(&format!("3 rows became {} and {} rejected", found.rows, found.rejected)));
    }
    Ok(())
}

/// Files of no byte, and of one.
pub(super) fn tiny(world: &World, case: &mut Case) -> Verdict {
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    let name = *case.random.pick(&["csv", "tsv", "ndjson", "txt", "parquet", "csv.gz", "ndjson.zst"]);
    let answers = *case.random.pick(&["ndjson", "json", "json.gz", "ndjson.zst", "parquet"]);
    let bytes: &[u8] =
        case.random.pick::<&[u8]>(&[b"", b"\n", b"x", b"\0", b"{", b"\"", b"\xff", b"\r", b"["]);
    match case.random.below(9) {
        0 | 1 => inputs.accounts = case.write(&format!("a.{name}"), bytes),
        2 | 3 => inputs.answers = case.write(&format!("r.{answers}"), bytes),
        4 => inputs.zones[0] = case.write("com.zone", bytes),
        5 => inputs.zones[3] = case.write("se.list", bytes),
        6 => inputs.suffixes = case.write("suffixes.dat", bytes),
        7 => inputs.bootstrap = case.write("bootstrap.json", bytes),
        _ => inputs.key = case.write("key", bytes),
    }
    audit(&inputs, case, &[]).map(drop)
}

/// A header longer than a record may be, of names that mean nothing.
pub(super) fn header(world: &World, case: &mut Case) -> Verdict {
    let length = near(RECORD, &mut case.random) + [0, CHUNK, 4 * CHUNK][case.random.below(3)];
    let columns = length / 7;
    let names: String = (0..columns).map(|column| format!("c{column:05},")).collect();
    let cells = ",".repeat(names.matches(',').count());
    let text = format!("{names}email\n{cells}a@held.com\n{cells}b@fine.com\n");
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    inputs.accounts = case.write("a.csv", text.as_bytes());
    let (ended, found) = audit(&inputs, case, &[])?;
    if found.is_none() && ended.stderr.contains("quote") {
        return Err(ended.fault("a header without a quote is called an open quote"));
    }
    fs::remove_file(&inputs.accounts).map_err(|error| error.to_string())
}
