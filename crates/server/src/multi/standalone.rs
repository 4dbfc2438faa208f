//! One session over standard input and output, for `sendmail -bs`: blocking, without threads.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use ipc::FrameReader;

use super::cx::{Close, Cx, UpstreamWish, Wishes};
use super::upstream::Upstream;
use super::{Multi, Peer, Session};
use crate::error::StartError;

struct Driver<S: Multi> {
    service: S,
    session: S::Session,
    output: Vec<u8>,
    close: Close,
    when_drained: bool,
    deadline: Option<Instant>,
    upstream: Option<UnixStream>,
}

/// Without input for so long (and no deadline of the session's own) the session ends.
const SILENCE: Duration = Duration::from_secs(3600);

pub(super) fn run<S: Multi>(service: S) -> Result<(), StartError> {
    let session = service.session(Peer::default());
    let mut d = Driver { service, session, output: Vec::new(), close: Close::No, when_drained: false, deadline: None, upstream: None };
    d.tell(|session, service, cx| session.start(service, cx));
    let mut pending: Vec<u8> = Vec::new();
    let mut buffer = vec![0u8; 64 << 10];
    let mut stdin = io::stdin().lock();
    while d.close == Close::No {
        if d.speak().is_err() {
            break;
        }
        let limit = d.deadline.map_or(SILENCE, |when| when.saturating_duration_since(Instant::now()));
        match sys::poll_readable(&[std::os::fd::AsFd::as_fd(&stdin)], Some(limit)) {
            Ok(None) => {
                d.deadline = None;
                d.tell(|session, service, cx| session.deadline(service, cx));
                continue;
            }
            Ok(Some(_)) => {}
            Err(e) => return Err(StartError::new(format!("standard input: {e}"))),
        }
        let n = stdin.read(&mut buffer).unwrap_or(0);
        if n == 0 {
            d.tell(|session, service, cx| {
                session.eof(service, cx);
                cx.close();
            });
            break;
        }
        pending.extend_from_slice(&buffer[..n]);
        d.hear(&mut pending);
    }
    let _ = d.speak();
    d.session.closed(&d.service);
    d.service.finish();
    Ok(())
}

impl<S: Multi> Driver<S> {
    fn hear(&mut self, pending: &mut Vec<u8>) {
        while !pending.is_empty() && self.close == Close::No && self.session.wants_input() {
            let input = std::mem::take(pending);
            let mut used = 0;
            self.tell(|session, service, cx| used = session.bytes(service, cx, &input));
            *pending = input.get(used..).unwrap_or(&[]).to_vec();
            if used == 0 {
                break;
            }
        }
    }

    /// Writes all, and what the session has to say after that.
    fn speak(&mut self) -> io::Result<()> {
        self.write_out()?;
        while std::mem::take(&mut self.when_drained) {
            self.tell(|session, service, cx| session.drained(service, cx));
            self.write_out()?;
        }
        Ok(())
    }

    fn write_out(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.output);
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()
    }

    fn tell(&mut self, event: impl FnOnce(&mut S::Session, &S, &mut Cx<'_, S>)) {
        let mut wishes = Wishes::default();
        event(
            &mut self.session,
            &self.service,
            &mut Cx { id: 0, wakes: None, now: Instant::now(), waiting: &[], output: &mut self.output, wishes: &mut wishes },
        );
        self.carry_out(wishes);
    }

    /// Not generic: what it brings about may call [`Driver::tell`] again.
    fn carry_out(&mut self, wishes: Wishes<S>) {
        self.close = self.close.max(wishes.close);
        self.when_drained |= wishes.when_drained;
        if let Some(deadline) = wishes.deadline {
            self.deadline = deadline;
        }
        for wish in wishes.upstream {
            match wish {
                UpstreamWish::Cancel => self.upstream = None,
                UpstreamWish::Send { to, bytes, last } => {
                    if let Some(reply) = self.exchange(&to, &bytes, last) {
                        let reply = reply.as_ref().map(Vec::as_slice).map_err(|e| io::Error::new(e.kind(), e.to_string()));
                        self.tell(|session, service, cx| session.upstream(service, cx, reply));
                    }
                }
            }
        }
        for question in wishes.names {
            let answer = self.service.resolver().map_or_else(|| dns::Answer::failure(&question.name), |resolver| resolver.ask(question.clone()));
            self.tell(|session, service, cx| session.resolved(service, cx, &question, &answer));
        }
        if let Some(question) = wishes.question {
            let answer = self.service.decide(question);
            self.tell(|session, service, cx| session.answer(service, cx, answer));
        }
    }

    /// Sends; after the last piece the reply, before it only a failure.
    fn exchange(&mut self, to: &Upstream, bytes: &[u8], last: bool) -> Option<io::Result<Vec<u8>>> {
        let result = self.try_exchange(to, bytes, last);
        if result.is_err() || last {
            self.upstream = None;
        }
        result.transpose()
    }

    fn try_exchange(&mut self, to: &Upstream, bytes: &[u8], last: bool) -> io::Result<Option<Vec<u8>>> {
        if self.upstream.is_none() {
            self.upstream = Some(UnixStream::connect(to.path())?);
        }
        let Some(stream) = self.upstream.as_mut() else { return Ok(None) };
        stream.write_all(bytes)?;
        if !last {
            return Ok(None);
        }
        let mut reader = FrameReader::new();
        loop {
            let fault = |e: ipc::FrameError| io::Error::other(e.to_string());
            if let Some(payload) = reader.take_payload().map_err(fault)? {
                return Ok(Some(payload));
            }
            reader.fill(stream).map_err(fault)?;
        }
    }
}
