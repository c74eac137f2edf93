//! Which date a zone gets: from its signatures, its serial, an option, or its file; and what a wrong one does.

use std::fs;

use super::Days;
use crate::support::gzip;

const DELEGATION: &str = "a.com.\t172800\tin\tns\tns.host-example.net.\n";

fn soa(serial: &str) -> String {
    format!("com.\t900\tin\tsoa\ta.test. b.test. {serial} 1 2 3 4\n")
}

fn signed(inception: &str) -> String {
    format!("com.\t900\tin\trrsig\tSOA 8 1 900 20261231000000 {inception} 1 com. AAAA\n")
}

/// The dates in a store, as `2026-05-01 serial_date`.
fn dates(days: &Days) -> Vec<String> {
    let listed = days.snapshot(&["list", "--json"], 0);
    let objects = listed.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    objects.map(|it| format!("{} {}", text(&it["date"]), text(&it["facts"]["date_source"]))).collect()
}

#[track_caller]
fn dated(serial: &str, signatures: &str, options: &[&str], expected: &str) {
    let days = Days::new();
    let text = format!("{}{signatures}{DELEGATION}{}", soa(serial), soa(serial));
    for (name, bytes) in [("a.zone", text.clone().into_bytes()), ("b.zone.gz", gzip(text.as_bytes()))] {
        let path = days.path(name);
        fs::write(&path, bytes).expect("a zone");
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_780_000_000);
        let file = fs::File::options().write(true).open(&path).expect("the zone");
        file.set_modified(time).expect("a time");
        let store = days.path(&format!("{name}.store"));
        let mut command = crate::support::zonelapse();
        command.args(["snapshot", "build"]).arg(&path).args(options).arg("--store").arg(&store);
        crate::support::run(&mut command).expect(0);
        let mut list = crate::support::zonelapse();
        let listed = crate::support::run(list.args(["snapshot", "list", "--json", "--store"]).arg(&store));
        let listed: serde_json::Value = serde_json::from_str(listed.expect(0).stdout.trim()).expect("JSON");
        let found = format!("{} {}", listed["date"], listed["facts"]["date_source"]).replace('"', "");
        assert_eq!(found, expected, "{name} of serial {serial}, {signatures}");
    }
}

#[test]
fn sources_of_a_date() {
    dated("2026050100", "", &[], "2026-05-01 serial_date");
    dated("1777593600", "", &[], "2026-05-01 serial_time");
    dated("1", "", &[], "2026-05-28 file_time");
    dated("1", &signed("20260501031500"), &[], "2026-05-01 signature");
    dated("2013010100", &signed("20260501031500"), &[], "2026-05-01 signature");
    dated("2013010100", &signed("1777605300"), &[], "2026-05-01 signature");
    dated("2026050200", &signed("20260501031500"), &[], "2026-05-02 serial_date");
    dated("1", &(signed("20260501031500") + &signed("20260430000000")), &[], "2026-05-01 signature");
    dated("2026050100", &signed("21000101000000"), &[], "2026-05-01 serial_date");
    dated("2013010100", &signed("20260501031500"), &["--date", "2026-05-03"], "2026-05-03 given");
}

/// The serial has not changed since 2013. Each night's file then takes the place of the one before; signatures keep
/// them apart.
#[test]
fn misdated_zones_night_after_night() {
    let (plain, signs) = (Days::new(), Days::new());
    for (night, names) in [(1, "a"), (2, "b"), (3, "c")] {
        let records = format!("{names}.com.\t172800\tin\tns\tns.host-example.net.\n{DELEGATION}");
        for (days, signature) in [(&plain, String::new()), (&signs, signed(&format!("2026050{night}000000")))]
        {
            let path = days.path(&format!("com-{night}.zone"));
            let text = format!("{}{signature}{records}{}", soa("2013010100"), soa("2013010100"));
            fs::write(&path, text).expect("a zone");
            let told = days.build(&path, 0);
            let replaced = "takes the place of another file of this date, `com-";
            let replaces = signature.is_empty() && night > 1;
            assert_eq!(told.contains(replaced), replaces, "{told}");
            assert_eq!(told.contains("; its serial dates it"), replaces, "{told}");
            // the same file again is known, and says nothing
            assert!(!days.build(&path, 0).contains(replaced));
        }
    }
    assert_eq!(dates(&plain), ["2013-01-01 serial_date"]);
    assert_eq!(dates(&signs), ["2026-05-01 signature", "2026-05-02 signature", "2026-05-03 signature"]);
}
