//! postkick(1): sends a request to a service of the mail system.

use std::path::Path;
use std::process::ExitCode;

use base::getopt::{CONFIG_DIR, Opt, VERBOSE};

use crate::queue_tool::{configuration, enter_queue, kick, options_or_usage, start_log, usage_error};

const PROGRAM: &str = "postkick";
const USAGE: &str = "postkick [-c config_dir] [-v] class service request";

/// The options.
pub const OPTIONS: &[Opt] = &[CONFIG_DIR, VERBOSE];

/// The program.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    let options = options_or_usage(PROGRAM, OPTIONS, USAGE, 1);
    let [class, service, request] = options.rest.as_slice() else { usage_error(USAGE, 1) };
    maillog::set_verbosity(options.count('v') as u32);
    let conf = configuration(options.value('c'), 1);
    enter_queue(&conf, 1);
    start_log(PROGRAM, Some(&conf));
    let socket = Path::new(class).join(service);
    if kick(&socket, request.as_bytes(), conf.get(params::APPLICATION_EVENT_DRAIN_TIME)).is_ok() {
        return ExitCode::SUCCESS;
    }
    maillog::warning!("Cannot contact class {class} service {service} - perhaps the mail system is down");
    ExitCode::FAILURE
}
