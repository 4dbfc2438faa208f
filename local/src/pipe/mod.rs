//! pipe(8): delivery to an outside command.

mod macros;
mod options;

use std::os::unix::net::UnixStream;
use std::time::Duration;

use base::Dsn;
use config::{Accounts, Config, Reserved};
use delivery::{Message, Reporter, Services};
use ipc::delivery::{Reply, Request};
use queue::Recipient;
use server::{Boot, Rights, Service, Single, StartError, serve_requests};

use crate::command::{self, Identity, Job};
use crate::destination::{self, IDLE, Prelude};

pub use options::Options;

/// The service.
pub struct Pipe {
    services: Services,
    options: Options,
    service: String,
    delimiters: String,
    limit: Duration,
    environment: Vec<(String, String)>,
    identity: Option<Identity>,
    header_limit: usize,
    fault: Option<String>,
}

impl Service for Pipe {
    const PROGRAM: &'static str = "pipe";
    const RIGHTS: Rights = Rights::Root;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let options = Options::parse(&boot.args).map_err(|e| StartError::new(format!("service {}: {e}", boot.service)))?;
        conf.check_service(&boot.service, &["_time_limit"]).map_err(|e| StartError::new(e.to_string()))?;
        let identity = identity(conf, &options)?;
        Ok(Pipe {
            services: Services::new(destination::reporting(conf, params::PIPE_DELIVERY_STATUS_FILTER)),
            service: boot.service.clone(),
            delimiters: conf.get(params::RECIPIENT_DELIMITER),
            limit: conf.service_time(&boot.service, "_time_limit"),
            environment: command::exported(conf),
            identity,
            header_limit: conf.get(params::HEADER_SIZE_LIMIT),
            fault: fault(boot, &options),
            options,
        })
    }
}

impl Single for Pipe {
    fn serve(&mut self, mut client: UnixStream) {
        serve_requests(&mut client, IDLE, |request: Request, _, _| Some(self.deliver(&request)));
    }
}

impl Pipe {
    fn deliver(&mut self, request: &Request) -> Reply {
        let message = match Message::of(request) {
            Ok(message) => message,
            Err(reply) => return reply,
        };
        let (loops, rest): (Vec<&Recipient>, Vec<&Recipient>) = request.recipients.iter().partition(|r| self.loops(&message, r));
        let rest: Vec<Recipient> = rest.into_iter().cloned().collect();
        let outcome = if rest.is_empty() { Ok(Dsn::new("2.0.0", "")) } else { self.run(request, &message, &rest) };
        let mut report = Reporter::new(&mut self.services, request, Some(&message));
        for r in loops {
            report.failed(r, &self.service, Dsn::new("5.4.6", format!("mail forwarding loop for {}", r.address)));
        }
        for r in &rest {
            match &outcome {
                Ok(dsn) => report.sent(r, &self.service, dsn.clone()),
                Err(dsn) => report.failed(r, &self.service, dsn.clone()),
            };
        }
        report.finish()
    }

    /// Flag `D` adds Delivered-To, and then believes it.
    fn loops(&self, message: &Message, recipient: &Recipient) -> bool {
        self.options.has('D') && message.was_delivered_to(&delivery::external(&recipient.address), self.header_limit).unwrap_or(false)
    }

    /// Headers in front of a message that name its recipient have room for one.
    fn one_too_many(&self, recipients: &[Recipient]) -> Option<String> {
        let flag = ['D', 'O'].into_iter().find(|f| recipients.len() > 1 && self.options.has(*f))?;
        Some(format!("pipe flag `{flag}' requires {}_destination_recipient_limit = 1", self.service))
    }

    fn run(&self, request: &Request, message: &Message, recipients: &[Recipient]) -> Result<Dsn, Dsn> {
        let o = &self.options;
        if let Some(fault) = self.fault.clone().or_else(|| self.one_too_many(recipients)) {
            maillog::warning!("{fault}");
            return Err(Dsn::new("4.3.5", "mail system configuration error"));
        }
        if o.size > 0 && request.content_size > o.size {
            return Err(Dsn::new("5.2.3", "message too large"));
        }
        if request.flags & (ipc::delivery::FLAG_VERIFY | ipc::delivery::FLAG_PROBE) != 0 {
            return Ok(Dsn::new("2.0.0", format!("delivers to command: {}", o.argv.first().map_or("", String::as_str))));
        }
        let argv = macros::argv(o, request, recipients, &self.delimiters, request.content_size);
        let title = argv.first().cloned().unwrap_or_default();
        let job = Job {
            argv,
            environment: self.environment.clone(),
            identity: self.identity.clone(),
            root: o.chroot.clone(),
            directory: o.directory.clone(),
            limit: self.limit,
            title,
            complaint: "pipe: fatal: pipe_command: execvp",
        };
        let sender = if request.sender.is_empty() { &o.null_sender } else { &request.sender };
        let sender = delivery::external(sender).into_owned();
        let first = recipients.first();
        let to = first.map(|r| delivery::external(&r.address).into_owned()).unwrap_or_default();
        let original = first.filter(|r| !r.original.is_empty()).map(|r| delivery::external(&r.original).into_owned());
        let prelude =
            Prelude { sender: &sender, original_to: original.as_deref().or(Some(&to)).filter(|_| o.has('O')), delivered_to: o.has('D').then_some(to.as_str()) };
        let mut format = destination::format(prelude);
        if !o.has('R') {
            format.return_path = None;
        }
        if o.has('F') {
            format.from_line = Some((&sender, sys::now()));
        }
        format.quote_from = o.has('>');
        format.quote_dot = o.has('.');
        format.blank_line = o.has('B');
        format.eol = &o.eol;
        let output = command::run(&job, message, &format)?;
        let said = if output.is_empty() { String::new() } else { format!(" ({output})") };
        let mut dsn = Dsn::new("2.0.0", format!("delivered via {} service{said}", self.service));
        if !o.has('X') {
            dsn.action = "relayed".into();
        }
        Ok(dsn)
    }
}

/// What is wrong with the service but may wait for the admin: its mail stays in the queue meanwhile.
fn fault(boot: &Boot, options: &Options) -> Option<String> {
    let (service, name) = (&boot.service, macros::unknown(options)?);
    Some(format!("file {}/master.cf: service {service}: unknown macro name: \"{name}\"", boot.conf.dir().display()))
}

/// As whom the command runs. Without root there is nobody else to become.
fn identity(conf: &Config, options: &Options) -> Result<Option<Identity>, StartError> {
    if !sys::is_root() {
        return Ok(None);
    }
    let accounts = conf.accounts().map_err(|e| StartError::new(e.to_string()))?;
    let name = &options.user;
    let account = sys::user_by_name(name).map_err(|e| StartError::new(format!("user={name}: {e}")))?;
    let account = account.ok_or_else(|| StartError::new(format!("get_service_attr: unknown username: {name}")))?;
    let gid = match &options.group {
        None => account.gid,
        Some(g) => sys::group_id(g).ok().flatten().ok_or_else(|| StartError::new(format!("get_service_attr: unknown group: {g}")))?,
    };
    match accounts.reserved(account.uid, gid) {
        Some(reserved) => Err(StartError::new(format!("user= command-line attribute specifies {}", rights(reserved, &accounts)))),
        None => Ok(Some(Identity { uid: account.uid, gid, groups_of: options.group.is_none().then_some(account.name) })),
    }
}

/// Postfix's words for what nobody gets.
fn rights(reserved: Reserved, accounts: &Accounts) -> String {
    let (owner, group) = (&accounts.owner, &accounts.setgid);
    match reserved {
        Reserved::Root => "root privileges".to_owned(),
        Reserved::Owner => format!("mail system owner {}", owner.name),
        Reserved::RootGroup => "privileged group id 0".to_owned(),
        Reserved::OwnerGroup => format!("mail system owner {} group id {}", owner.name, owner.gid),
        Reserved::SetgidGroup => format!("mail system {} group id {}", group.name, group.gid),
    }
}
