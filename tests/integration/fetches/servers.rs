//! Real servers: `openssl` with a certificate nobody signed, and nginx.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use zonelapse::rdap::{Context, read_answer};
use zonelapse::time::Moment;

use super::{contains, fetch, outcomes, wait_for};
use crate::support::{Bench, Run, corpus, fixture, found, read_parquet, rows, run, skip, zonelapse};

/// A server with a certificate that nobody signed.
#[test]
fn a_bad_certificate() {
    let bench = Bench::new();
    let (key, certificate) = (bench.path("key.pem"), bench.path("certificate.pem"));
    let mut make = Command::new("openssl");
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]);
    make.args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"]).arg(&key).arg("-out").arg(&certificate);
    if !make.output().is_ok_and(|output| output.status.success()) {
        return skip("no `openssl` to make a certificate");
    }
    let port = free_port();
    let mut server = Command::new("openssl");
    server.args(["s_server", "-quiet", "-www", "-accept", &format!("127.0.0.1:{port}"), "-key"]);
    server.arg(&key).arg("-cert").arg(&certificate).stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = server.spawn().expect("a server");
    wait_for("the server", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let said = run(&mut fetch(&bench, &[("com", format!("https://127.0.0.1:{port}/"))], &["a.com"]));
    server.kill().expect("it can be killed");
    server.wait().expect("it ends");
    contains(&said.expect(1).stdout, &["first error: a.com: cannot connect: ", "certificate"]);
    assert_eq!(outcomes(&bench), ["a.com error"]);
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// nginx, serving answers by their path: those of the fixtures, and real ones where they are at hand.
#[test]
fn a_real_server() {
    let bench = Bench::new();
    let folders = [Some(fixture("rdap/found")), corpus("rdap/real")];
    if Command::new("nginx").arg("-v").output().is_err() {
        return skip("no `nginx`");
    }
    let mut names = Vec::new();
    for file in folders.into_iter().flatten().flat_map(|folder| fs::read_dir(folder).expect("a folder")) {
        let bytes = fs::read(file.expect("a file").path()).expect("readable");
        let context = Context { file_name_domain: None, file_time: Moment(0) };
        let name = String::from(read_answer(&bytes, &context).expect("an answer").name);
        bench.write(&format!("www/domain/{name}"), &bytes);
        names.push(name);
    }
    names.sort();
    names.dedup();
    let port = free_port();
    let configuration = format!(
        "daemon off; master_process off; pid {0}/nginx.pid; error_log {0}/error.log;\nevents {{}}\nhttp {{ access_log {0}/access.log;\n\
         client_body_temp_path {0}/t1; proxy_temp_path {0}/t2; fastcgi_temp_path {0}/t3; uwsgi_temp_path {0}/t4; scgi_temp_path {0}/t5;\n\
         gzip on; gzip_types application/rdap+json; default_type application/rdap+json;\n\
         server {{ listen 127.0.0.1:{port}; root {0}/www; }} }}\n",
        bench.path("").display()
    );
    let path = bench.write("nginx.conf", configuration.as_bytes());
    // the workers' files must be readable by whomever nginx runs as
    let mut server = Command::new("nginx");
    server.arg("-c").arg(&path).stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = server.spawn().expect("nginx starts");
    wait_for("nginx", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let endings: Vec<String> =
        names.iter().filter_map(|name| name.rsplit('.').next()).map(str::to_owned).collect();
    let servers: Vec<(&str, String)> =
        endings.iter().map(|ending| (ending.as_str(), format!("http://127.0.0.1:{port}/"))).collect();
    let mut what: Vec<&str> = names.iter().map(String::as_str).collect();
    what.push("missing.com");
    let said = run(&mut fetch(&bench, &servers, &what));
    server.kill().expect("it can be killed");
    server.wait().expect("it ends");
    // nginx says 404 in HTML, which proves nothing
    let said = said.expect(1).stdout;
    contains(&said, &["missing.com: http status 404: the body is not JSON", "do not quite follow RFC 9083"]);
    let (fetched, files) = (bench.path("fetched.parquet"), bench.path("files.parquet"));
    let import = |input: &Path, output: &Path| -> Run {
        run(zonelapse().args(["rdap", "import"]).arg(input).arg("-o").arg(output)).expect(0)
    };
    import(&bench.path("fetched.ndjson"), &fetched);
    fs::create_dir(bench.path("files")).expect("a directory");
    for name in &names {
        let to = bench.path(&format!("files/{name}.json"));
        fs::copy(bench.path(&format!("www/domain/{name}")), to).expect("a copy");
    }
    import(&bench.path("files"), &files);
    let columns = ["domain", "registrar", "registrar_iana_id", "note"];
    let known = |table: &Path| -> Vec<String> {
        let rows = rows(&read_parquet(table), &columns);
        rows.into_iter().filter(|row| !row.starts_with("missing.com ")).collect()
    };
    assert_eq!(known(&fetched), known(&files));
    assert_eq!(known(&fetched).len(), names.len());
    // an answer from elsewhere would not be this one's: its source is told
    assert!(found("x.com", "active").contains("rdap.verisign.com"));
}
