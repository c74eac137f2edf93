//! The limit: flate2 inflating a gzip file to nowhere, on one thread. The peer of `benches/snapshot.py`.

use std::io::Read;

fn main() {
    let path = std::env::args_os().nth(1).expect("a gzip file");
    let mut text =
        flate2::read::MultiGzDecoder::new(std::fs::File::open(path).expect("a file that can be read"));
    let mut buffer = vec![0; 256 << 10];
    while text.read(&mut buffer).expect("a whole gzip file") > 0 {}
}
