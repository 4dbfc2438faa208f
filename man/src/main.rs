//! man - makes the manual pages and completions
//!
//! `man SOURCE OUT` reads the source tree, and writes `man1`, `man5`, `man8` and `completions` below OUT. `make build` and `make install` call it.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = sys::arguments().into_iter().skip(1).collect();
    let [source, out] = words.as_slice() else {
        eprintln!("usage: man SOURCE OUT");
        return ExitCode::FAILURE;
    };
    let done = man::make(Path::new(source)).and_then(|files| man::write(&files, Path::new(out)).map_err(|e| format!("{out}: {e}")));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("man: {e}");
            ExitCode::FAILURE
        }
    }
}
