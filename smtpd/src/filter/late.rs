//! A message whose filter hears of it only when all of it is here (`smtpd_proxy_options = speed_adjust`).

use std::fs::{File, OpenOptions, remove_file};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicU32, Ordering};

use base::Line;
use queue::RESERVED;
use smtp_proto::Reply;
use smtp_proto::client::Command;

use super::talk::{Talk, Trouble};
use super::{Filtered, Hello, Link, ProxyFilter, Step};
use crate::refusal::Refusal;

/// What the filter will hear.
#[derive(Debug)]
pub(crate) struct Late {
    hello: Hello,
    recipients: Vec<Line<'static>>,
    /// Content that memory is not for. The file has no name any more.
    spool: Option<File>,
}

impl Late {
    pub(crate) fn new(hello: Hello) -> Late {
        Late { hello, recipients: Vec::new(), spool: None }
    }

    /// Takes a step; all but the last are only kept in mind.
    pub(crate) fn take(mut self, filter: &ProxyFilter, step: Step) -> Filtered {
        let kept = match step {
            Step::Rcpt(command) => {
                self.recipients.push(command);
                Ok(())
            }
            Step::Content(bytes) => self.keep(&bytes),
            Step::End(rest) => return Filtered { link: None, outcome: self.tell(filter, &rest).map(Some).map_err(Trouble::into) },
            Step::Open(_) | Step::Data => Ok(()),
        };
        match kept {
            Ok(()) => Filtered { link: Some(Box::new(Link::Late(self))), outcome: Ok(None) },
            Err(e) => {
                maillog::warning!("{RESERVED}: cannot keep a message for the proxy filter: {}", sys::strerror(&e));
                Filtered { link: None, outcome: Err(Refusal::write_error()) }
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.spool {
            Some(file) => file,
            none => none.insert(nameless()?),
        };
        file.write_all(bytes)
    }

    /// The whole conversation. A recipient that the filter does not want refuses the message for all.
    fn tell(&mut self, filter: &ProxyFilter, rest: &[u8]) -> Result<Reply, Trouble> {
        let mut talk = Talk::open(filter, &self.hello)?;
        for recipient in &self.recipients {
            talk.command(Command::line(recipient), 2)?;
        }
        talk.begin_content()?;
        if let Some(file) = &mut self.spool {
            let unreadable = |e: io::Error| {
                maillog::warning!("{RESERVED}: cannot read a message for the proxy filter: {}", sys::strerror(&e));
                Trouble::Broken
            };
            file.rewind().map_err(unreadable)?;
            let mut block = vec![0; BLOCK];
            loop {
                let n = file.read(&mut block).map_err(unreadable)?;
                match block.get(..n) {
                    Some(piece) if n > 0 => talk.content(piece)?,
                    _ => break,
                }
            }
        }
        talk.content(rest)?;
        talk.end()
    }
}

/// A new file that nobody else finds.
fn nameless() -> io::Result<File> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("{RESERVED}/smtpd.{}.{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    // One that a process of the same id has left behind.
    let _ = remove_file(&name);
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&name)?;
    remove_file(&name)?;
    Ok(file)
}

const BLOCK: usize = 64 << 10;
