//! `data/zonelapse.toml` and `data/systemd` against the program. That the template holds every option with its default
//! is a unit test of `config`, which knows the defaults.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::Nights;
use crate::support::{run, skip, zonelapse};

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name);
    fs::read_to_string(path).expect("a file of the repository")
}

/// The template runs as it is, once its paths are those of this machine.
#[test]
fn the_template_runs() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example", "freed-example"]);
    let root = nights.path("").display().to_string();
    let text =
        data("zonelapse.toml").replace("/srv/zonelapse/", &root).replace("/var/lib/zonelapse", "state");
    nights.write("night.toml", &text);
    nights.run("2026-06-01T12:00:00Z").expect(0);
    assert_eq!(nights.latest()[0], "held-example.com active none none");
}

/// The options of a unit, each with its last value.
fn unit(name: &str) -> BTreeMap<String, String> {
    let text = data(&format!("systemd/{name}"));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let options = lines.filter_map(|line| line.split_once('='));
    options.map(|(option, value)| (option.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_service_has_no_rights() {
    let service = unit("zonelapse.service");
    for (option, value) in [
        ("Type", "oneshot"),
        ("User", "zonelapse"),
        ("StateDirectory", "zonelapse"),
        ("PrivateNetwork", "yes"),
        ("RestrictAddressFamilies", "none"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("MemoryMax", "8G"),
    ] {
        assert_eq!(service.get(option).map(String::as_str), Some(value), "{option}");
    }
    // an incomplete night is a failure, so that somebody looks
    assert!(!service.contains_key("SuccessExitStatus"));
    let start = &service["ExecStart"];
    let words: Vec<&str> = start.split(' ').skip(1).filter(|word| word.starts_with("--")).collect();
    let help = run(zonelapse().args(["nightly", "--help"])).expect(0).stdout;
    assert!(words.len() == 2 && words.iter().all(|word| help.contains(word)), "{start}");
    let state = format!("state = \"/var/lib/{}\"", service["StateDirectory"]);
    assert!(data("zonelapse.toml").contains(&state), "the template and the service mean the same directory");
    assert_eq!(unit("zonelapse.timer").get("Persistent").map(String::as_str), Some("yes"));
}

/// `systemd-analyze` finds nothing wrong, where there is one.
#[test]
fn the_units_are_sound() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else {
        skip("the units in data/systemd, because there is no systemd-analyze here");
        return;
    };
    let nights = Nights::new();
    for name in ["zonelapse.service", "zonelapse.timer"] {
        let text = data(&format!("systemd/{name}"));
        nights.write(name, &text.replace("/usr/local/bin/zonelapse", env!("CARGO_BIN_EXE_zonelapse")));
    }
    let analyze = |arguments: &[&str]| {
        let mut command = Command::new("systemd-analyze");
        run(command.args(arguments).current_dir(nights.path("")))
    };
    let said = analyze(&["verify", "./zonelapse.service", "./zonelapse.timer"]).expect(0);
    assert_eq!(said.printed(), "");
    // from 250 on, a unit can be judged without being loaded
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let number = version.split(' ').nth(1).and_then(|number| number.parse::<u32>().ok());
    if number.is_some_and(|number| number >= 250) {
        // exposure from 0.0 (none) to 10.0
        analyze(&["security", "--offline=true", "--threshold=10", "./zonelapse.service"]).expect(0);
    }
}
