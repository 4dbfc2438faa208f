use std::ffi::{CString, c_char, c_int, c_void};
use std::os::fd::BorrowedFd;
use std::ptr;
use std::time::{Duration, Instant};

use super::library::{c_library, text_of, value_of};

c_library! {
    /// libpq-fe.h
    Libpq from [c"libpq.so.5"] of "libpq5" {
        fn PQconnectdbParams(*const *const c_char, *const *const c_char, c_int) -> *mut c_void;
        fn PQstatus(*const c_void) -> c_int;
        fn PQerrorMessage(*const c_void) -> *const c_char;
        fn PQfinish(*mut c_void);
        fn PQsetClientEncoding(*mut c_void, *const c_char) -> c_int;
        fn PQescapeStringConn(*mut c_void, *mut c_char, *const c_char, usize, *mut c_int) -> usize;
        fn PQsendQuery(*mut c_void, *const c_char) -> c_int;
        fn PQsocket(*const c_void) -> c_int;
        fn PQconsumeInput(*mut c_void) -> c_int;
        fn PQisBusy(*mut c_void) -> c_int;
        fn PQgetResult(*mut c_void) -> *mut c_void;
        fn PQresultStatus(*const c_void) -> c_int;
        fn PQresultErrorMessage(*const c_void) -> *const c_char;
        fn PQntuples(*const c_void) -> c_int;
        fn PQnfields(*const c_void) -> c_int;
        fn PQgetisnull(*const c_void, c_int, c_int) -> c_int;
        fn PQgetvalue(*const c_void, c_int, c_int) -> *const u8;
        fn PQgetlength(*const c_void, c_int, c_int) -> c_int;
        fn PQclear(*mut c_void);
    }
}

/// A connection to a PostgreSQL server. Used by one thread at a time.
pub(crate) struct Postgres {
    library: &'static Libpq,
    connection: *mut c_void,
}

// SAFETY: libpq is thread-safe as long as one connection is used by one thread at a time.
unsafe impl Send for Postgres {}

/// Why a query gave no rows.
pub(crate) struct PostgresError {
    /// What the server or the library says.
    pub(crate) text: String,
    /// The connection is of no more use.
    pub(crate) lost: bool,
}

impl Postgres {
    /// Loads the library, while its file can still be reached.
    pub(crate) fn load() -> Result<(), String> {
        Libpq::get().map(drop)
    }

    /// Connects with the library's own parameters (`host`, `port`, `dbname`, ...). A `dbname` that is a connection URI is taken apart.
    pub(crate) fn connect(parameters: &[(&str, &str)]) -> Result<Postgres, String> {
        let library = Libpq::get()?;
        let owned = |texts: Vec<&str>| texts.into_iter().map(CString::new).collect::<Result<Vec<_>, _>>().map_err(|_| "a parameter with NUL".to_owned());
        let (names, values) = parameters.iter().copied().unzip();
        let (names, values) = (owned(names)?, owned(values)?);
        let pointers = |texts: &[CString]| texts.iter().map(|t| t.as_ptr()).chain([ptr::null()]).collect::<Vec<_>>();
        // SAFETY: both arrays end with NULL and live through the call.
        unsafe {
            let connection = (library.PQconnectdbParams)(pointers(&names).as_ptr(), pointers(&values).as_ptr(), 1);
            if connection.is_null() {
                return Err("out of memory".to_owned());
            }
            let connected = Postgres { library, connection };
            if (library.PQstatus)(connection) == CONNECTION_OK { Ok(connected) } else { Err(connected.message()) }
        }
    }

    /// Says what encoding queries and results have.
    pub(crate) fn set_encoding(&self, encoding: &str) -> Result<(), String> {
        let encoding = CString::new(encoding).map_err(|_| "an encoding with NUL".to_owned())?;
        // SAFETY: the connection is live, the name ends with NUL.
        let status = unsafe { (self.library.PQsetClientEncoding)(self.connection, encoding.as_ptr()) };
        if status == 0 { Ok(()) } else { Err(self.message()) }
    }

    /// A text for between single quotes, by the rules of this connection.
    pub(crate) fn escape(&self, text: &str) -> Result<String, String> {
        let mut out = vec![0u8; 2 * text.len() + 1];
        let mut failed = 0;
        // SAFETY: the library writes at most twice the length and a NUL.
        let length = unsafe { (self.library.PQescapeStringConn)(self.connection, out.as_mut_ptr().cast(), text.as_ptr().cast(), text.len(), &mut failed) };
        if failed != 0 {
            return Err(self.message());
        }
        out.truncate(length);
        String::from_utf8(out).map_err(|_| "the key cannot be quoted".to_owned())
    }

    /// Every column of every row, row by row; `None` for NULL. A command without a result gives no rows.
    pub(crate) fn query(&self, sql: &str, limit: Duration) -> Result<Vec<Option<String>>, PostgresError> {
        let sql = CString::new(sql).map_err(|_| PostgresError { text: "a query with NUL".to_owned(), lost: false })?;
        // SAFETY: the connection is live; each result is cleared once and not used after.
        unsafe {
            if (self.library.PQsendQuery)(self.connection, sql.as_ptr()) == 0 {
                return Err(self.lost());
            }
            let mut answer = Ok(Vec::new());
            let end = Instant::now() + limit;
            loop {
                self.wait(end)?;
                let result = (self.library.PQgetResult)(self.connection);
                if result.is_null() {
                    break;
                }
                // The last result counts, but for an error.
                if answer.is_ok() {
                    answer = self.rows(result);
                }
                (self.library.PQclear)(result);
            }
            answer
        }
    }

    /// Waits until the next result is complete.
    fn wait(&self, end: Instant) -> Result<(), PostgresError> {
        // SAFETY: the connection is live, and its descriptor with it.
        unsafe {
            while (self.library.PQisBusy)(self.connection) != 0 {
                let left = end.saturating_duration_since(Instant::now());
                let descriptor = (self.library.PQsocket)(self.connection);
                if descriptor < 0 {
                    return Err(self.lost());
                }
                match sys::poll_readable(&[BorrowedFd::borrow_raw(descriptor)], Some(left)) {
                    Ok(Some(_)) if (self.library.PQconsumeInput)(self.connection) == 0 => return Err(self.lost()),
                    Ok(Some(_)) => {}
                    Ok(None) => return Err(PostgresError { text: "timeout".to_owned(), lost: true }),
                    Err(e) => return Err(PostgresError { text: sys::strerror(&e), lost: true }),
                }
            }
        }
        Ok(())
    }

    /// # Safety
    /// A live result of this connection.
    unsafe fn rows(&self, result: *mut c_void) -> Result<Vec<Option<String>>, PostgresError> {
        let library = self.library;
        // SAFETY: rows and columns are within what the result says it has.
        unsafe {
            match (library.PQresultStatus)(result) {
                COMMAND_OK => return Ok(Vec::new()),
                TUPLES_OK => {}
                _ => {
                    let text = text_of((library.PQresultErrorMessage)(result));
                    return Err(PostgresError { text, lost: (library.PQstatus)(self.connection) != CONNECTION_OK });
                }
            }
            let (rows, columns) = ((library.PQntuples)(result), (library.PQnfields)(result));
            let mut out = Vec::new();
            for (row, column) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
                if (library.PQgetisnull)(result, row, column) != 0 {
                    out.push(None);
                    continue;
                }
                let length = usize::try_from((library.PQgetlength)(result, row, column)).unwrap_or(0);
                let value = value_of((library.PQgetvalue)(result, row, column), length);
                out.push(Some(value.map_err(|text| PostgresError { text, lost: false })?));
            }
            Ok(out)
        }
    }

    fn lost(&self) -> PostgresError {
        PostgresError { text: self.message(), lost: true }
    }

    fn message(&self) -> String {
        // SAFETY: the connection is live.
        unsafe { text_of((self.library.PQerrorMessage)(self.connection)) }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SAFETY: the last use of the connection.
        unsafe { (self.library.PQfinish)(self.connection) }
    }
}

const CONNECTION_OK: c_int = 0;
const COMMAND_OK: c_int = 1;
const TUPLES_OK: c_int = 2;
