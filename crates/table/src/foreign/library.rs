use std::ffi::{CStr, c_void};

/// A shared library that is loaded when the first table needs it, and then stays. Hosts that use no such table pay nothing for it.
pub(super) struct Library(*mut c_void);

impl Library {
    /// Loads the first library of a list that is there.
    ///
    /// # Errors
    /// What the loader says, and the Debian package that has the library.
    pub(super) fn open(names: &[&CStr], package: &str) -> Result<Library, String> {
        for name in names {
            // SAFETY: the name ends with NUL. The libraries named in this folder have no initialisers that depend on our state.
            let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
            if !handle.is_null() {
                return Ok(Library(handle));
            }
        }
        Err(format!("{}; install the package {package}", reason()))
    }

    /// The address of a function.
    ///
    /// # Errors
    /// The library has no such function: it is of another version.
    ///
    /// # Safety
    /// `F` is the function pointer type of the function's C declaration.
    pub(super) unsafe fn function<F: Copy>(&self, name: &CStr) -> Result<F, String> {
        assert_eq!(size_of::<F>(), size_of::<*mut c_void>(), "a function pointer");
        // SAFETY: the handle came from dlopen and is never closed, the name ends with NUL.
        let address = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        if address.is_null() {
            return Err(reason());
        }
        // SAFETY: same size, checked above; the caller answers for the type.
        Ok(unsafe { std::mem::transmute_copy(&address) })
    }
}

/// Why the loader failed last, on this thread.
fn reason() -> String {
    // SAFETY: dlerror gives NULL or a string that stays until the next call of the loader on this thread.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { "cannot load a library".to_owned() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

/// Declares the functions that are used of a C library, and loads it at the first use.
macro_rules! c_library {
    ($(#[$meta:meta])* $name:ident from [$($file:literal),+] of $package:literal { $(fn $f:ident($($a:ty),* $(,)?) $(-> $r:ty)?;)* }) => {
        $(#[$meta])*
        #[allow(non_snake_case)]
        struct $name { $($f: unsafe extern "C" fn($($a),*) $(-> $r)?,)* }

        impl $name {
            /// The loaded library.
            fn get() -> Result<&'static $name, String> {
                static LOADED: std::sync::LazyLock<Result<$name, String>> = std::sync::LazyLock::new($name::load);
                LOADED.as_ref().map_err(Clone::clone)
            }

            fn load() -> Result<$name, String> {
                let library = super::library::Library::open(&[$($file),+], $package)?;
                // SAFETY: the types are those of the library's header files.
                unsafe { Ok($name { $($f: library.function(std::ffi::CStr::from_bytes_with_nul_unchecked(concat!(stringify!($f), "\0").as_bytes()))?,)* }) }
            }
        }
    };
}
pub(super) use c_library;

/// A C string as text. Bytes that are not UTF-8 are replaced.
///
/// # Safety
/// NULL, or a string that ends with NUL.
pub(super) unsafe fn text_of(string: *const std::ffi::c_char) -> String {
    // SAFETY: the caller's promise.
    if string.is_null() { String::new() } else { unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned() }
}

/// Bytes of a result as text.
///
/// # Errors
/// They are not UTF-8.
///
/// # Safety
/// `start` points to `length` readable bytes.
pub(super) unsafe fn value_of(start: *const u8, length: usize) -> Result<String, String> {
    if start.is_null() || length == 0 {
        return Ok(String::new());
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { std::slice::from_raw_parts(start, length) };
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| "a result is not UTF-8".to_owned())
}
