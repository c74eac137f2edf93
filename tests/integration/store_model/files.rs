//! Zone files and lists with random names.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use zonelapse::time::Day;

use super::{File, HOSTS, Kind, NAMES, Names, Run, serial};

impl Run {
    pub(super) fn new_file(&mut self, day: Day) -> File {
        let rate = 2 + self.dice.roll(8);
        let mut names = Names::new();
        for name in &NAMES[..NAMES.len() - 1] {
            if !self.dice.one_in(rate) {
                let hosts = HOSTS[if self.dice.one_in(3) { self.dice.roll(3) as usize } else { 0 }];
                names.insert(*name, hosts.iter().map(|host| (*host).to_owned()).collect());
            }
        }
        let kind = match self.dice.roll(10) {
            0 | 1 => Kind::Unclosed(self.dice.roll(100) as u32),
            2 => Kind::List,
            _ => Kind::Whole(self.dice.roll(100) as u32),
        };
        if kind == Kind::List {
            // a list without names is a file that cannot be read
            names.values_mut().for_each(Vec::clear);
            names.insert("a", Vec::new());
        }
        let file = File { number: self.files.len() as u64, day, names, kind };
        self.write(&file);
        self.files.push(file.clone());
        file
    }

    pub(super) fn path(&self, file: &File) -> PathBuf {
        match file.kind {
            Kind::List => self.directory.path().join(format!("{}/test.list", file.number)),
            _ => self.directory.path().join(format!("{}/test.zone", file.number)),
        }
    }

    fn write(&self, file: &File) {
        let mut text = String::new();
        if file.kind == Kind::List {
            file.names.keys().for_each(|name| text += &format!("{name}.test\n"));
        } else {
            let number = serial(file).expect("zones have serials").0;
            let soa = format!("test.\t900\tin\tsoa\ta.test. b.test. {number} 1 2 3 4\n");
            text += &soa;
            for (name, hosts) in &file.names {
                hosts.iter().for_each(|host| text += &format!("{name}.test.\t60\tin\tns\t{host}.\n"));
            }
            if matches!(file.kind, Kind::Whole(_)) {
                text += &soa;
            }
        }
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        std::fs::write(&path, text).expect("a file");
        // each of another time: files are told apart by it
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000 + file.number);
        std::fs::File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_modified(time))
            .expect("a time");
    }
}
