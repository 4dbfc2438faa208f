//! spawn(8): a command for each connection.

mod options;

use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use server::{Boot, Rights, Service, Single, StartError};
use sys::{Exit, Spawn};

use crate::command;
use options::Options;

/// The service.
pub struct Spawner {
    options: Options,
    limit: Duration,
    environment: Vec<(String, String)>,
}

impl Service for Spawner {
    const PROGRAM: &'static str = "spawn";
    const RIGHTS: Rights = Rights::Root;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        conf.check_service(&boot.service, &["_time_limit"]).map_err(|e| StartError::new(e.to_string()))?;
        let accounts = sys::is_root().then(|| conf.accounts()).transpose().map_err(|e| StartError::new(e.to_string()))?;
        Ok(Spawner {
            options: Options::parse(&boot.args, accounts.as_ref()).map_err(StartError::new)?,
            limit: conf.service_time(&boot.service, "_time_limit"),
            environment: command::exported(conf),
        })
    }
}

impl Single for Spawner {
    fn serve(&mut self, client: UnixStream) {
        let program = &self.options.program;
        match self.run(&client) {
            Ok(None | Some(Exit::Status(0))) => {}
            Ok(Some(Exit::Status(code))) => maillog::warning!("command {program} exit status {code}"),
            Ok(Some(Exit::Signal(number))) => maillog::warning!("command {program} killed by signal {number}"),
            Err(e) => maillog::warning!("cannot start a command: spawn: execvp {program}: {}", sys::strerror(&e)),
        }
    }
}

impl Spawner {
    /// How the command ended; `None` when its time was over.
    fn run(&self, client: &UnixStream) -> std::io::Result<Option<Exit>> {
        let o = &self.options;
        let mut spawn = Spawn::new(command::search(&o.program, None, &self.environment), &o.program).args(&o.args).session().umask(0o077);
        for number in 0..3 {
            spawn = spawn.fd(client.as_fd(), number);
        }
        for (name, value) in &self.environment {
            spawn = spawn.env(name, value);
        }
        if sys::is_root() {
            spawn = spawn.identity(o.uid, o.gid, None);
        }
        let child = spawn.start()?;
        if let Some(exit) = sys::wait_within(child, self.limit)? {
            return Ok(Some(exit));
        }
        maillog::warning!("{}: process id {}: command time limit exceeded", o.program, child.pid);
        let _ = sys::kill(-child.pid, 9);
        sys::wait_for(child).map(|_| None)
    }
}
