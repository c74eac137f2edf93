//! RDAP answers parsed from memory on one thread, ours and (with the feature `fetch`) those of the `rdap_client`
//! crate: `parse FILE.ndjson` prints documents and bytes a second. Used by `benches/rdap.py`.

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use zonelapse::rdap::{Context, read_answer};
use zonelapse::time::Moment;

fn main() {
    let path = std::env::args_os().nth(1).expect("a file of NDJSON");
    let text = std::fs::read(path).expect("a file that can be read");
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let context = Context { file_name_domain: None, file_time: Moment(0) };
    best("zonelapse", &text, &lines, |line| read_answer(line, &context).is_ok());
    #[cfg(feature = "fetch")]
    {
        #[derive(serde::Deserialize)]
        struct Envelope {
            #[allow(dead_code, reason = "parsed for the comparison only")]
            body: rdap_client::parser::Domain,
        }
        best("rdap_client", &text, &lines, |line| serde_json::from_slice::<Envelope>(line).is_ok());
    }
}

/// The best of three passes.
fn best(name: &str, text: &[u8], lines: &[&[u8]], parse: impl Fn(&[u8]) -> bool) {
    let mut seconds = f64::INFINITY;
    let mut accepted = 0;
    for _ in 0..3 {
        let started = Instant::now();
        accepted = lines.iter().filter(|line| black_box(parse(line))).count();
        seconds = seconds.min(started.elapsed().as_secs_f64());
    }
    let _ = writeln!(
        std::io::stdout(),
        "{name:<12} {:>9.0} documents/s {:>6.2} GB/s  {accepted} of {} accepted",
        lines.len() as f64 / seconds,
        text.len() as f64 / seconds / 1e9,
        lines.len()
    );
}
