//! A report enters the queue, by way of cleanup(8).

use std::path::Path;

use base::Stamp;
use config::Config;
use ipc::cleanup::{FLAG_FILTER, FLAGS_INTERNAL, Outgoing, SubmitError};
use queue::record::kind;

use super::Failure;

/// The client of cleanup.
pub(crate) struct Submitter {
    cleanup: ipc::cleanup::Submitter,
    flags: u32,
}

impl Submitter {
    pub(crate) fn new(conf: &Config) -> Submitter {
        let filtered = conf.list(params::INTERNAL_MAIL_FILTER_CLASSES).iter().any(|c| c == "bounce");
        let path = Path::new("public").join(conf.get(params::CLEANUP_SERVICE_NAME));
        Submitter { cleanup: ipc::cleanup::Submitter::new(path, conf.get(params::IPC_TIMEOUT)), flags: FLAGS_INTERNAL | if filtered { FLAG_FILTER } else { 0 } }
    }

    /// Sends one report; `write` writes its content for the id and time that it will have. Gives the id.
    pub(crate) fn submit(
        &mut self,
        sender: &str,
        to: &str,
        sendopts: u32,
        write: impl FnOnce(&str, Stamp, &mut Outgoing) -> Result<(), Failure>,
    ) -> Result<String, Failure> {
        let (id, now) = (self.cleanup.id()?, sys::now());
        let mut message = self.cleanup.begin(id.clone(), self.flags, now)?;
        envelope(&mut message, sender, to, now, sendopts)?;
        write(&id, now, &mut message)?;
        message.end_part();
        message.end_part();
        Ok(self.cleanup.finish(message)?.accepted()?)
    }
}

/// The records before the content.
fn envelope(out: &mut Outgoing, sender: &str, to: &str, now: Stamp, sendopts: u32) -> Result<(), SubmitError> {
    out.put_attr("create_time", &now.sec.to_string())?;
    out.put_attr("rewrite_context", "local")?;
    out.put_attr("encoding", "8bit")?;
    if sendopts != 0 {
        out.put_attr("sendopts", &sendopts.to_string())?;
    }
    out.put(kind::SENDER, sender)?;
    out.put(kind::RECIPIENT, to)?;
    out.end_part();
    Ok(())
}
