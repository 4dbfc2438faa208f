//! Tables that ask a server: the real server of Debian's packages, and both systems' answers to the same questions. Each kind is a directory in
//! `tests/servers`.

use std::path::Path;

use tests::{Script, alone};

fn run(test: &str) {
    if alone(test) {
        Script::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("servers").join(test)).compare();
    }
}

#[test]
fn pgsql() {
    run("pgsql");
}

#[test]
fn mysql() {
    run("mysql");
}

#[test]
fn sqlite() {
    run("sqlite");
}

#[test]
fn ldap() {
    run("ldap");
}

#[test]
fn memcache() {
    run("memcache");
}

#[test]
fn sockets() {
    run("sockets");
}

#[test]
fn tls() {
    run("tls");
}
