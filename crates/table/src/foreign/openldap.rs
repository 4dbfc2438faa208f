use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_ulong, c_void};
use std::ptr;
use std::time::Duration;

use super::library::{c_library, text_of, value_of};

c_library! {
    /// ldap.h and lber.h of OpenLDAP
    LibLdap from [c"libldap.so.2", c"libldap-2.5.so.0"] of "libldap-2.5-0 (libldap2)" {
        fn ldap_initialize(*mut *mut c_void, *const c_char) -> c_int;
        fn ldap_set_option(*mut c_void, c_int, *const c_void) -> c_int;
        fn ldap_get_option(*mut c_void, c_int, *mut c_void) -> c_int;
        fn ldap_start_tls_s(*mut c_void, *mut c_void, *mut c_void) -> c_int;
        fn ldap_sasl_bind(*mut c_void, *const c_char, *const c_char, *const Berval, *mut c_void, *mut c_void, *mut c_int) -> c_int;
        fn ldap_sasl_interactive_bind_s(*mut c_void, *const c_char, *const c_char, *mut c_void, *mut c_void, c_uint, Interact, *mut c_void) -> c_int;
        fn ldap_search_ext(
            *mut c_void, *const c_char, c_int, *const c_char, *const *const c_char, c_int, *mut c_void, *mut c_void, *const libc::timeval, c_int, *mut c_int,
        ) -> c_int;
        fn ldap_result(*mut c_void, c_int, c_int, *const libc::timeval, *mut *mut c_void) -> c_int;
        fn ldap_parse_result(
            *mut c_void, *mut c_void, *mut c_int, *mut *mut c_char, *mut *mut c_char, *mut c_void, *mut c_void, c_int,
        ) -> c_int;
        fn ldap_abandon_ext(*mut c_void, c_int, *mut c_void, *mut c_void) -> c_int;
        fn ldap_first_entry(*mut c_void, *mut c_void) -> *mut c_void;
        fn ldap_next_entry(*mut c_void, *mut c_void) -> *mut c_void;
        fn ldap_first_attribute(*mut c_void, *mut c_void, *mut *mut c_void) -> *mut c_char;
        fn ldap_next_attribute(*mut c_void, *mut c_void, *mut c_void) -> *mut c_char;
        fn ldap_get_values_len(*mut c_void, *mut c_void, *const c_char) -> *const *const Berval;
        fn ldap_value_free_len(*const *const Berval);
        fn ldap_memfree(*mut c_char);
        fn ldap_err2string(c_int) -> *const c_char;
        fn ldap_unbind_ext_s(*mut c_void, *mut c_void, *mut c_void) -> c_int;
        fn ber_free(*mut c_void, c_int);
    }
}

/// lber.h: a counted string.
#[repr(C)]
struct Berval {
    length: c_ulong,
    value: *const c_char,
}

/// sasl.h: one question of a mechanism.
#[repr(C)]
struct SaslInteract {
    id: c_ulong,
    challenge: *const c_char,
    prompt: *const c_char,
    default: *const c_char,
    result: *const c_void,
    length: c_uint,
}

type Interact = unsafe extern "C" fn(*mut c_void, c_uint, *mut c_void, *mut c_void) -> c_int;

/// How a connection is set up, in the library's terms. Empty texts are left out.
#[derive(Debug, Default)]
pub(crate) struct LdapOptions {
    /// URIs with blanks between them; tried in order.
    pub(crate) servers: String,
    pub(crate) version: i32,
    pub(crate) limit: Duration,
    pub(crate) size_limit: i32,
    pub(crate) dereference: i32,
    pub(crate) referrals: bool,
    pub(crate) debug: i32,
    pub(crate) start_tls: bool,
    /// None: TLS is not used.
    pub(crate) tls: Option<LdapTls>,
}

/// The settings of TLS.
#[derive(Debug, Default)]
pub(crate) struct LdapTls {
    pub(crate) ca_dir: String,
    pub(crate) ca_file: String,
    pub(crate) cert: String,
    pub(crate) key: String,
    pub(crate) ciphers: String,
    pub(crate) random_file: String,
    pub(crate) verify: bool,
}

/// What a SASL mechanism may be told.
#[derive(Debug, Default)]
pub(crate) struct SaslAnswers {
    pub(crate) mechanisms: String,
    pub(crate) realm: String,
    pub(crate) authorize: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) min_strength: u32,
}

/// A result code with its text, as OpenLDAP has it.
#[derive(Clone, Debug)]
pub(crate) struct LdapError {
    pub(crate) code: i32,
    pub(crate) text: String,
    /// What the server adds.
    pub(crate) detail: String,
}

/// One entry of a search: attributes in the server's order, each with its values as they came.
pub(crate) type LdapEntry = Vec<(String, Vec<Result<String, String>>)>;

/// A connection to LDAP servers. Used by one thread at a time.
pub(crate) struct Ldap {
    library: &'static LibLdap,
    handle: *mut c_void,
    limit: Duration,
}

// SAFETY: libldap is thread-safe as long as one handle is used by one thread at a time.
unsafe impl Send for Ldap {}

impl Ldap {
    /// Loads the library, while its file can still be reached.
    pub(crate) fn load() -> Result<(), String> {
        LibLdap::get().map(drop)
    }

    /// Makes a handle; the library connects with the first request.
    pub(crate) fn open(options: &LdapOptions) -> Result<Ldap, LdapError> {
        let library = LibLdap::get().map_err(local)?;
        let servers = c_string(&options.servers)?;
        let mut handle = ptr::null_mut();
        // SAFETY: the URIs end with NUL.
        let status = unsafe { (library.ldap_initialize)(&mut handle, servers.as_ptr()) };
        if status != SUCCESS {
            return Err(named(library, status));
        }
        let made = Ldap { library, handle, limit: options.limit };
        made.configure(options)?;
        Ok(made)
    }

    fn configure(&self, options: &LdapOptions) -> Result<(), LdapError> {
        let limit = timeval(self.limit);
        // SAFETY: a timeval, which is copied.
        self.checked(unsafe { (self.library.ldap_set_option)(self.handle, OPT_NETWORK_TIMEOUT, ptr::from_ref(&limit).cast()) })?;
        // SAFETY: the same.
        self.checked(unsafe { (self.library.ldap_set_option)(self.handle, OPT_TIMEOUT, ptr::from_ref(&limit).cast()) })?;
        for (option, value) in [(OPT_PROTOCOL_VERSION, options.version), (OPT_SIZELIMIT, options.size_limit), (OPT_DEREF, options.dereference)] {
            self.set_int(option, value)?;
        }
        if options.debug != 0 {
            self.set_int(OPT_DEBUG_LEVEL, options.debug)?;
        }
        // LDAP_OPT_ON is a marker that is not NULL, LDAP_OPT_OFF is NULL.
        let on: *const c_void = if options.referrals { ptr::from_ref(&ON).cast() } else { ptr::null() };
        // SAFETY: a switch.
        self.checked(unsafe { (self.library.ldap_set_option)(self.handle, OPT_REFERRALS, on) })?;
        if let Some(tls) = &options.tls {
            self.configure_tls(tls)?;
        }
        if options.start_tls {
            // SAFETY: no controls.
            self.checked(unsafe { (self.library.ldap_start_tls_s)(self.handle, ptr::null_mut(), ptr::null_mut()) })?;
        }
        Ok(())
    }

    fn configure_tls(&self, tls: &LdapTls) -> Result<(), LdapError> {
        let texts = [
            (OPT_TLS_CACERTDIR, &tls.ca_dir),
            (OPT_TLS_CACERTFILE, &tls.ca_file),
            (OPT_TLS_CERTFILE, &tls.cert),
            (OPT_TLS_KEYFILE, &tls.key),
            (OPT_TLS_CIPHER_SUITE, &tls.ciphers),
            (OPT_TLS_RANDOM_FILE, &tls.random_file),
        ];
        for (option, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
            let text = c_string(text)?;
            // SAFETY: a text, which is copied.
            self.checked(unsafe { (self.library.ldap_set_option)(self.handle, *option, text.as_ptr().cast()) })?;
        }
        self.set_int(OPT_TLS_REQUIRE_CERT, if tls.verify { TLS_DEMAND } else { TLS_NEVER })?;
        // The settings above count once a new context is made of them; 0 says that we are a client.
        self.set_int(OPT_TLS_NEWCTX, 0)
    }

    /// Logs in with a name and a password; both may be empty.
    pub(crate) fn bind(&self, dn: &str, password: &str) -> Result<(), LdapError> {
        let dn = c_string(dn)?;
        let password = Berval { length: password.len() as c_ulong, value: password.as_ptr().cast() };
        let mut id = 0;
        // SAFETY: name and password live through the call; no mechanism (NULL) is a simple bind.
        let status = unsafe {
            let no = ptr::null_mut();
            (self.library.ldap_sasl_bind)(self.handle, dn.as_ptr(), ptr::null(), &password, no, no, &mut id)
        };
        self.checked(status)?;
        let result = self.wait(id)?;
        self.finish(result)
    }

    /// Logs in by SASL. The library waits as long as it sees fit.
    pub(crate) fn bind_sasl(&self, dn: &str, answers: &SaslAnswers) -> Result<(), LdapError> {
        let (dn, mechanisms) = (c_string(dn)?, c_string(&answers.mechanisms)?);
        let texts = SaslTexts {
            realm: c_string(&answers.realm)?,
            authorize: c_string(&answers.authorize)?,
            user: c_string(&answers.user)?,
            password: c_string(&answers.password)?,
        };
        let strength = c_ulong::from(answers.min_strength);
        let or_null = |t: &CStr| if t.is_empty() { ptr::null() } else { t.as_ptr() };
        // SAFETY: the texts outlive the call, which alone calls `answer_sasl`; the strength is copied.
        let status = unsafe {
            if answers.min_strength > 0 {
                self.checked((self.library.ldap_set_option)(self.handle, OPT_SASL_SSF_MIN, ptr::from_ref(&strength).cast()))?;
            }
            let no = ptr::null_mut();
            let texts = ptr::from_ref(&texts).cast_mut().cast();
            (self.library.ldap_sasl_interactive_bind_s)(self.handle, or_null(&dn), or_null(&mechanisms), no, no, SASL_QUIET, answer_sasl, texts)
        };
        self.checked(status)
    }

    /// Searches. `attributes` empty: none are asked for.
    pub(crate) fn search(&self, base: &str, scope: i32, filter: &str, attributes: &[String], size_limit: i32) -> Result<Vec<LdapEntry>, LdapError> {
        let (base, filter) = (c_string(base)?, c_string(filter)?);
        let attributes = attributes.iter().map(|a| c_string(a)).collect::<Result<Vec<_>, _>>()?;
        let none = [NO_ATTRIBUTES.as_ptr(), ptr::null()];
        let wanted: Vec<_> = attributes.iter().map(|a| a.as_ptr()).chain([ptr::null()]).collect();
        let wanted = if attributes.is_empty() { none.as_ptr() } else { wanted.as_ptr() };
        let limit = timeval(self.limit);
        let mut id = 0;
        // SAFETY: all texts live through the call, the list ends with NULL.
        let status = unsafe {
            let no = ptr::null_mut();
            (self.library.ldap_search_ext)(self.handle, base.as_ptr(), scope, filter.as_ptr(), wanted, 0, no, no, &limit, size_limit, &mut id)
        };
        self.checked(status)?;
        let result = self.wait(id)?;
        // SAFETY: a live result; its entries are read before it is freed.
        let entries = unsafe { self.entries(result) };
        self.finish(result).map(|()| entries)
    }

    /// Waits for all of an answer.
    fn wait(&self, id: c_int) -> Result<*mut c_void, LdapError> {
        let limit = timeval(self.limit);
        let mut result = ptr::null_mut();
        // SAFETY: the message id is of this handle.
        unsafe {
            match (self.library.ldap_result)(self.handle, id, MSG_ALL, &limit, &mut result) {
                -1 => Err(self.last_error()),
                0 => {
                    (self.library.ldap_abandon_ext)(self.handle, id, ptr::null_mut(), ptr::null_mut());
                    Err(named(self.library, TIMEOUT))
                }
                _ => Ok(result),
            }
        }
    }

    /// The outcome of an answer, which is freed.
    fn finish(&self, result: *mut c_void) -> Result<(), LdapError> {
        let (mut code, mut detail) = (SUCCESS, ptr::null_mut());
        // SAFETY: the result is live and not used again; the text is freed once.
        unsafe {
            let no = ptr::null_mut();
            let status = (self.library.ldap_parse_result)(self.handle, result, &mut code, ptr::null_mut(), &mut detail, no, no, 1);
            let text = text_of(detail);
            if !detail.is_null() {
                (self.library.ldap_memfree)(detail);
            }
            let code = if status == SUCCESS { code } else { status };
            if code == SUCCESS { Ok(()) } else { Err(LdapError { detail: text, ..named(self.library, code) }) }
        }
    }

    /// # Safety
    /// A live result of a search.
    unsafe fn entries(&self, result: *mut c_void) -> Vec<LdapEntry> {
        let (library, handle) = (self.library, self.handle);
        let mut out = Vec::new();
        // SAFETY: entries belong to the result, names and values are freed once.
        unsafe {
            let mut entry = (library.ldap_first_entry)(handle, result);
            while !entry.is_null() {
                let mut attributes = Vec::new();
                let mut place = ptr::null_mut();
                let mut name = (library.ldap_first_attribute)(handle, entry, &mut place);
                while !name.is_null() {
                    let values = (library.ldap_get_values_len)(handle, entry, name);
                    attributes.push((text_of(name), values_of(values)));
                    if !values.is_null() {
                        (library.ldap_value_free_len)(values);
                    }
                    (library.ldap_memfree)(name);
                    name = (library.ldap_next_attribute)(handle, entry, place);
                }
                if !place.is_null() {
                    (library.ber_free)(place, 0);
                }
                out.push(attributes);
                entry = (library.ldap_next_entry)(handle, entry);
            }
        }
        out
    }

    fn set_int(&self, option: c_int, value: c_int) -> Result<(), LdapError> {
        // SAFETY: these options take a pointer to an int, which is copied.
        let status = unsafe { (self.library.ldap_set_option)(self.handle, option, ptr::from_ref(&value).cast()) };
        self.checked(status)
    }

    fn last_error(&self) -> LdapError {
        let mut code: c_int = OTHER;
        // SAFETY: this option gives an int.
        unsafe { (self.library.ldap_get_option)(self.handle, OPT_RESULT_CODE, ptr::from_mut(&mut code).cast()) };
        named(self.library, code)
    }

    fn checked(&self, status: c_int) -> Result<(), LdapError> {
        if status == SUCCESS { Ok(()) } else { Err(named(self.library, status)) }
    }
}

impl Drop for Ldap {
    fn drop(&mut self) {
        // SAFETY: the last use of the handle.
        unsafe {
            (self.library.ldap_unbind_ext_s)(self.handle, ptr::null_mut(), ptr::null_mut());
        }
    }
}

/// What [`answer_sasl`] may give.
struct SaslTexts {
    realm: CString,
    authorize: CString,
    user: CString,
    password: CString,
}

/// Answers a mechanism's questions.
///
/// # Safety
/// Called by the library with a list of questions that ends with SASL_CB_LIST_END, and our [`SaslTexts`].
unsafe extern "C" fn answer_sasl(_handle: *mut c_void, _flags: c_uint, texts: *mut c_void, questions: *mut c_void) -> c_int {
    // SAFETY: see above; the answers live as long as the texts.
    unsafe {
        let texts = &*texts.cast::<SaslTexts>();
        let mut question = questions.cast::<SaslInteract>();
        while (*question).id != SASL_LIST_END {
            let text = match (*question).id {
                SASL_USER => &texts.authorize,
                SASL_AUTHNAME => &texts.user,
                SASL_PASS => &texts.password,
                SASL_GETREALM => &texts.realm,
                _ => NO_TEXT,
            };
            (*question).result = text.as_ptr().cast();
            (*question).length = c_uint::try_from(text.count_bytes()).unwrap_or(0);
            question = question.add(1);
        }
    }
    SUCCESS
}

/// # Safety
/// NULL, or a list of values that ends with NULL.
unsafe fn values_of(values: *const *const Berval) -> Vec<Result<String, String>> {
    let mut out = Vec::new();
    if values.is_null() {
        return out;
    }
    // SAFETY: the caller's promise; a value has as many bytes as it says.
    unsafe {
        let mut at = values;
        while let Some(value) = (*at).as_ref() {
            out.push(value_of(value.value.cast(), usize::try_from(value.length).unwrap_or(0)));
            at = at.add(1);
        }
    }
    out
}

fn named(library: &LibLdap, code: c_int) -> LdapError {
    // SAFETY: the library has a constant text for every number.
    let text = unsafe { text_of((library.ldap_err2string)(code)) };
    LdapError { code, text, detail: String::new() }
}

fn local(text: String) -> LdapError {
    LdapError { code: OTHER, text, detail: String::new() }
}

fn c_string(text: &str) -> Result<CString, LdapError> {
    CString::new(text).map_err(|_| local("a parameter with NUL".to_owned()))
}

fn timeval(limit: Duration) -> libc::timeval {
    libc::timeval { tv_sec: limit.as_secs().try_into().unwrap_or(libc::time_t::MAX), tv_usec: 0 }
}

/// RFC 4511 4.1.9 and OpenLDAP's own.
const SUCCESS: c_int = 0;
const OTHER: c_int = 80;
const TIMEOUT: c_int = -5;
const MSG_ALL: c_int = 1;
/// RFC 4511 4.5.1.8: no attributes, please.
const NO_ATTRIBUTES: &CStr = c"1.1";
const NO_TEXT: &CStr = c"";
const ON: u8 = 1;
const OPT_DEREF: c_int = 0x0002;
const OPT_SIZELIMIT: c_int = 0x0003;
const OPT_REFERRALS: c_int = 0x0008;
const OPT_PROTOCOL_VERSION: c_int = 0x0011;
const OPT_RESULT_CODE: c_int = 0x0031;
const OPT_DEBUG_LEVEL: c_int = 0x5001;
const OPT_TIMEOUT: c_int = 0x5002;
const OPT_NETWORK_TIMEOUT: c_int = 0x5005;
const OPT_TLS_CACERTFILE: c_int = 0x6002;
const OPT_TLS_CACERTDIR: c_int = 0x6003;
const OPT_TLS_CERTFILE: c_int = 0x6004;
const OPT_TLS_KEYFILE: c_int = 0x6005;
const OPT_TLS_REQUIRE_CERT: c_int = 0x6006;
const OPT_TLS_CIPHER_SUITE: c_int = 0x6008;
const OPT_TLS_RANDOM_FILE: c_int = 0x6009;
const OPT_TLS_NEWCTX: c_int = 0x600f;
const OPT_SASL_SSF_MIN: c_int = 0x6107;
const TLS_NEVER: c_int = 0;
const TLS_DEMAND: c_int = 2;
const SASL_QUIET: c_uint = 2;
const SASL_LIST_END: c_ulong = 0;
const SASL_USER: c_ulong = 0x4001;
const SASL_AUTHNAME: c_ulong = 0x4002;
const SASL_PASS: c_ulong = 0x4004;
const SASL_GETREALM: c_ulong = 0x4008;
