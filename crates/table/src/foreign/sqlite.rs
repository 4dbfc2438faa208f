use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;

use super::library::{c_library, text_of, value_of};

c_library! {
    /// sqlite3.h
    Sqlite3 from [c"libsqlite3.so.0"] of "libsqlite3-0" {
        fn sqlite3_open_v2(*const c_char, *mut *mut c_void, c_int, *const c_char) -> c_int;
        fn sqlite3_busy_timeout(*mut c_void, c_int) -> c_int;
        fn sqlite3_close(*mut c_void) -> c_int;
        fn sqlite3_errmsg(*mut c_void) -> *const c_char;
        fn sqlite3_prepare_v2(*mut c_void, *const c_char, c_int, *mut *mut c_void, *mut *const c_char) -> c_int;
        fn sqlite3_step(*mut c_void) -> c_int;
        fn sqlite3_column_text(*mut c_void, c_int) -> *const u8;
        fn sqlite3_column_bytes(*mut c_void, c_int) -> c_int;
        fn sqlite3_finalize(*mut c_void) -> c_int;
    }
}

/// An open SQLite database. Used by one thread at a time.
pub(crate) struct Sqlite {
    library: &'static Sqlite3,
    database: *mut c_void,
}

// SAFETY: opened with FULLMUTEX; a connection may move between threads.
unsafe impl Send for Sqlite {}

/// Why a query gave no rows.
pub(crate) enum SqliteError {
    /// The query makes no sense to the database.
    Prepare(String),
    /// It could not be carried out.
    Step(String),
}

impl Sqlite {
    /// Opens a database that exists.
    pub(crate) fn open(path: &str) -> Result<Sqlite, String> {
        let library = Sqlite3::get()?;
        let path = CString::new(path).map_err(|_| "a path with NUL".to_owned())?;
        let mut database = ptr::null_mut();
        // SAFETY: the path ends with NUL; a handle is given even on failure, and closed when the value is dropped.
        unsafe {
            let status = (library.sqlite3_open_v2)(path.as_ptr(), &mut database, OPEN_READWRITE | OPEN_FULLMUTEX, ptr::null());
            let opened = Sqlite { library, database };
            if status != OK {
                return Err(opened.message());
            }
            (library.sqlite3_busy_timeout)(database, BUSY_MILLISECONDS);
            Ok(opened)
        }
    }

    /// Loads the library, while its file can still be reached.
    pub(crate) fn load() -> Result<(), String> {
        Sqlite3::get().map(drop)
    }

    /// The first column of every row; `None` for NULL.
    pub(crate) fn query(&self, sql: &str) -> Result<Vec<Option<String>>, SqliteError> {
        let length = c_int::try_from(sql.len()).map_err(|_| SqliteError::Prepare("the query is too long".to_owned()))?;
        let mut statement = ptr::null_mut();
        // SAFETY: the text has `length` bytes; the statement is finalized on every way out, its columns are read before the next step.
        unsafe {
            if (self.library.sqlite3_prepare_v2)(self.database, sql.as_ptr().cast(), length, &mut statement, ptr::null_mut()) != OK {
                return Err(SqliteError::Prepare(self.message()));
            }
            let rows = self.rows(statement);
            (self.library.sqlite3_finalize)(statement);
            rows
        }
    }

    /// # Safety
    /// A prepared statement, or NULL for an empty one.
    unsafe fn rows(&self, statement: *mut c_void) -> Result<Vec<Option<String>>, SqliteError> {
        let mut rows = Vec::new();
        if statement.is_null() {
            return Ok(rows);
        }
        loop {
            // SAFETY: the statement is live; text and length belong to the row of the last step.
            unsafe {
                match (self.library.sqlite3_step)(statement) {
                    ROW => {
                        let text = (self.library.sqlite3_column_text)(statement, 0);
                        let length = usize::try_from((self.library.sqlite3_column_bytes)(statement, 0)).unwrap_or(0);
                        rows.push(if text.is_null() { None } else { Some(value_of(text, length).map_err(SqliteError::Step)?) });
                    }
                    DONE => return Ok(rows),
                    _ => return Err(SqliteError::Step(self.message())),
                }
            }
        }
    }

    fn message(&self) -> String {
        // SAFETY: the handle is live, or NULL for want of memory, which the library knows.
        unsafe { text_of((self.library.sqlite3_errmsg)(self.database)) }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // SAFETY: no statement is open: query finalizes its own.
        unsafe {
            (self.library.sqlite3_close)(self.database);
        }
    }
}

const OK: c_int = 0;
const ROW: c_int = 100;
const DONE: c_int = 101;
const OPEN_READWRITE: c_int = 2;
const OPEN_FULLMUTEX: c_int = 0x10000;
/// How long a lookup waits for a writer.
const BUSY_MILLISECONDS: c_int = 5000;
