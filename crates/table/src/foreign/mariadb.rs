use std::ffi::{CString, c_char, c_int, c_uint, c_ulong, c_void};
use std::ptr;
use std::time::Duration;

use super::library::{c_library, text_of, value_of};

c_library! {
    /// mysql.h of MariaDB Connector/C
    LibMariadb from [c"libmariadb.so.3"] of "libmariadb3" {
        fn mysql_server_init(c_int, *mut *mut c_char, *mut *mut c_char) -> c_int;
        fn mysql_init(*mut c_void) -> *mut c_void;
        fn mysql_options(*mut c_void, c_int, *const c_void) -> c_int;
        fn mysql_ssl_set(*mut c_void, *const c_char, *const c_char, *const c_char, *const c_char, *const c_char) -> c_char;
        fn mysql_real_connect(*mut c_void, *const c_char, *const c_char, *const c_char, *const c_char, c_uint, *const c_char, c_ulong) -> *mut c_void;
        fn mysql_real_escape_string(*mut c_void, *mut c_char, *const c_char, c_ulong) -> c_ulong;
        fn mysql_real_query(*mut c_void, *const c_char, c_ulong) -> c_int;
        fn mysql_store_result(*mut c_void) -> *mut c_void;
        fn mysql_next_result(*mut c_void) -> c_int;
        fn mysql_num_fields(*mut c_void) -> c_uint;
        fn mysql_fetch_row(*mut c_void) -> *const *const u8;
        fn mysql_fetch_lengths(*mut c_void) -> *const c_ulong;
        fn mysql_free_result(*mut c_void);
        fn mysql_errno(*mut c_void) -> c_uint;
        fn mysql_error(*mut c_void) -> *const c_char;
        fn mysql_close(*mut c_void);
    }
}

/// How to reach a MySQL or MariaDB server, in the library's terms. Empty texts are left out.
#[derive(Debug, Default)]
pub(crate) struct MysqlOptions {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) dbname: String,
    pub(crate) charset: String,
    pub(crate) option_file: String,
    pub(crate) option_group: String,
    pub(crate) key_file: String,
    pub(crate) cert_file: String,
    pub(crate) ca_file: String,
    pub(crate) ca_path: String,
    pub(crate) ciphers: String,
    pub(crate) verify: bool,
    /// For connecting, and for each read and write.
    pub(crate) limit: Duration,
}

/// A connection to a MySQL or MariaDB server. Used by one thread at a time.
pub(crate) struct Mysql {
    library: &'static LibMariadb,
    connection: *mut c_void,
}

// SAFETY: the library is thread-safe as long as one connection is used by one thread at a time.
unsafe impl Send for Mysql {}

/// Why a query gave no rows.
pub(crate) struct MysqlError {
    /// What the server or the library says.
    pub(crate) text: String,
    /// The connection is of no more use.
    pub(crate) lost: bool,
}

impl Mysql {
    /// Loads and initialises the library, while its file can still be reached.
    pub(crate) fn load() -> Result<(), String> {
        library().map(drop)
    }

    /// Connects to `host` and `port` by TCP, or to a Unix socket.
    pub(crate) fn connect(host: &str, port: u16, socket: Option<&str>, options: &MysqlOptions) -> Result<Mysql, String> {
        let library = library()?;
        // SAFETY: NULL asks for a new handle; it is closed when the value is dropped.
        let connection = unsafe { (library.mysql_init)(ptr::null_mut()) };
        if connection.is_null() {
            return Err("out of memory".to_owned());
        }
        let made = Mysql { library, connection };
        made.configure(options)?;
        let (host, user, password, dbname) = (c_text(host)?, c_text(&options.user)?, c_text(&options.password)?, c_text(&options.dbname)?);
        let socket = socket.map(|s| CString::new(s).map_err(|_| WITH_NUL.to_owned())).transpose()?;
        // SAFETY: every text lives through the call and ends with NUL, or is NULL.
        let status = unsafe {
            let socket = socket.as_ref().map_or(ptr::null(), |s| s.as_ptr());
            let host = if socket.is_null() { pointer(&host) } else { ptr::null() };
            (library.mysql_real_connect)(connection, host, pointer(&user), pointer(&password), pointer(&dbname), port.into(), socket, CLIENT_MULTI_RESULTS)
        };
        if status.is_null() { Err(made.message()) } else { Ok(made) }
    }

    fn configure(&self, options: &MysqlOptions) -> Result<(), String> {
        let seconds = c_uint::try_from(options.limit.as_secs().max(1)).unwrap_or(c_uint::MAX);
        for option in [OPT_CONNECT_TIMEOUT, OPT_READ_TIMEOUT, OPT_WRITE_TIMEOUT] {
            // SAFETY: these options take a pointer to an unsigned int, which is copied.
            unsafe { (self.library.mysql_options)(self.connection, option, ptr::from_ref(&seconds).cast()) };
        }
        for (option, text) in [(READ_DEFAULT_FILE, &options.option_file), (READ_DEFAULT_GROUP, &options.option_group), (SET_CHARSET_NAME, &options.charset)] {
            if let Some(text) = c_text(text)? {
                // SAFETY: these options take a string, which is copied.
                unsafe { (self.library.mysql_options)(self.connection, option, text.as_ptr().cast()) };
            }
        }
        let files = [&options.key_file, &options.cert_file, &options.ca_file, &options.ca_path, &options.ciphers];
        if files.iter().any(|f| !f.is_empty()) {
            let [key, cert, ca, path, ciphers] = files.map(|f| c_text(f));
            let (key, cert, ca, path, ciphers) = (key?, cert?, ca?, path?, ciphers?);
            // SAFETY: texts that end with NUL, or NULL; they are copied.
            unsafe { (self.library.mysql_ssl_set)(self.connection, pointer(&key), pointer(&cert), pointer(&ca), pointer(&path), pointer(&ciphers)) };
        }
        let verify = c_char::from(options.verify);
        // SAFETY: takes a pointer to a my_bool (char), which is copied.
        unsafe { (self.library.mysql_options)(self.connection, OPT_SSL_VERIFY_SERVER_CERT, ptr::from_ref(&verify).cast()) };
        Ok(())
    }

    /// A text for between quotes, by the rules and the character set of this connection.
    pub(crate) fn escape(&self, text: &str) -> Result<String, String> {
        let mut out = vec![0u8; 2 * text.len() + 1];
        // SAFETY: the library writes at most twice the length and a NUL.
        let length = unsafe { (self.library.mysql_real_escape_string)(self.connection, out.as_mut_ptr().cast(), text.as_ptr().cast(), text.len() as c_ulong) };
        match usize::try_from(length).ok().filter(|n| *n < out.len()) {
            Some(length) => out.truncate(length),
            None => return Err("the key cannot be quoted".to_owned()),
        }
        String::from_utf8(out).map_err(|_| "the key cannot be quoted".to_owned())
    }

    /// Every column of every row, row by row; `None` for NULL. A query without a result set gives `None` as a whole.
    ///
    /// # Errors
    /// Also more than one result set.
    pub(crate) fn query(&self, sql: &str) -> Result<Option<Vec<Option<String>>>, MysqlError> {
        let library = self.library;
        // SAFETY: the text has this length; each result is freed once and not used after.
        unsafe {
            if (library.mysql_real_query)(self.connection, sql.as_ptr().cast(), sql.len() as c_ulong) != 0 {
                return Err(self.error());
            }
            let mut answer: Result<Option<Vec<Option<String>>>, MysqlError> = Ok(None);
            loop {
                let result = (library.mysql_store_result)(self.connection);
                if !result.is_null() {
                    answer = match answer {
                        Ok(None) => self.rows(result).map(Some),
                        Ok(Some(_)) => Err(MysqlError { text: "query returned multiple result sets".to_owned(), lost: false }),
                        failed => failed,
                    };
                    (library.mysql_free_result)(result);
                } else if (library.mysql_errno)(self.connection) != 0 {
                    return Err(self.error());
                }
                match (library.mysql_next_result)(self.connection) {
                    0 => {}
                    n if n < 0 => return answer,
                    _ => return Err(self.error()),
                }
            }
        }
    }

    /// # Safety
    /// A live, stored result.
    unsafe fn rows(&self, result: *mut c_void) -> Result<Vec<Option<String>>, MysqlError> {
        let library = self.library;
        let mut out = Vec::new();
        // SAFETY: a row has as many columns and lengths as the result has fields; both belong to the row fetched last.
        unsafe {
            let columns = (library.mysql_num_fields)(result) as usize;
            loop {
                let row = (library.mysql_fetch_row)(result);
                if row.is_null() {
                    return Ok(out);
                }
                let lengths = (library.mysql_fetch_lengths)(result);
                for column in 0..columns {
                    let start = *row.add(column);
                    let length = usize::try_from(*lengths.add(column)).unwrap_or(0);
                    let value = if start.is_null() { Ok(None) } else { value_of(start, length).map(Some) };
                    out.push(value.map_err(|text| MysqlError { text, lost: false })?);
                }
            }
        }
    }

    fn error(&self) -> MysqlError {
        // SAFETY: the handle is live.
        let number = unsafe { (self.library.mysql_errno)(self.connection) };
        // Errors of the client side: what was sent or read went wrong on the way.
        MysqlError { text: self.message(), lost: (CLIENT_ERRORS..CLIENT_ERRORS_END).contains(&number) }
    }

    fn message(&self) -> String {
        // SAFETY: the handle is live.
        unsafe { text_of((self.library.mysql_error)(self.connection)) }
    }
}

impl Drop for Mysql {
    fn drop(&mut self) {
        // SAFETY: the last use of the handle.
        unsafe { (self.library.mysql_close)(self.connection) }
    }
}

/// The library, initialised once: mysql_init alone does that too, but not when two threads come first.
fn library() -> Result<&'static LibMariadb, String> {
    static READY: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let library = LibMariadb::get()?;
    // SAFETY: no arguments and no groups.
    let ready = *READY.get_or_init(|| unsafe { (library.mysql_server_init)(0, ptr::null_mut(), ptr::null_mut()) == 0 });
    if ready { Ok(library) } else { Err("libmariadb cannot be initialised".to_owned()) }
}

/// An empty text is no text.
fn c_text(text: &str) -> Result<Option<CString>, String> {
    if text.is_empty() { Ok(None) } else { CString::new(text).map(Some).map_err(|_| WITH_NUL.to_owned()) }
}

fn pointer(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(ptr::null(), |t| t.as_ptr())
}

const WITH_NUL: &str = "a parameter with NUL";
const OPT_CONNECT_TIMEOUT: c_int = 0;
const READ_DEFAULT_FILE: c_int = 4;
const READ_DEFAULT_GROUP: c_int = 5;
const SET_CHARSET_NAME: c_int = 7;
const OPT_READ_TIMEOUT: c_int = 11;
const OPT_WRITE_TIMEOUT: c_int = 12;
const OPT_SSL_VERIFY_SERVER_CERT: c_int = 21;
const CLIENT_MULTI_RESULTS: c_ulong = 1 << 17;
/// CR_MIN_ERROR and CR_MAX_ERROR of errmsg.h.
const CLIENT_ERRORS: c_uint = 2000;
const CLIENT_ERRORS_END: c_uint = 3000;
