use std::os::unix::net::UnixStream;
use std::sync::Arc;

use config::Config;
use delivery::{Services, StatusFilter};
use dns::Resolver;
use server::{Boot, Promise, Rights, Service, Single, StartError};
use table::{Flags, Maps};

use crate::agent::Agent;
use crate::flags::DeliveryFlags;
use crate::policy::Policy;
use crate::settings::Settings;
use crate::tables::Tables;

/// smtp(8) and lmtp(8): one program under two names.
pub struct Program<const LMTP: bool>(Agent);

impl<const LMTP: bool> Service for Program<LMTP> {
    const PROGRAM: &'static str = if LMTP { "lmtp" } else { "smtp" };
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let flags = DeliveryFlags::parse(&boot.args).map_err(StartError::new)?;
        let settings = Settings { flags, ..Settings::read(&boot.conf, LMTP).map_err(StartError::new)? };
        let tables = Tables::open(&boot.conf, LMTP);
        sys::set_tcp_window(boot.conf.get(params::TCP_WINDOWSIZE));
        let policy = Policy::read(&boot.conf, Self::PROGRAM);
        let mut resolver = Resolver::open(&boot.conf).map_err(StartError::new)?;
        resolver.set_filter(tables.answers());
        let filter = status_filter(&boot.conf, Self::PROGRAM);
        let services = Services::new(delivery::Settings { filter, ..delivery::Settings::read(&boot.conf) });
        if LMTP && settings.assume_final {
            maillog::warning!("lmtp_assume_final is obsolete; instead, specify \"flags=X\" in master.cf");
        }
        Ok(Program(Agent::new(boot.service.clone(), settings, tables, policy, resolver, services, boot.conf.get(params::MAX_IDLE))))
    }
}

impl<const LMTP: bool> Single for Program<LMTP> {
    fn serve(&mut self, client: UnixStream) {
        self.0.serve(client);
    }
}

/// `smtp_delivery_status_filter` or its twin.
fn status_filter(conf: &Config, prefix: &str) -> Option<StatusFilter> {
    let name = format!("{prefix}_delivery_status_filter");
    let spec = conf.lookup(&name).unwrap_or_default();
    let maps = Maps::open(&name, &spec, conf, Flags::DEFAULT);
    (!maps.is_empty()).then(|| StatusFilter { name, find: Arc::new(move |text| maps.find(text).map_err(|e| e.to_string())) })
}
