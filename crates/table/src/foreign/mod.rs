//! C libraries and mapped files, one a module. The only unsafe code of this crate.
//!
//! The clients of databases and directories are loaded when the first table needs them (`library`): other hosts do not pay for them.
#![allow(unsafe_code)]

mod library;
mod lmdb;
mod mapped;
mod mariadb;
mod openldap;
mod postgres;
mod regex;
mod sqlite;

pub(crate) use lmdb::{open_lmdb, resize_lmdb};
pub(crate) use mapped::map;
pub(crate) use mariadb::{Mysql, MysqlError, MysqlOptions};
pub(crate) use openldap::{Ldap, LdapEntry, LdapError, LdapOptions, LdapTls, SaslAnswers};
pub(crate) use postgres::{Postgres, PostgresError};
pub(crate) use regex::PosixRegex;
pub(crate) use sqlite::{Sqlite, SqliteError};
