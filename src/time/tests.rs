//! Every form and its moment, and that what is written in each form is read back.

use proptest::prelude::*;

use super::*;

/// What a text is read as; a bare date is its last second.
#[track_caller]
fn reads(text: &str, expected: &str) {
    let read = Moment::read(text, BareDate::End).map(|moment| moment.to_string());
    assert_eq!(read.as_deref().unwrap_or("-"), expected, "{text}");
}

/// What is read by the calendar alone is read the same way in general.
#[track_caller]
fn parses(text: &str, expected: &str) {
    reads(text, expected);
    let read = Moment::parse(text, BareDate::End).map(|moment| moment.to_string());
    assert_eq!(read.as_deref().unwrap_or("-"), expected, "{text}");
}

/// Effort grows with the length of a text, not with its square.
#[test]
fn fractions_of_any_length() {
    let long = format!("2024-06-12T22:09:39.5{}Z", "0".repeat(4 << 20));
    let read = Moment::read(&long, BareDate::End).map(|moment| moment.to_string());
    assert_eq!(read.as_deref(), Some("2024-06-12T22:09:39.5Z"));
}

#[test]
fn dates_in_digits() {
    parses("2025-03-20T07:00:00.000+0000", "2025-03-20T07:00:00Z");
    parses("2029-08-18T13:19:55", "2029-08-18T13:19:55Z");
    parses("2024-02-03T04:05:52.0Z", "2024-02-03T04:05:52Z");
    parses("2024-06-18T22:01:39+03:00", "2024-06-18T19:01:39Z");
    parses("2024-06-12T22:09:39.881923Z", "2024-06-12T22:09:39.881923Z");
    parses("2024-06-12t22:09:39.8819234567890123456789z", "2024-06-12T22:09:39.881923Z");
    parses("2024-06-12 22:09:39,881", "2024-06-12T22:09:39.881Z");
    parses("2024-06-12 22:09:39", "2024-06-12T22:09:39Z");
    parses("2024-06-12 22:09", "2024-06-12T22:09:00Z");
    parses("2024-06-12 22:09:39 UTC", "2024-06-12T22:09:39Z");
    parses("2024-06-12 22:09:39.5+02", "2024-06-12T20:09:39.5Z");
    parses("2024-06-12 22:09:39 +0200", "2024-06-12T20:09:39Z");
    parses("2024-06-12 22:09:39-03:30", "2024-06-13T01:39:39Z");
    parses("2024-06-12T22:09:39+02:00[Europe/Berlin]", "2024-06-12T20:09:39Z");
    parses("2024-06-12T22:09:39Z[UTC]", "2024-06-12T22:09:39Z");
    parses("2024/06/12 5:09 PM", "2024-06-12T17:09:00Z");
    parses("2024.6.1", "2024-06-01T23:59:59Z");
    parses("2024-06-12", "2024-06-12T23:59:59Z");
    parses("\u{feff} 2024-06-12\u{a0}", "2024-06-12T23:59:59Z");
    parses("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z");
    parses("12.06.2024", "2024-06-12T23:59:59Z");
    parses("1.2.2024 5:06", "2024-02-01T05:06:00Z");
    parses("01.02.2024, 05:06:07", "2024-02-01T05:06:07Z");
}

#[test]
fn dates_run_together() {
    parses("20240304", "2024-03-04T23:59:59Z");
    parses("20240304T050607Z", "2024-03-04T05:06:07Z");
    parses("20240304T0506+01", "2024-03-04T04:06:00Z");
    parses("20240304 05:06:07", "2024-03-04T05:06:07Z");
    parses("20240304050607", "2024-03-04T05:06:07Z");
    parses("20240304050607Z", "2024-03-04T05:06:07Z");
    parses("20240304050607.0Z", "2024-03-04T05:06:07Z");
    parses("20240304050607,25+0130", "2024-03-04T03:36:07.25Z");
    parses("202403040506Z", "2024-03-04T05:06:00Z");
    parses("202403040506-0500", "2024-03-04T10:06:00Z");
    parses("2024030405Z", "2024-03-04T05:00:00Z");
}

#[test]
fn dates_with_the_name_of_the_month() {
    parses("Mon, 04 Mar 2024 05:06:07 GMT", "2024-03-04T05:06:07Z");
    parses("Monday, 04-Mar-24 05:06:07 GMT", "2024-03-04T05:06:07Z");
    parses("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z");
    parses("Sun, 06 Nov 94 08:49:37 +0000", "1994-11-06T08:49:37Z");
    parses("Mon Mar  4 05:06:07 2024", "2024-03-04T05:06:07Z");
    parses("Mon Mar 04 05:06:07 UTC 2024", "2024-03-04T05:06:07Z");
    parses("Mon, 4 Mar 2024 05:06:07 -0500", "2024-03-04T10:06:07Z");
    parses("4 Mar 2024 05:06 +0100 (CET)", "2024-03-04T04:06:00Z");
    parses("Mon Mar 04 2024 05:06:07 GMT+0100 (Central European Standard Time)", "2024-03-04T04:06:07Z");
    parses("04-MAR-2024", "2024-03-04T23:59:59Z");
    parses("March 4, 2024", "2024-03-04T23:59:59Z");
    parses("Mar 4th, 2024 @ 05:06:07.125", "2024-03-04T05:06:07.125Z");
    parses("Sept. 4, 2024 at 5:06\u{202f}PM", "2024-09-04T17:06:00Z");
    parses("Mar  4 2024 12:06AM", "2024-03-04T00:06:00Z");
}

#[test]
fn numbers() {
    reads("1709528767", "2024-03-04T05:06:07Z");
    reads("1709528767.0", "2024-03-04T05:06:07Z");
    reads("1709528767.25", "2024-03-04T05:06:07.25Z");
    reads("1.7E9", "2023-11-14T22:13:20Z");
    reads("1.709528767e+9", "2024-03-04T05:06:07Z");
    reads("1709528767125", "2024-03-04T05:06:07.125Z");
    reads("1709528767125.5", "2024-03-04T05:06:07.1255Z");
    reads("1.709528767125E12", "2024-03-04T05:06:07.125Z");
    reads("1709528767125456", "2024-03-04T05:06:07.125456Z");
    reads("1709528767125456789", "2024-03-04T05:06:07.125456Z");
    reads("1.700000000123E18", "2023-11-14T22:13:20.123Z");
    reads("17095287671254567890e-1", "2024-03-04T05:06:07.125456Z");
    reads("133540023671254567", "2024-03-04T05:06:07.125456Z");
    reads("1.33540023670000000E17", "2024-03-04T05:06:07Z");
    reads("20240304.0", "2024-03-04T23:59:59Z");
    reads("20240304050607.5", "2024-03-04T05:06:07.5Z");
    reads("/Date(1709528767000+0100)/", "2024-03-04T05:06:07Z");
}

#[test]
fn json_around_times() {
    reads(r#"{"$date":"2024-03-04T05:06:07.125Z"}"#, "2024-03-04T05:06:07.125Z");
    reads(r#"{ "$date" : 1709528767125 }"#, "2024-03-04T05:06:07.125Z");
    reads(r#"{"$date":951782400000}"#, "2000-02-29T00:00:00Z");
    reads(r#"{"$date":{"$numberLong":"1709528767125"}}"#, "2024-03-04T05:06:07.125Z");
    reads(r#"{"$numberLong":"1709528767125"}"#, "2024-03-04T05:06:07.125Z");
    reads(r#"{"$numberDouble":"1709528767.0"}"#, "2024-03-04T05:06:07Z");
    reads(r#"{"$timestamp":{"t":1709528767,"i":1}}"#, "2024-03-04T05:06:07Z");
    reads(r#"{"N":"1709528767"}"#, "2024-03-04T05:06:07Z");
    reads(r#"{"_seconds":1709528767,"_nanoseconds":125000000}"#, "2024-03-04T05:06:07.125Z");
    reads(r#"{"seconds":"1709528767","nanos":0}"#, "2024-03-04T05:06:07Z");
    reads(r#""2024-03-04T05:06:07Z""#, "2024-03-04T05:06:07Z");
    reads(r#""{\"$date\":1709528767125}""#, "2024-03-04T05:06:07.125Z");
    for other in [
        "{}",
        "{",
        r#"{"$date":null}"#,
        r#"{"$date":{}}"#,
        r#"{"$date":1709528767}"#,
        r#"{"$oid":"65e1c9f0aa11bb22cc33dd01"}"#,
        r#"{"$date":"2024-03-04","x":1}"#,
        r#"{"seconds":1709528767,"nanos":1000000000}"#,
    ] {
        reads(other, "-");
    }
    reads(&format!("{}1709528767125{}", r#"{"$date":"#.repeat(20_000), "}".repeat(20_000)), "-");
}

#[test]
fn what_can_be_read_two_ways_is_not_read() {
    for text in [
        "03/04/2024",
        "13/04/2024",
        "3-4-2024",
        "04-03-24",
        "04.03.24",
        "24-03-04",
        "4 Mar 24",
        "04-Mar-24",
        "Tuesday, 04-Mar-24 05:06:07 GMT",
        "Mar 2024",
        "2024",
        "240304",
        "240304050607",
        "202403040506",
        "200304050607Z",
        "2003040506Z",
        "240304050607Z",
        "2024-03-04 05:06:07 CET",
        "05:06:07",
    ] {
        parses(text, "-");
    }
}

#[test]
fn what_is_no_time() {
    for text in [
        "",
        " ",
        "soon",
        "-",
        ".",
        "T",
        "Z",
        "0",
        "-1",
        "1",
        "1e9999",
        "1e",
        "e9",
        "1.",
        "99999999999999999999",
        "9223372036854775807",
        "-1709528767",
        "+1709528767",
        "1,709,528,767",
        "0x65e55f3f",
        "١٧٠٩٥٢٨٧٦٧",
        "２０２４-03-04",
        "2024-02-30",
        "2024-02-30T00:00:00Z",
        "2023-02-29",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "2024-13-01",
        "2024-03-04T24:00:00Z",
        "2024-03-04T05:60:00Z",
        "2024-03-04T05:06:61Z",
        "2024-03-04T05:06:07.",
        "2024-03-04T05:06:07.Z",
        "2024-03-04T",
        "2024-03-04Z",
        "2024-03-04T05:06:07+24:00",
        "2024-03-04T05:06:07+1:2",
        "2024-03-04T05:06:07ZZ",
        "2024-03-04T05:06:07[Europe/Berlin]",
        "294247-01-10T04:00:54.775Z",
        "32.01.2024",
        "2024-03-04 13:06 PM",
        "0:06 AM 4 Mar 2024",
        "Mon Mon Mar 4 2024",
        "4 Mar Mar 2024",
        "4 Mar 2024 05:06 x",
    ] {
        parses(text, "-");
    }
    parses("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
}

/// A form cut anywhere, or with any byte changed, is another time or none, and never a panic.
#[test]
fn damaged_forms_are_no_danger() {
    for form in [
        "2024-06-12 22:09:39.881923+02:00[Europe/Berlin]",
        "20240304050607,25+0130",
        "Monday, 04-Mar-24 05:06:07 GMT",
        "Mon Mar 04 2024 05:06:07 PM GMT+0100 (Central European Standard Time)",
        "1.700000000123E18",
        "133540023671254567",
        "/Date(1709528767000+0100)/",
        r#"{"$date":{"$numberLong":"1709528767125"}}"#,
        r#"{"_seconds":1709528767,"_nanoseconds":125000000}"#,
    ] {
        for end in 0..form.len() {
            let _ = Moment::read(&form[..end], BareDate::End);
            for changed in 0..=127u8 {
                let mut bytes = form.as_bytes().to_vec();
                bytes[end] = changed;
                let text = String::from_utf8(bytes).expect("ASCII");
                let _ = (Moment::read(&text, BareDate::End), Moment::parse(&text, BareDate::Start));
            }
        }
    }
}

#[test]
fn a_named_form_is_read_exactly() {
    let read = |pattern: &str, text: &str| {
        let format = TimeFormat::new(pattern).expect("a pattern");
        format.read(text, BareDate::End).map(|moment| moment.to_string())
    };
    assert_eq!(read("%d/%m/%Y", "03/04/2024").as_deref(), Some("2024-04-03T23:59:59Z"));
    assert_eq!(read("%m/%d/%Y", " 03/04/2024 ").as_deref(), Some("2024-03-04T23:59:59Z"));
    assert_eq!(read("%m/%d/%y %I:%M %p", "03/04/24 05:06 PM").as_deref(), Some("2024-03-04T17:06:00Z"));
    assert_eq!(
        read("%d.%m.%y %H:%M:%S %z", "04.03.24 05:06:07 +0100").as_deref(),
        Some("2024-03-04T04:06:07Z")
    );
    assert_eq!(read("%Y%m%d%H%MZ", "200304050607Z").as_deref(), Some("2003-04-05T06:07:00Z"));
    assert_eq!(read("%s", "1709528767").as_deref(), Some("2024-03-04T05:06:07Z"));
    assert_eq!(read("%d/%m/%Y", "13/13/2024"), None);
    assert_eq!(read("%d/%m/%Y", "2024-03-04"), None);
    for pattern in
        ["", "dd/mm/yyyy", "%d/%m", "%Y-%m", "%H:%M", "%d/%m/%Y %I:%M", "%d/%m/%Y %", "%d/%m/%Y %!", "%Z %F"]
    {
        assert!(TimeFormat::new(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn days_agree_with_the_calendar_library() {
    for number in (-200_000..200_000).step_by(97) {
        let timestamp = Timestamp::from_second(i64::from(number) * 86_400).expect("in range");
        let date = TimeZone::UTC.to_datetime(timestamp).date();
        assert_eq!(Day::from_calendar(date.year(), date.month(), date.day()), Some(Day(number)));
    }
    let leap = Day::from_calendar(2024, 2, 29).expect("a leap day");
    assert_eq!(leap.year_earlier().to_string(), "2023-02-28");
}

/// Seconds from 2001-09-09 to the end of 2099, where every form can be told apart.
const SECONDS: std::ops::Range<i64> = 1_000_000_000..4_102_444_800;

/// Patterns whose texts are read without being named, by the microseconds that they leave out.
const PATTERNS: [(&str, i64); 24] = [
    ("%Y-%m-%dT%H:%M:%SZ", 1_000_000),
    ("%Y-%m-%dT%H:%M:%S.%6fZ", 1),
    ("%Y-%m-%d %H:%M:%S.%9f+00", 1),
    ("%Y-%m-%d %H:%M:%S,%3f", 1_000),
    ("%Y-%m-%d %H:%M:%S +0000", 1_000_000),
    ("%Y-%m-%d %H:%M:%S UTC", 1_000_000),
    ("%Y-%m-%d %H:%M", 60_000_000),
    ("%Y/%m/%d %I:%M:%S %p", 1_000_000),
    ("%Y%m%dT%H%M%SZ", 1_000_000),
    ("%Y%m%d%H%M%S", 1_000_000),
    ("%Y%m%d%H%M%S.%6fZ", 1),
    ("%Y%m%d%H%M%S+0000", 1_000_000),
    ("%d.%m.%Y %H:%M:%S", 1_000_000),
    ("%-d.%-m.%Y, %H:%M", 60_000_000),
    ("%a, %d %b %Y %H:%M:%S GMT", 1_000_000),
    ("%a, %d %b %Y %H:%M:%S +0000", 1_000_000),
    ("%A, %d-%b-%y %H:%M:%S GMT", 1_000_000),
    ("%a %b %e %H:%M:%S %Y", 1_000_000),
    ("%a %b %e %H:%M:%S UTC %Y", 1_000_000),
    ("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)", 1_000_000),
    ("%d-%b-%Y %H:%M:%S", 1_000_000),
    ("%B %-d, %Y %I:%M %p", 60_000_000),
    ("%s", 1_000_000),
    ("{\"$date\":\"%Y-%m-%dT%H:%M:%S.%3fZ\"}", 1_000),
];

proptest! {
    #[test]
    fn what_is_written_in_a_form_is_read_back(second in SECONDS, micro in 0i64..1_000_000) {
        let moment = Moment(second * 1_000_000 + micro);
        let written = Timestamp::from_microsecond(moment.0).expect("in range");
        for (pattern, step) in PATTERNS {
            let text = jiff::fmt::strtime::format(pattern, written).expect("a pattern");
            let expected = Moment(moment.0.div_euclid(step) * step);
            prop_assert_eq!(Moment::read(&text, BareDate::End), Some(expected), "{}", text);
        }
        for pattern in ["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d-%b-%Y", "%B %-d, %Y"] {
            let text = jiff::fmt::strtime::format(pattern, written).expect("a pattern");
            prop_assert_eq!(Moment::read(&text, BareDate::End), Some(BareDate::End.of(moment.day())), "{}", text);
        }
        let numbers = [
            (format!("{second}.{micro:06}"), 1),
            (format!("{second}.0"), 1_000_000),
            (format!("{:e}", second as f64), 1_000_000),
            (format!("{}", moment.0 / 1000), 1000),
            (format!("{}.{:03}", moment.0 / 1000, moment.0 % 1000), 1),
            (moment.0.to_string(), 1),
            (format!("{}789", moment.0), 1),
            (format!("{}.0", moment.0), 1),
            (((moment.0 + 11_644_473_600_000_000) * 10).to_string(), 1),
            (format!("{{\"$date\":{{\"$numberLong\":\"{}\"}}}}", moment.0 / 1000), 1000),
            (format!("{{\"$date\":{}}}", moment.0 / 1000), 1000),
            (format!("{{\"_seconds\":{second},\"_nanoseconds\":{micro}000}}"), 1),
        ];
        for (text, step) in numbers {
            let expected = Moment(moment.0.div_euclid(step) * step);
            prop_assert_eq!(Moment::read(&text, BareDate::End), Some(expected), "{}", text);
        }
    }

    #[test]
    fn offsets_are_taken_off(second in SECONDS, minutes in -1439i64..1440) {
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hour, minute) = (minutes.abs() / 60, minutes.abs() % 60);
        let shown = Moment::from_unix_seconds(second + minutes * 60).to_string();
        let shown = shown.trim_end_matches('Z');
        for zone in [
            format!("{sign}{hour:02}:{minute:02}"),
            format!(" {sign}{hour:02}{minute:02}"),
            format!(" GMT{sign}{hour:02}{minute:02}"),
        ] {
            let read = Moment::read(&format!("{shown}{zone}"), BareDate::End);
            prop_assert_eq!(read, Some(Moment::from_unix_seconds(second)), "{}{}", shown, zone);
        }
    }

    #[test]
    fn any_text_is_no_danger(text in "\\PC{0,40}", near in "[0-9.:/TZe+ ,a-z{}\"$-]{0,30}", stamp in "[0-9]{1,25}") {
        for text in [&text, &near, &stamp] {
            let read = Moment::read(text, BareDate::End);
            // what one reading gives, reading what it shows gives again
            if let Some(moment) = read.filter(|moment| moment.0 > 0 && moment.0 < 253_402_300_800_000_000) {
                prop_assert_eq!(Moment::read(&moment.to_string(), BareDate::End), Some(moment));
            }
            let _ = Moment::read_json(text, BareDate::Start);
        }
    }

    #[test]
    fn any_pattern_is_no_danger(pattern in "[%a-zA-Z0-9:/ .]{0,12}", text in "[0-9a-z:/ .+-]{0,20}") {
        if let Ok(format) = TimeFormat::new(&pattern) {
            let _ = format.read(&text, BareDate::End);
        }
    }
}
