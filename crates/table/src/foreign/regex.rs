use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;

/// A compiled POSIX regular expression.
pub(crate) struct PosixRegex {
    compiled: libc::regex_t,
    groups: usize,
}

// SAFETY: regexec(3) is thread-safe in glibc: it takes a lock inside the compiled expression; nothing else here changes it.
unsafe impl Send for PosixRegex {}
// SAFETY: as above.
unsafe impl Sync for PosixRegex {}

/// The byte range of each group; `None` where a group took no part.
pub(crate) type Groups = Vec<Option<(usize, usize)>>;

impl PosixRegex {
    /// Compiles. The error is the C library's text.
    pub(crate) fn new(pattern: &str, extended: bool, ignore_case: bool, newline: bool) -> Result<PosixRegex, String> {
        let text = CString::new(pattern).map_err(|_| "Invalid regular expression".to_owned())?;
        let flag = |on: bool, bit: libc::c_int| if on { bit } else { 0 };
        let flags = flag(extended, libc::REG_EXTENDED) | flag(ignore_case, libc::REG_ICASE) | flag(newline, libc::REG_NEWLINE);
        let mut compiled = MaybeUninit::<libc::regex_t>::zeroed();
        // SAFETY: the pointer is to writable memory of the right type; the text ends with NUL and lives across the call.
        let status = unsafe { libc::regcomp(compiled.as_mut_ptr(), text.as_ptr(), flags) };
        // SAFETY: all-zero is a valid regex_t, and regcomp has filled it in when it succeeded.
        let compiled = unsafe { compiled.assume_init() };
        if status != 0 {
            return Err(message(status, &compiled));
        }
        let groups = group_count(&compiled);
        Ok(PosixRegex { compiled, groups })
    }

    /// The number of parenthesised groups.
    pub(crate) fn groups(&self) -> usize {
        self.groups
    }

    /// Whether the text matches. `Err`: the library had no memory or refused.
    pub(crate) fn is_match(&self, text: &CStr) -> Result<bool, String> {
        // SAFETY: no match array is asked for (0, null); the text ends with NUL.
        self.outcome(unsafe { libc::regexec(&self.compiled, text.as_ptr(), 0, std::ptr::null_mut(), 0) })
    }

    /// The groups of a match, the whole match first.
    pub(crate) fn captures(&self, text: &CStr) -> Result<Option<Groups>, String> {
        let none = libc::regmatch_t { rm_so: -1, rm_eo: -1 };
        let mut found = vec![none; self.groups + 1];
        // SAFETY: the array has as many elements as we say; the text ends with NUL.
        let status = unsafe { libc::regexec(&self.compiled, text.as_ptr(), found.len(), found.as_mut_ptr(), 0) };
        let range = |m: &libc::regmatch_t| Some((usize::try_from(m.rm_so).ok()?, usize::try_from(m.rm_eo).ok()?));
        Ok(self.outcome(status)?.then(|| found.iter().map(range).collect()))
    }

    fn outcome(&self, status: libc::c_int) -> Result<bool, String> {
        match status {
            0 => Ok(true),
            libc::REG_NOMATCH => Ok(false),
            other => Err(message(other, &self.compiled)),
        }
    }
}

impl Drop for PosixRegex {
    fn drop(&mut self) {
        // SAFETY: compiled by regcomp, freed once.
        unsafe { libc::regfree(&mut self.compiled) }
    }
}

/// `re_nsub` of regex.h, which the libc crate keeps private on glibc.
fn group_count(compiled: &libc::regex_t) -> usize {
    /// glibc's struct re_pattern_buffer as far as `re_nsub` (regex.h; part of its ABI).
    #[repr(C)]
    struct PatternBuffer {
        buffer: *mut libc::c_void,
        allocated: libc::c_ulong,
        used: libc::c_ulong,
        syntax: libc::c_ulong,
        fastmap: *mut libc::c_char,
        translate: *mut libc::c_uchar,
        re_nsub: libc::size_t,
    }
    const { assert!(size_of::<PatternBuffer>() <= size_of::<libc::regex_t>()) };
    // SAFETY: regex_t is re_pattern_buffer on glibc, at least as large and as strictly aligned as the prefix above.
    unsafe { (*std::ptr::from_ref(compiled).cast::<PatternBuffer>()).re_nsub }
}

fn message(status: libc::c_int, compiled: &libc::regex_t) -> String {
    let mut text = [0 as libc::c_char; 256];
    // SAFETY: the buffer has the length that we say, and regerror ends it with NUL.
    unsafe {
        libc::regerror(status, compiled, text.as_mut_ptr(), text.len());
        CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posix_rules() {
        let re = PosixRegex::new("(a|ab)(x)?", true, true, false).expect("compiles");
        assert_eq!(re.groups(), 2);
        // Leftmost-longest: "ab", not "a".
        assert_eq!(re.captures(c"-ABCD").expect("runs"), Some(vec![Some((1, 3)), Some((1, 3)), None]));
        assert_eq!(re.is_match(c"x"), Ok(false));
        assert_eq!(PosixRegex::new("(bad", true, false, false).err().as_deref(), Some("Unmatched ( or \\("));
        let back = PosixRegex::new("\\(.\\)\\1", false, false, false).expect("back-references");
        assert_eq!(back.is_match(c"xaay"), Ok(true));
    }
}
