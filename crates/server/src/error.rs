use std::io;

/// Why a service could not start. One fatal log line; master waits before it tries again.
#[derive(Debug)]
pub struct StartError(String);

impl StartError {
    /// What was tried, on what, and what went wrong.
    pub fn new(text: impl Into<String>) -> StartError {
        StartError(text.into())
    }

    /// A system call failed.
    pub(crate) fn when(what: &'static str) -> impl Fn(io::Error) -> StartError {
        move |e| StartError::new(format!("{what}: {e}"))
    }
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}
